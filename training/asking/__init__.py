"""Which answers people should be asked about: what an answer would teach, what is new, and what is drawn by chance."""
