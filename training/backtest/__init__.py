"""What a version would have answered, or answers, to many tickets at once, without the service."""
