"""`python -m benchmarks.learning [--seeds N,…] [--weeks N] [--home FOLDER] [--write]`: what the learning loop is worth.

A year of the sample desk for each of five seeds, as `pointsman simulate` lives through it, all in one folder, in which
an interrupted run goes on. Hours. With `--write` the tables go to `docs/learning.md` and the picture to
`docs/learning.png`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.simulate import command

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "learning.md"
PICTURE: Final = ROOT / "docs" / "learning.png"
SEEDS: Final = "7,1,2,3,4"


def main(arguments: Sequence[str] | None = None) -> int:
    """Live through the years and print; return the exit code."""
    asked = _parser().parse_args(arguments)
    given = [
        "--seeds",
        asked.seeds,
        "--weeks",
        str(asked.weeks),
        "--every",
        str(asked.every),
        "--home",
        str(asked.home),
    ]
    if asked.write:
        given += ["--page", str(PAGE), "--picture", str(PICTURE)]
    command.main(given, prog_name="pointsman simulate", standalone_mode=False)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=main.__doc__)
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--every", type=int, default=4, help="weeks between retrainings")
    parser.add_argument("--home", type=Path, default=ROOT / "simulated", help="where an interrupted run goes on")
    parser.add_argument("--write", action="store_true", help="write docs/learning.md and docs/learning.png")
    return parser


if __name__ == "__main__":
    sys.exit(main())
