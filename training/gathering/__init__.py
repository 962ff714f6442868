"""Rows to learn from: the history that was given, and what the journal knows beside it."""
