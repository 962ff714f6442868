"""A service that can be broken: started, killed in part or whole, started again on the same home.

Knows nothing of the traffic that it bears meanwhile.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import pytest

from desk.errors import SettingError
from journal.environment import Environment
from serving.launch import address_of, check_port, running_service
from tests.integration.serving.traffic import until

__all__ = ["Service"]


@dataclass(slots=True)
class Service:
    """`bentoml serve` over a home; whatever is left of it is ended at the end of the block.

    variables: what its environment has besides this process's own. output: the file with all it wrote.
    """

    environment: Environment
    output: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    _child: subprocess.Popen[bytes] | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        left = self.processes() if self._child is not None else []
        self._stack.close()
        kill(left)

    @property
    def child(self) -> subprocess.Popen[bytes]:
        assert self._child is not None
        return self._child

    def start(self) -> None:
        """Start it, and wait until all its processes answer."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {"POINTSMAN_KEYS": "off", **self.variables}.items():
                patch.setenv(name, value)
            file = self._stack.enter_context(self.output.open("ab"))
            self._child = self._stack.enter_context(running_service(self.environment, file))
        until(lambda: len(self.workers()) == self.environment.workers)

    def processes(self) -> list[psutil.Process]:
        """The parent and all that it started, the parent first; also those that have lost it."""
        mark = f"BENTOML_HOME={self.environment.home / 'bentoml' / str(self.environment.port)}\0"
        return [one for one in psutil.process_iter() if _is_marked(one, mark)]

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        return [one for one in self.processes() if "_bentoml_impl.worker.service" in _command(one)]

    def kill(self) -> None:
        """Kill -9 of every process at once, and wait until they are gone."""
        kill(self.processes())
        self._stack.close()
        # The last thread of a process lets go of its sockets a moment after the process is counted as dead.
        until(self._is_port_free, 10)

    def _is_port_free(self) -> bool:
        try:
            check_port(self.environment)
        except SettingError:
            return False
        return True

    def terminate(self) -> int:
        """SIGTERM as a service manager sends it, and the exit code."""
        self.child.send_signal(signal.SIGTERM)
        code = self.child.wait(timeout=40)
        self._stack.close()
        return code

    def events(self, event: str) -> list[dict[str, Any]]:
        """What was logged of one kind; the log is written four times a second."""
        found = [json.loads(line) for line in self.output.read_text().splitlines() if line.startswith("{")]
        return [line for line in found if line["event"] == event]

    def model(self) -> dict[str, Any]:
        """What `/v1/model` says, of one of the processes."""
        answer: dict[str, Any] = httpx.get(f"{address_of(self.environment)}/v1/model", timeout=20).json()
        return answer


def kill(processes: list[psutil.Process]) -> None:
    """Kill -9 of those that are still there, and wait until they are gone."""
    for one in processes:
        try:
            os.kill(one.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    gone = time.monotonic() + 10
    while any(_is_alive(one) for one in processes) and time.monotonic() < gone:
        time.sleep(0.002)


def _is_alive(process: psutil.Process) -> bool:
    try:
        # A zombie whose threads have not all ended still holds its sockets.
        return process.status() != psutil.STATUS_ZOMBIE or len(list(Path(f"/proc/{process.pid}/task").iterdir())) > 1
    except (psutil.NoSuchProcess, OSError):
        return False


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return mark.encode() in Path(f"/proc/{process.pid}/environ").read_bytes()
    except OSError:
        return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
