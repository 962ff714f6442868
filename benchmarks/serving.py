"""`python -m benchmarks.serving`: what a full triage over HTTP costs beside services that do nothing, and MLflow's own.

Starts each service with one process on this machine, drives them in turns with wrk at 8 and 32 connections, and prints
medians and ratios; then batches, five times too many callers, memory and start. Shares of a busy machine go up and
down: only what was measured in one run may be compared. `--write` renews `docs/serving-speed.md`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import Progress

from benchmarks.driving import drive, has_wrk
from benchmarks.serving_page import Served, page, tables
from benchmarks.serving_runs import in_turns, overload, same_load, steps
from benchmarks.serving_stages import stages_of
from benchmarks.serving_targets import FLOOR, OURS, TUNED, batches, floor, mlflow_server, ours, service
from desk.errors import SettingError, UnknownVersionError
from desk.ticket import Ticket
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.keys import make_key
from journal.promotions import champion
from journal.secret import installation_secret
from models.storage import load_version
from simulation.export import new_tickets, write_history
from simulation.sample import SampleDesk, generate

__all__ = ["main"]

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "serving-speed.md"
TICKETS: Final = 500
"""Different bodies sent, so that no cache of one text flatters us."""
BATCH: Final = 100
CALLERS_OF_BATCHES: Final = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the page where asked to."""
    asked = _parser().parse_args(arguments)
    if not has_wrk():
        raise SettingError("The services are driven by wrk, which is not here: `apt-get install wrk`.")
    with ExitStack() as stack:
        desk = SampleDesk(tickets=asked.tickets, queues=asked.queues)
        environment = replace(_home(asked.home, desk, stack), port=asked.port, workers=1)
        found = _measure(environment, desk, asked)
    if asked.json:
        print(json.dumps(asdict(found)))
    else:
        Console().print(Markdown("\n".join(tables(found))))
    if asked.write:
        given = sys.argv[1:] if arguments is None else arguments
        shown = ["HOME" if asked.home is not None and one == str(asked.home) else one for one in given]
        command = " ".join(["python -m benchmarks.serving", *shown])
        PAGE.write_text("\n".join(page(found, command)) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=main.__doc__)
    parser.add_argument("--home", type=Path, help="a POINTSMAN_HOME with a champion (a sample desk is trained if none)")
    parser.add_argument("--tickets", type=int, default=6_000, help="of the sample desk that the tickets sent are of")
    parser.add_argument("--queues", type=int, default=SampleDesk().queues)
    parser.add_argument("--connections", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of one run")
    parser.add_argument("--port", type=int, default=3990, help="ours; the others' are the next")
    parser.add_argument("--without-mlflow", action="store_true", help="spare the minute that MLflow's model learns")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="renew docs/serving-speed.md")
    return parser


def _home(given: Path | None, desk: SampleDesk, stack: ExitStack) -> Environment:
    """The home given, or one in which the sample desk has been trained. Nothing of the caller's own is used."""
    if given is not None:
        return read_environment({"POINTSMAN_HOME": str(given)})
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pointsman-bench-")))
    write_history(generate(desk), folder / "history.jsonl.gz")
    command = [sys.executable, "-m", "cli.main", "train", str(folder / "history.jsonl.gz"), "--json"]
    print("Training the sample desk's version", file=sys.stderr)
    variables = {**os.environ, "POINTSMAN_HOME": str(folder)}
    subprocess.run(command, env=variables, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return read_environment({"POINTSMAN_HOME": str(folder)})


def _measure(environment: Environment, desk: SampleDesk, asked: argparse.Namespace) -> Served:
    load = os.getloadavg()[0]
    tickets = new_tickets(desk, TICKETS)
    headers = _key(environment)
    with ExitStack() as stack:
        started = stack.enter_context(service(environment))
        single = ours(environment, tickets, headers)
        floors = [
            stack.enter_context(floor(environment, tickets, environment.port + place, name))
            for place, name in ((1, FLOOR), (2, TUNED))
        ]
        targets = [*floors, *single]
        peers = targets
        if not asked.without_mlflow:
            peers = [*targets, stack.enter_context(mlflow_server(environment, tickets, environment.port + 3))]
        total = steps(len(peers), len(asked.connections), asked.rounds) + steps(2, len(asked.connections), asked.rounds)
        with _ticking(total) as tick:
            rows = in_turns(peers, asked.connections, asked.rounds, asked.seconds, tick)
            waits = same_load([floors[0], single[0]], rows, asked.rounds, asked.seconds, tick)
        most = max((row for row in rows if row.service == OURS), key=lambda row: row.rate)
        too_many = overload(single[0], most.connections, 2 * asked.seconds, most.rate)
        one = _batches(environment, tickets, headers, asked)
        held = started.megabytes()
    two, held_by_two = _with_two_processes(environment, tickets, headers, asked)
    version = load_version(environment.versions / _champion(environment))
    return Served(
        tickets=int(version.about["rows"]),
        queues=len(version.heads["queue"].labels),
        cores=os.cpu_count() or 1,
        load=load,
        rows=rows,
        waits=waits,
        batches={1: one, 2: two},
        overload=too_many,
        megabytes={1: held, 2: held_by_two},
        ready=started.ready,
        stages=stages_of(version, tickets),
    )


def _with_two_processes(
    environment: Environment, tickets: Sequence[Ticket], headers: Mapping[str, str], asked: argparse.Namespace
) -> tuple[float, list[float]]:
    """Tickets a second in batches, and what each process holds."""
    with service(replace(environment, workers=2)) as started:
        rate = _batches(environment, tickets, headers, asked)
        return rate, started.megabytes()


def _batches(
    environment: Environment, tickets: Sequence[Ticket], headers: Mapping[str, str], asked: argparse.Namespace
) -> float:
    """Tickets a second."""
    target = batches(environment, tickets, BATCH, headers)
    for seconds in (2.0, 2 * asked.seconds):  # the first warms them up
        load = drive(target.address, target.bodies, CALLERS_OF_BATCHES, seconds, headers=headers)
    return load.rate * BATCH


def _champion(environment: Environment) -> str:
    engine = connect(environment.database_url)
    found = champion(engine)
    engine.dispose()
    if found is None:
        raise UnknownVersionError(f"The home {str(environment.home)!r} has no champion; train one there first.")
    return found.version


def _key(environment: Environment) -> dict[str, str]:
    """Headers with a key that is made for this."""
    engine = connect(environment.database_url)
    migrate(engine)
    secret, at = installation_secret(environment), datetime.now(UTC)
    _, text = make_key(engine, secret, "the benchmark", ["predict"], who="benchmarks.serving", at=at)
    engine.dispose()
    return {"Authorization": f"Bearer {text}"}


@contextmanager
def _ticking(total: int) -> Iterator[Callable[[], object]]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Driving", total=total)
        yield lambda: progress.advance(task)


if __name__ == "__main__":
    sys.exit(main())
