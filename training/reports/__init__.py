"""Verdicts and outcomes in files: read row by row, so that one that cannot be used stops no other."""
