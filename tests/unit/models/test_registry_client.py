"""Reaching MLflow: addresses that are refused, settings that are kept, servers that are dead."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.errors import PointsmanError, RegistryError, SettingError, UnknownVersionError
from models.registry import fetch, versions
from models.registry_client import MLFLOW_SETTINGS, answering, is_absent, is_remote, open_client, shown


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes a connection and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def dead_server() -> str:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("uri", ["mlruns", "/var/mlruns", "file:///var/mlruns", "databricks", ""])
def test_an_address_that_mlflow_cannot_keep_versions_at_is_refused_in_one_line(uri: str) -> None:
    with pytest.raises(SettingError, match="POINTSMAN_MLFLOW_URI") as refused:
        open_client(uri)
    assert "\n" not in str(refused.value)


def test_a_dead_server_is_known_to_be_dead_at_once(dead_server: str) -> None:
    began = time.monotonic()
    with pytest.raises(RegistryError, match=dead_server):
        versions(dead_server)
    assert time.monotonic() - began < 10


def test_a_server_that_never_answers_is_given_up(silent_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    began = time.monotonic()
    with pytest.raises(RegistryError):
        versions(silent_server)
    assert time.monotonic() - began < 10


def test_a_dead_database_server_is_known_to_be_dead_at_once(dead_server: str) -> None:
    uri = dead_server.replace("http://", "postgresql://desk:secret@") + "/mlflow"
    began = time.monotonic()
    with pytest.raises(RegistryError) as refused:
        versions(uri)
    assert time.monotonic() - began < 10
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_an_error_of_one_line(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_text("this is not a database, and long enough to be read as one " * 50)
    with pytest.raises(RegistryError, match="not a database") as refused:
        versions(f"sqlite:///{file}")
    assert "\n" not in str(refused.value)


def test_looking_where_nothing_was_registered_makes_nothing(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'home' / 'mlflow.db'}"
    assert is_absent(uri)
    assert versions(uri) == []
    with pytest.raises(UnknownVersionError, match="'1'"):
        fetch(uri, "1", tmp_path / "version")
    assert not list(tmp_path.iterdir())


def test_a_password_is_never_shown() -> None:
    assert shown("postgresql://desk:secret@db:5432/mlflow") == "postgresql://desk:***@db:5432/mlflow"
    assert shown("sqlite:///var/mlflow.db") == "sqlite:///var/mlflow.db"
    uri = "https://desk:secret@mlflow.example"
    with pytest.raises(RegistryError) as raised, answering(uri, "answer"):
        raise OSError(f"no route to {uri}")
    assert "secret" not in str(raised.value)


def test_our_own_errors_pass_as_they_are() -> None:
    error = UnknownVersionError("there is no version '7'")
    with pytest.raises(PointsmanError) as raised, answering("sqlite:///x", "answer"):
        raise error
    assert raised.value is error


def test_only_servers_keep_artifacts_themselves() -> None:
    assert is_remote("https://mlflow.example")
    assert not is_remote("postgresql://db/mlflow")


def test_what_the_environment_says_wins_and_nothing_is_sent_home() -> None:
    question = (
        "import os; os.environ['MLFLOW_HTTP_REQUEST_TIMEOUT'] = '9'\n"
        "import sys; before = 'mlflow' in sys.modules\n"
        "import models.registry\n"
        "from models.registry_client import open_client; open_client('http://127.0.0.1:9')\n"
        "from mlflow.telemetry import get_telemetry_client\n"
        "print(before, os.environ['MLFLOW_HTTP_REQUEST_TIMEOUT'], get_telemetry_client())"
    )
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", question], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "9", "None"]
    assert MLFLOW_SETTINGS["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
