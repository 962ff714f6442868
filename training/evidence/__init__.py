"""What a version is worth: figures, baselines, pictures."""
