"""The command that serves: where it keeps its things, what it is told, and a port that is taken."""

import json
import socket
from itertools import pairwise
from pathlib import Path

import pytest

from desk.errors import SettingError
from journal.environment import read_environment
from serving.launch import address_of, check_port, serve_command, serve_variables


def test_bentoml_keeps_its_things_under_our_home_and_reports_to_nobody(tmp_path: Path) -> None:
    environment = read_environment(
        {"POINTSMAN_HOME": str(tmp_path), "POINTSMAN_PORT": "3111", "POINTSMAN_WORKERS": "3"}
    )
    variables = serve_variables(environment, {"PATH": "/bin", "BENTOML_HOME": "/elsewhere"})
    assert variables["PATH"] == "/bin"
    assert variables["BENTOML_HOME"] == str(tmp_path / "bentoml" / "3111")
    assert variables["BENTOML_DO_NOT_TRACK"] == "true"
    assert json.loads(variables["BENTOML_CONFIG_OVERRIDES"]) == {"services": {"pointsman": {"workers": 3}}}
    assert variables["POINTSMAN_HOME"] == str(tmp_path)


def test_the_command_names_host_port_and_a_bounded_grace() -> None:
    command = serve_command(read_environment({"POINTSMAN_HOST": "0.0.0.0", "POINTSMAN_PORT": "3111"}))
    pairs = dict(pairwise(command))
    assert (pairs["--host"], pairs["--port"], pairs["--timeout-graceful-shutdown"]) == ("0.0.0.0", "3111", "20")


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:3000"), ("0.0.0.0", "http://127.0.0.1:3000"), ("::", "http://[::1]:3000")],
)
def test_the_service_is_reached_by_an_address_of_this_machine(host: str, address: str) -> None:
    assert address_of(read_environment({"POINTSMAN_HOST": host})) == address


def test_a_port_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=f"port {port}.*POINTSMAN_PORT"):
            check_port(read_environment({"POINTSMAN_PORT": str(port)}))


@pytest.mark.parametrize("host", ["localhost", "desk.example", "127.0.0.1:3000", "1.2.3", "192.0.2.1"])
def test_a_host_that_is_no_address_of_this_machine_is_said(host: str) -> None:
    with pytest.raises(SettingError, match="POINTSMAN_HOST"):
        check_port(read_environment({"POINTSMAN_HOST": host}))
