"""`python -m benchmarks.scale [--tickets N] [--queues N] [--write]`: what a large desk costs, beside others.

Grows the sample desk, trains as `pointsman train` does, in a process of its own, scores new tickets in this one on one
thread, lets `pointsman score` answer a file, and asks others that learned from the same rows. Only what was measured in
one run may be compared. The whole size is `--tickets 100000`; the default takes some minutes.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.scale_page import page, tables
from benchmarks.scaling import measure
from cli.progress import bars
from simulation.sample import SampleDesk

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "speed.md"
TICKETS: Final = 20_000
QUEUES: Final = 75


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    asked = _parser().parse_args(arguments)
    with ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pointsman-scale-")))
        home.mkdir(parents=True, exist_ok=True)
        shown = stack.enter_context(bars(quiet=asked.json))
        found = measure(SampleDesk(tickets=asked.tickets, queues=asked.queues), home.absolute(), shown)
    print(json.dumps(asdict(found)) if asked.json else "\n".join(tables(found)))
    if asked.write:
        PAGE.write_text("\n".join(page(found)) + "\n", encoding="utf-8")
        print(f"written to {PAGE.relative_to(ROOT)}", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=main.__doc__)
    parser.add_argument("--tickets", type=int, default=TICKETS)
    parser.add_argument("--queues", type=int, default=QUEUES)
    parser.add_argument("--home", type=Path, help="a POINTSMAN_HOME to work in and keep; a passing one unless given")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
