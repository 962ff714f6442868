"""Tickets to numbers: what was known at that moment, never later."""
