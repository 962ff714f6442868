"""`python -m benchmarks.learning [--seeds N,…] [--anew] [--write]`: what the learning loop is worth.

A year of the sample desk for each of five seeds, as `pointsman simulate` lives through it. A year takes more than an
hour, so one that is over is kept in `benchmarks/years/`, with the build that lived it, and is not lived again unless
`--anew` says so. `--add FILE` keeps one that `pointsman simulate` left elsewhere, as the build `--build` names. With
`--write` the tables go to `docs/learning.md` and the picture to `docs/learning.png`.
"""

import argparse
import gzip
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from cli.simulate import command
from simulation.year.page import page, tables
from simulation.year.picture import save
from simulation.year.results import RESULTS_FILE, read_results

__all__ = ["KeptYear", "keep", "kept_year", "main", "page_of"]

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "learning.md"
PICTURE: Final = ROOT / "docs" / "learning.png"
YEARS: Final = Path(__file__).resolve().parent / "years"
SEEDS: Final = "7,1,2,3,4"
WEEKS: Final = 52


@dataclass(frozen=True, slots=True)
class KeptYear:
    """A year that was lived to its end. heading, weeks: as `simulation.year.results` reads them. build: a commit."""

    heading: Mapping[str, Any]
    weeks: Sequence[Mapping[str, Any]]
    build: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Live through the years that are not kept, and print; return the exit code."""
    asked = _parser().parse_args(arguments)
    if asked.add is not None:
        over = len(read_results(asked.add)[1])
        if over < WEEKS:
            print(f"{asked.add} holds {over} of {WEEKS} weeks: go on with it before it is kept.", file=sys.stderr)
            return 2
        print(f"kept in {keep(asked.add, asked.build or _build(), YEARS).relative_to(ROOT)}")
        return 0
    seeds = [int(one) for one in asked.seeds.split(",")]
    for seed in seeds:
        if asked.anew or kept_year(seed, YEARS) is None:
            keep(_lived(seed, asked.home), _build(), YEARS)
    years = [one for seed in seeds if (one := kept_year(seed, YEARS)) is not None]
    print("\n".join(tables(_weeks(years))))
    if asked.write:
        PAGE.write_text("\n".join(page_of(years)) + "\n", encoding="utf-8")
        save(_weeks(years), PICTURE)
        print(f"written to {PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")
    return 0


def keep(results: Path, build: str, folder: Path) -> Path:
    """Keep the results of a year that is over, and return where; the same results give the same file."""
    heading, weeks = read_results(results)
    path = folder / f"seed-{heading['year']['seed']}.jsonl.gz"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [{"build": build}, heading, *weeks]
    path.write_bytes(gzip.compress(b"".join(orjson.dumps(line) + b"\n" for line in lines), mtime=0))
    return path


def kept_year(seed: int, folder: Path) -> KeptYear | None:
    """The year of this seed, None where none is kept."""
    path = folder / f"seed-{seed}.jsonl.gz"
    if not path.is_file():
        return None
    told, _, results = gzip.decompress(path.read_bytes()).partition(b"\n")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / RESULTS_FILE
        file.write_bytes(results)
        heading, weeks = read_results(file)
    return KeptYear(heading, weeks, str(orjson.loads(told)["build"]))


def page_of(years: Sequence[KeptYear]) -> list[str]:
    """The page's lines, which say by which builds the years were lived."""
    builds = ", ".join(f"seed {one.heading['year']['seed']} by {one.build}" for one in years)
    written = f"Written by `python -m benchmarks.learning --write`. Lived by these builds: {builds}."
    lived = {one.heading["year"]["seed"] for one in years}
    missing = [f"seed {seed}" for seed in SEEDS.split(",") if int(seed) not in lived]
    written += f" Not lived yet: {', '.join(missing)}." if missing else ""
    return list(page([one.heading for one in years], _weeks(years), written))


def _weeks(years: Sequence[KeptYear]) -> list[Mapping[str, Any]]:
    return [week for one in years for week in one.weeks]


def _lived(seed: int, home: Path) -> Path:
    """Where the results are of a year that is lived, or gone on with, in `home`."""
    given = ["--seeds", str(seed), "--weeks", str(WEEKS), "--every", "4", "--home", str(home)]
    command.main(given, prog_name="pointsman simulate", standalone_mode=False)
    return home / f"seed-{seed}" / RESULTS_FILE


def _build() -> str:
    """The commit that is checked out."""
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "an unknown build"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=main.__doc__)
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--home", type=Path, default=ROOT / "simulated", help="where an interrupted run goes on")
    parser.add_argument("--anew", action="store_true", help="live through years that are kept as well")
    parser.add_argument("--add", type=Path, metavar="FILE", help=f"keep the year in this {RESULTS_FILE}, and no more")
    parser.add_argument("--build", help="the build that lived it; that of this tree unless given")
    parser.add_argument("--write", action="store_true", help="write docs/learning.md and docs/learning.png")
    return parser


if __name__ == "__main__":
    sys.exit(main())
