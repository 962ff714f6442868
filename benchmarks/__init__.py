"""Speed and quality beside what one would use otherwise: one command each, printed, never asserted."""
