"""`python -m benchmarks.runs [--tickets N] [--home FOLDER] [--write]`: how a training looks in MLflow's own pages.

Trains the sample desk twice, the second time on newer tickets as well, serves MLflow's pages on this machine and
photographs them with Chromium: the list of runs, the page of a training, the page and a picture of a head. With
`--write` two of the photographs go to `docs/`. Measures nothing: it is for looking.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.request import urlopen

from cli.progress import bars
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from models.registry import versions
from models.registry_client import MLFLOW_SETTINGS, open_client
from simulation.export import write_history
from simulation.sample import SampleDesk, generate
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history
from training.progress import Progress
from training.runs.naming import HEAD_TAG, children_of
from training.training import train

if TYPE_CHECKING:
    from mlflow.entities import Run

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
WRITTEN: Final = {"training": "run-page.png", "errors": "run-errors.png"}
TICKETS: Final = 6_000
FIRST_SHARE: Final = 0.7
"""Of the tickets, the oldest, that version 1 learns from; version 2 learns from all."""

AT: Final = datetime(2026, 11, 21, tzinfo=UTC)
CHROMIUM: Final = "/usr/bin/chromium"
STARTS_WITHIN: Final = 90.0
SETTLES_WITHIN: Final = 6_000  # milliseconds: the pages draw long after they are loaded


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, photograph, say where the photographs are; return the exit code."""
    asked = _parser().parse_args(arguments)
    with ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pointsman-runs-")))
        shown = stack.enter_context(bars(quiet=False))
        environment = read_environment(POINTSMAN_HOME=str(home.absolute()), POINTSMAN_ENCODER="none")
        newest = _trained(environment, asked.tickets, shown)
        folder = asked.to or Path(tempfile.mkdtemp(prefix="pointsman-photographs-"))
        folder.mkdir(parents=True, exist_ok=True)
        address = stack.enter_context(_pages(environment))
        _photograph(address, environment, newest, folder)
    print(f"photographs are in {folder}")
    if asked.write:
        for name, written in WRITTEN.items():
            (DOCS / written).write_bytes((folder / f"{name}.png").read_bytes())
            print(f"written to docs/{written}", file=sys.stderr)
    return 0


def _trained(environment: Environment, tickets: int, progress: Progress) -> str:
    """Two versions of the sample desk, where there are none yet; the run of the newest."""
    if found := versions(environment.mlflow_uri):
        return str(found[0].run_id)
    environment.home.mkdir(parents=True, exist_ok=True)
    engine = connect(environment.database_url)
    migrate(engine)
    rows = list(generate(SampleDesk(tickets=tickets)))
    run = ""
    for name, share in (("first", FIRST_SHARE), ("second", 1.0)):
        path = environment.home / f"{name}.jsonl.gz"
        write_history(rows[: int(share * len(rows))], path)
        history = read_history(path, DeskConfig())
        run = train(history, DeskConfig(), environment, engine, at=AT, who="a lead", progress=progress).run_id
    engine.dispose()
    return run


@contextmanager
def _pages(environment: Environment) -> Iterator[str]:
    """MLflow's pages on a free port of this machine, while the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", environment.mlflow_uri]
    command += ["--artifacts-destination", str(environment.mlflow_artifacts)]
    with (environment.home / "mlflow-server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **MLFLOW_SETTINGS})
        try:
            _wait(f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def _wait(address: str) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.5)


def _photograph(address: str, environment: Environment, newest: str, folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    client = open_client(environment.mlflow_uri)
    parent = client.get_run(newest)
    queue = next(run for run in children_of(client, parent) if run.data.tags[HEAD_TAG] == "queue")
    experiment = f"{address}/#/experiments/{parent.info.experiment_id}/runs"
    pages = {
        "runs": experiment,
        "training": _page(experiment, parent),
        "champion": _page(experiment, parent, "/artifacts/champion.png"),
        "head": _page(experiment, queue),
        "coverage": _page(experiment, queue, "/artifacts/coverage.png"),
        "errors": _page(experiment, queue, "/artifacts/worst_errors.html"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1500, "height": 1350})
        for name, where in pages.items():
            page.goto("about:blank")
            page.goto(where)
            page.wait_for_timeout(SETTLES_WITHIN)
            _tidy(page)
            where_files_lie = page.get_by_text("Path: ", exact=False)  # on the machine of whoever photographs
            page.screenshot(path=folder / f"{name}.png", mask=[where_files_lie], mask_color="white")
        browser.close()


def _page(experiment: str, run: "Run", what: str = "") -> str:
    return f"{experiment}/{run.info.run_id}{what}"


def _tidy(page: Any) -> None:
    """Close MLflow's assistant, which a new browser is shown, open the list's runs, and unfold the description."""
    for name in ("Close", "Close panel"):
        found = page.get_by_role("button", name=name, exact=True)
        if found.count():
            found.first.click()
    more = page.get_by_text("Show more", exact=True)
    if more.count():
        more.first.click()
    page.wait_for_timeout(SETTLES_WITHIN // 4)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runs", description=main.__doc__)
    parser.add_argument("--tickets", type=int, default=TICKETS)
    parser.add_argument(
        "--home",
        type=Path,
        help="a POINTSMAN_HOME to work in and keep, or to photograph as it is; a passing one unless given",
    )
    parser.add_argument("--to", type=Path, help="folder for the photographs")
    parser.add_argument("--write", action="store_true", help=f"write docs/{', docs/'.join(WRITTEN.values())}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
