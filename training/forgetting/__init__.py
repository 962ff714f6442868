"""Erases a person from files on this machine and from MLflow, for the command line and for the service."""
