"""Starts the service: its command (`serving.supervising`), its environment, and a child process that ends when asked.

BentoML's own folder lies under `POINTSMAN_HOME`, one a port, because two servers with one folder wipe each other's
files. Knows nothing of what the service does.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any, Final, NoReturn
from urllib.error import URLError
from urllib.request import urlopen

import serving
from desk.errors import PointsmanError, SettingError
from journal.environment import Environment

__all__ = ["address_of", "check_port", "exec_service", "running_service", "serve_command", "serve_variables"]

SERVICE: Final = "serving.service:Pointsman"
CODE: Final = Path(serving.__file__).parent.parent
SECONDS_TO_END: Final = 20
"""Grace for requests under way at SIGTERM; BentoML's own default is a day."""
SECONDS_TO_START: Final = 60


def serve_command(environment: Environment) -> list[str]:
    """The command that serves, to be run with `serve_variables`. BentoML itself writes only errors."""
    return [
        sys.executable,
        "-P",
        str(CODE / "serving" / "supervising.py"),
        "serve",
        SERVICE,
        "--quiet",
        "--working-dir",
        str(CODE),
        "--host",
        environment.host,
        "--port",
        str(environment.port),
        "--timeout-graceful-shutdown",
        str(SECONDS_TO_END),
    ]


def serve_variables(environment: Environment, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that the command needs, on top of those given (the process's own unless given).

    BentoML reports nothing to its makers, and starts as many processes as asked for.
    """
    return {
        **(os.environ if variables is None else variables),
        "POINTSMAN_HOME": str(environment.home),
        "POINTSMAN_PORT": str(environment.port),
        "POINTSMAN_DATABASE_URL": environment.database_url,
        "POINTSMAN_MLFLOW_URI": environment.mlflow_uri,
        "POINTSMAN_HOST": environment.host,
        "POINTSMAN_WORKERS": str(environment.workers),
        "POINTSMAN_KEYS": "required" if environment.are_keys_required else "off",
        "POINTSMAN_TENANT": environment.tenant,
        **({} if environment.secret is None else {"POINTSMAN_SECRET": environment.secret}),
        "BENTOML_HOME": str(environment.home / "bentoml" / str(environment.port)),
        "BENTOML_DO_NOT_TRACK": "true",
        "BENTOML_CONFIG_OVERRIDES": json.dumps({"services": {"pointsman": {"workers": environment.workers}}}),
        "PYTHONUNBUFFERED": "1",
        # Each thread with a heap of its own would keep what it once needed.
        "MALLOC_ARENA_MAX": "2",
        # What is large goes back to the system at once, instead of leaving holes among what stays.
        "MALLOC_MMAP_THRESHOLD_": "262144",
    }


def exec_service(environment: Environment) -> NoReturn:
    """Become the service: this process is replaced, so Ctrl-C and SIGTERM reach BentoML as they are.

    Raises `SettingError` where the port cannot be listened on.
    """
    check_port(environment)
    _make_folders(environment)
    command = serve_command(environment)
    os.execve(command[0], command, serve_variables(environment))  # noqa: S606 - no shell is wanted


@contextmanager
def running_service(environment: Environment, output: IO[Any] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The service as a child process that answers by the time the block begins and has ended when it is left.

    `output` takes what the service writes (this process's own unless given). Raises `SettingError` where the port
    cannot be listened on, `PointsmanError` where the service ends before it answers or does not within a minute.
    """
    check_port(environment)
    _make_folders(environment)
    # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the child in order.
    child = subprocess.Popen(  # noqa: S603 - our own command, no shell
        serve_command(environment),
        env=serve_variables(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        start_new_session=True,
    )
    try:
        _wait_until_it_answers(child, address_of(environment))
        yield child
    finally:
        _end(child)


def address_of(environment: Environment) -> str:
    """Where to reach the service from this machine, such as `http://127.0.0.1:3000`."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what an operator may have set
    host = everywhere.get(environment.host, environment.host)
    return f"http://[{host}]:{environment.port}" if ":" in host else f"http://{host}:{environment.port}"


def check_port(environment: Environment) -> None:
    """Raises `SettingError` where the port cannot be listened on: taken, not ours, or the host is no address here."""
    try:
        family = socket.AF_INET6 if ip_address(environment.host).version == 6 else socket.AF_INET
    except ValueError:
        raise SettingError(
            f"POINTSMAN_HOST must be an IP address such as 127.0.0.1 or 0.0.0.0, not {environment.host!r}."
        ) from None
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((environment.host, environment.port))
        except OSError as error:
            raise SettingError(
                f"The service cannot listen on {environment.host!r}, port {environment.port}: {error.strerror}. "
                "Set POINTSMAN_HOST and POINTSMAN_PORT."
            ) from None


def _make_folders(environment: Environment) -> None:
    (environment.home / "bentoml" / str(environment.port)).mkdir(parents=True, exist_ok=True)
    # What is counted begins anew with the service; nobody else listens on this port.
    shutil.rmtree(environment.metrics, ignore_errors=True)


def _wait_until_it_answers(child: subprocess.Popen[bytes], address: str) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < give_up:
        if child.poll() is not None:
            raise PointsmanError(
                f"The service ended with {child.returncode} before it answered; it should answer at "
                f"{address}. What it wrote says why."
            )
        try:
            with urlopen(f"{address}/livez", timeout=2):  # noqa: S310 - our own address
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise PointsmanError(f"The service did not answer at {address} within {SECONDS_TO_START} seconds.")


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(timeout=SECONDS_TO_END + 5)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
