"""`python -m benchmarks.serving`: what a full triage costs beside a BentoML service that does nothing.

Starts the stock floor and our service (one process, journal on this disk, the sample desk's version or a home's
champion), drives each in turn at 8 and 32 connections in interleaved rounds, and prints medians and ratios. Shares of
a busy machine go up and down: only what was measured in one run may be compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.driving import Load, drive, has_wrk
from desk.ticket_json import ticket_json
from journal.environment import Environment, read_environment
from serving.launch import address_of, running_service
from simulation.export import write_history
from simulation.newcomers import new_tickets
from simulation.sample import SampleDesk, generate
from training.histories.store import load_history

ROOT = Path(__file__).parent.parent
FLOOR, OURS = "stock floor", "Pointsman"
TICKETS = 200
"""Different bodies sent, so that no cache of one text flatters us."""


@dataclass(frozen=True, slots=True)
class Row:
    """Medians over the rounds; `ratio` is to the floor's rate at as many connections."""

    service: str
    connections: int
    rate: float
    p50: float
    p99: float
    refused: int
    ratio: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    with ExitStack() as stack:
        environment = replace(_home(asked.home, stack), port=asked.port, workers=1)
        bodies = _bodies(environment if asked.home else None)
        rows = _measure(environment, bodies, asked.connections, asked.rounds, asked.seconds, stack)
    if asked.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        _print(rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=main.__doc__)
    parser.add_argument("--home", type=Path, help="a POINTSMAN_HOME with a champion (a sample desk is trained if none)")
    parser.add_argument("--connections", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of one run")
    parser.add_argument("--port", type=int, default=3990, help="ours; the floor's is the next")
    parser.add_argument("--json", action="store_true")
    return parser


def _home(given: Path | None, stack: ExitStack) -> Environment:
    if given is not None:
        return read_environment({"POINTSMAN_HOME": str(given)})
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pointsman-bench-")))
    write_history(generate(SampleDesk()), folder / "history.jsonl.gz")
    variables = {**os.environ, "POINTSMAN_HOME": str(folder)}
    command = [sys.executable, "-m", "cli.main", "train", str(folder / "history.jsonl.gz"), "--json"]
    print("Training the sample desk's version", file=sys.stderr)
    subprocess.run(command, env=variables, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return read_environment({"POINTSMAN_HOME": str(folder)})


def _bodies(environment: Environment | None) -> list[dict[str, Any]]:
    """Tickets of the home's newest history, or new ones of the sample desk."""
    if environment is None:
        tickets = new_tickets(SampleDesk(), TICKETS)
    else:
        newest = max(environment.histories.glob("*.parquet"), key=lambda path: path.stat().st_mtime)
        rows = load_history(newest).rows
        tickets = [row.ticket for row in rows[:: max(1, len(rows) // TICKETS)][:TICKETS]]
    return [{"ticket": ticket_json(ticket)} for ticket in tickets]


def _measure(
    environment: Environment,
    bodies: list[dict[str, Any]],
    connections: list[int],
    rounds: int,
    seconds: float,
    stack: ExitStack,
) -> list[Row]:
    written = environment.home / "benchmark.log"
    stack.enter_context(running_service(environment, stack.enter_context(written.open("wb"))))
    _wait(f"{address_of(environment)}/readyz", written)
    floor = replace(environment, port=environment.port + 1)
    stack.enter_context(_running_floor(floor))
    addresses = {FLOOR: f"{address_of(floor)}/v1/triage", OURS: f"{address_of(environment)}/v1/triage"}
    loads: dict[tuple[str, int], list[Load]] = {}
    runs = list(product(range(rounds + 1), connections, addresses))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for number, count, service in progress.track(runs, description="Driving"):
            # The first round warms both up.
            load = drive(addresses[service], bodies, count, seconds if number else 1)
            if number:
                loads.setdefault((service, count), []).append(load)
    return _rows(loads)


def _rows(loads: Mapping[tuple[str, int], list[Load]]) -> list[Row]:
    rates = {key: median(load.rate for load in found) for key, found in loads.items()}
    return [
        Row(
            service,
            count,
            rates[service, count],
            median(load.p50 for load in found),
            median(load.p99 for load in found),
            sum(load.refused for load in found),
            rates[service, count] / rates[FLOOR, count],
        )
        for (service, count), found in loads.items()
    ]


@contextmanager
def _running_floor(environment: Environment) -> Iterator[None]:
    home = environment.home / "bentoml" / str(environment.port)
    home.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "true"}
    bentoml = str(Path(sys.executable).parent / "bentoml")
    command = [bentoml, "serve", "benchmarks.stock_floor:StockFloor", "--working-dir", str(ROOT)]
    command += ["--port", str(environment.port), "--host", environment.host]
    # Its defaults include a line a request in the log; a file takes it, as a service manager would.
    written = home / "floor.log"
    with written.open("wb") as log:
        child = subprocess.Popen(command, env=variables, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(f"{address_of(environment)}/readyz", written)
            yield
        finally:
            child.terminate()
            child.wait(timeout=30)


def _wait(address: str, written: Path) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            if httpx.get(address, timeout=2).is_success:
                return
        except httpx.TransportError:
            pass  # nobody listens yet: what the service has said so far is shown once the minute is over
        time.sleep(0.2)
    said = "\n".join(written.read_text(errors="replace").splitlines()[-5:])
    raise RuntimeError(f"{address} was not ready within a minute. What was written last:\n{said}")


def _print(rows: list[Row]) -> None:
    table = Table("service", "at once", "requests/s", "p50 ms", "p99 ms", "of the floor", "refused")
    for row in sorted(rows, key=lambda row: (row.connections, row.service != FLOOR)):
        table.add_row(
            row.service,
            str(row.connections),
            f"{row.rate:,.0f}",
            f"{row.p50:.1f}",
            f"{row.p99:.1f}",
            f"{row.ratio:.2f}",
            str(row.refused),
        )
    console = Console()
    console.print(table)
    console.print("Medians of the rounds; one process each, on one machine with the driver.")
    console.print("The stock floor does nothing, at BentoML's defaults; Pointsman validates, scores, journals, logs.")
    if not has_wrk():
        console.print("Driven by a small Python driver, which itself is slow: apt-get install wrk for real figures.")


if __name__ == "__main__":
    main()
