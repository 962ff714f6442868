"""History to a new version: read, checked, split, learned, judged, registered."""
