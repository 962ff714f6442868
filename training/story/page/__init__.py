"""The story as one page: HTML with its style and its pictures in it, and nothing loaded from elsewhere."""
