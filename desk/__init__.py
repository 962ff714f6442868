"""The support desk's own language: tickets, outcomes, predictions and answers.

Pure values and rules. Knows no files, no HTTP, no database and no clock: the time is an argument.
"""
