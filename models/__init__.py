"""What is learned: heads, calibration, the version on disk, and scoring."""
