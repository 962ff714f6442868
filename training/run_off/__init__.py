"""Where only a proof was missing, people are asked about tickets that champion and challenger answer otherwise."""
