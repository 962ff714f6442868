"""A history to a version: split, members, blends."""
