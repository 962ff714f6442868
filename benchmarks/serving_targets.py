"""What is driven beside what: our service, BentoML services that do nothing, MLflow's own. Starts and ends them.

Knows not how they are driven.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import httpx
import psutil

from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from features.wording import wording_of
from journal.environment import Environment
from serving.launch import address_of, running_service

__all__ = ["FLOOR", "MLFLOW", "OURS", "OURS_WITH_ALL", "TUNED", "Started", "Target"]
__all__ += ["batches", "floor", "mlflow_server", "ours", "service"]

ROOT: Final = Path(__file__).resolve().parent.parent

FLOOR: Final = "stock floor"
TUNED: Final = "stock floor at our settings"
OURS: Final = "Pointsman, scored"
OURS_WITH_ALL: Final = "Pointsman, with reasons and 5 similar"
MLFLOW: Final = "mlflow models serve"

A_MINUTE_AND_A_HALF: Final = 90


@dataclass(frozen=True, slots=True)
class Target:
    """A name, an address that takes POST, and bodies that are sent to it in turn."""

    name: str
    address: str
    bodies: Sequence[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """Our service as it was started. ready: seconds until `/readyz` answered 200."""

    process: "subprocess.Popen[bytes]"
    ready: float

    def megabytes(self) -> list[float]:
        """What each worker process holds, its share of what they share counted (PSS)."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        workers = [one for one in children if "_bentoml_impl.worker.service" in one.cmdline()]
        return [one.memory_full_info().pss / 1e6 for one in workers]


def ours(environment: Environment, tickets: Sequence[Ticket], headers: Mapping[str, str]) -> list[Target]:
    """A ticket at a time, plain and with all that can be asked for."""
    address = f"{address_of(environment)}/v1/triage"
    plain = [{"ticket": ticket_json(ticket)} for ticket in tickets]
    return [
        Target(OURS, address, _bodies(plain), headers),
        Target(OURS_WITH_ALL, address, _bodies([{**one, "explain": True, "similar": 5} for one in plain]), headers),
    ]


def batches(environment: Environment, tickets: Sequence[Ticket], size: int, headers: Mapping[str, str]) -> Target:
    """Batches of `size` tickets."""
    found = [ticket_json(ticket) for ticket in tickets]
    parts = [found[start : start + size] for start in range(0, len(found) - size + 1, size)]
    address = f"{address_of(environment)}/v1/triage/batch"
    return Target(f"batches of {size}", address, _bodies([{"tickets": part} for part in parts]), headers)


@contextmanager
def service(environment: Environment) -> Iterator[Started]:
    """Our service, until it is ready; what it writes goes to a file of the home."""
    written = environment.home / "benchmark.log"
    began = time.perf_counter()
    with written.open("wb") as output, running_service(environment, output) as process:
        wait_for(f"{address_of(environment)}/readyz", written, every=0.05)
        yield Started(process, time.perf_counter() - began)


@contextmanager
def floor(environment: Environment, tickets: Sequence[Ticket], port: int, name: str) -> Iterator[Target]:
    """A service that does nothing, given the same bodies."""
    kind = {FLOOR: "StockFloor", TUNED: "TunedFloor"}[name]
    home = environment.home / "bentoml" / str(port)
    home.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "true"}
    bentoml = str(Path(sys.executable).parent / "bentoml")
    command = [bentoml, "serve", f"benchmarks.stock_floor:{kind}", "--working-dir", str(ROOT)]
    # Its defaults include a line a request in the log; a file takes it, as a service manager would.
    with _running([*command, "--port", str(port), "--host", environment.host], variables, home / "floor.log"):
        address = address_of(replace(environment, port=port))
        wait_for(f"{address}/readyz", home / "floor.log")
        yield Target(name, f"{address}/v1/triage", _bodies([{"ticket": ticket_json(ticket)} for ticket in tickets]))


@contextmanager
def mlflow_server(environment: Environment, tickets: Sequence[Ticket], port: int) -> Iterator[Target]:
    """MLflow's server of TF-IDF + logistic regression for the same heads, learned from the home's history."""
    home = environment.home / "benchmark-mlflow"
    home.mkdir(exist_ok=True)
    model = home / "model"
    if not model.exists():
        newest = max(environment.histories.glob("*.parquet"), key=lambda path: path.stat().st_mtime)
        learning = [sys.executable, "-m", "benchmarks.mlflow_peer", str(newest), str(model)]
        subprocess.run(learning, cwd=ROOT, check=True)
    variables = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{home / 'mlflow.db'}", "OMP_NUM_THREADS": "1"}
    mlflow = str(Path(sys.executable).parent / "mlflow")
    command = [mlflow, "models", "serve", "--model-uri", str(model), "--env-manager", "local"]
    variables["PATH"] = f"{Path(sys.executable).parent}:{variables.get('PATH', '')}"
    with _running([*command, "--port", str(port), "--host", environment.host], variables, home / "server.log"):
        address = address_of(replace(environment, port=port))
        wait_for(f"{address}/ping", home / "server.log")
        bodies = _bodies([{"inputs": [wording_of(ticket)]} for ticket in tickets])
        yield Target(MLFLOW, f"{address}/invocations", bodies)


def wait_for(address: str, written: Path, every: float = 0.2) -> None:
    """Until `address` answers 2xx. Raises `RuntimeError` with what was written last where it does not."""
    give_up = time.monotonic() + A_MINUTE_AND_A_HALF
    while time.monotonic() < give_up:
        try:
            if httpx.get(address, timeout=2).is_success:
                return
        except httpx.TransportError:
            pass  # nobody listens yet: what was written so far is shown once the time is over
        time.sleep(every)
    said = "\n".join(written.read_text(errors="replace").splitlines()[-5:])
    raise RuntimeError(f"{address} was not ready in time. What was written last:\n{said}")


@contextmanager
def _running(command: Sequence[str], variables: Mapping[str, str], written: Path) -> Iterator[None]:
    with written.open("wb") as log:
        child = subprocess.Popen(command, env=dict(variables), stdout=log, stderr=log, cwd=ROOT, start_new_session=True)
        # Some start processes of their own that outlive them.
        try:
            yield
        finally:
            own = psutil.Process(child.pid).children(recursive=True) if child.poll() is None else []
            child.terminate()
            child.wait(timeout=30)
            for one in own:
                if one.is_running():
                    one.kill()


def _bodies(values: Sequence[object]) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]
