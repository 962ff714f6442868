"""What a training leaves in MLflow: the run, its artifacts, the model card."""
