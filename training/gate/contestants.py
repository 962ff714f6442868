"""Versions by their number, read to be compared. Knows MLflow's registry, not what they are compared on."""

from journal.environment import Environment
from models.registry import fetch
from models.storage import load_version
from training.gate.gate import Contestant

__all__ = ["contestant"]


def contestant(environment: Environment, name: str) -> Contestant:
    """The version of this name, from this machine or the registry. Raises `RegistryError`, `VersionError`."""
    folder = environment.versions / name
    if not folder.is_dir():
        fetch(environment.mlflow_uri, name, folder)
    return Contestant(load_version(folder), folder)
