"""The BentoML service: validate, score, journal, answer."""
