"""What a version would have done by itself on tickets that it never learned from, for the operations lead."""
