"""One file that holds a whole installation, and an installation made of such a file."""
