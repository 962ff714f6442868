"""Meanings learned from a sentence encoder: found, prepared once, and fitted to a desk's own texts."""
