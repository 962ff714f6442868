"""`python -m benchmarks.reliability [--figures FILE] [--write]`: what was broken, and what came of it.

Runs the long tests that leave figures (about half an hour) and prints them as a page; with FILE, prints what an earlier
run left there (POINTSMAN_FIGURES). With `--write` the page goes to `docs/reliability.md`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

__all__ = ["main", "page"]

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "reliability.md"
TESTS: Final = ("tests/integration/journal", "tests/integration/serving")

_OPENING: Final = """\
# Reliability

What is broken on purpose while tickets come in, and what comes of it. Callers send single tickets and batches of eight
over real HTTP to the service as `pointsman serve` starts it, each ticket under an id of its own, each caller soon after
its last answer; databases, disks, signals and the registry are real.

Every row passed the same test (`tests/integration/serving/traffic.py`): each acknowledged answer (`journaled: true`) is
in the database once and as it left; no ticket is there twice; the numbers of each answer are those of the version that
it names, to the last digit; no 500; no error of a request that was not in flight when a process was killed or ended.
"in flight and lost" counts those, "refused" the connections while the whole service was down. The machine had other
work at the time, which makes the slowest slower and starts of processes several times as long.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests or read their figures, print the page, return the exit code of the tests."""
    asked = _parser().parse_args(arguments)
    code = 0
    with tempfile.TemporaryDirectory(prefix="pointsman-figures-") as folder:
        file = asked.figures or Path(folder) / "figures.jsonl"
        if asked.figures is None:
            code = _run(file)
        if not file.is_file():
            print(f"No test left a figure in {file}; run `pytest -m long` with POINTSMAN_FIGURES set to it.")
            return code or 2
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    made = "\n".join(page(lines, datetime.now(UTC), os.cpu_count() or 1, one_run=asked.figures is None))
    print(made)
    if asked.write:
        PAGE.write_text(made + "\n", encoding="utf-8")
        print(f"written to {PAGE.relative_to(ROOT)}", file=sys.stderr)
    return code


def page(lines: Sequence[dict[str, Any]], at: datetime, cores: int, *, one_run: bool) -> Iterator[str]:
    """The whole page, line by line: a table a chapter, the last figures of each case."""
    yield from _OPENING.splitlines()
    yield ""
    given, runs = ("", "one run") if one_run else ("--figures FILE ", "one or more runs, the last of each row")
    yield f"Written by `python -m benchmarks.reliability {given}--write` on {at:%-d %B %Y}; {cores} cores, {runs}."
    chapters: dict[str, dict[str, dict[str, Any]]] = {}
    for line in lines:
        chapters.setdefault(line["chapter"], {})[line["case"]] = line["figures"]
    for chapter, cases in sorted(chapters.items()):
        yield ""
        yield f"## {chapter}"
        yield ""
        yield from _table(cases)


def _table(cases: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Figures that every case has are columns; what one case adds stands in its last cell."""
    shared = [name for name in next(iter(cases.values())) if all(name in figures for figures in cases.values())]
    has_more = any(len(figures) > len(shared) for figures in cases.values())
    columns = [*shared, *(["and"] if has_more else [])]
    yield f"| | {' | '.join(columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for case, figures in cases.items():
        cells = [_shown(figures[name]) for name in shared]
        if has_more:
            more = (f"{name.replace('_', ' ')}: {_shown(one)}" for name, one in figures.items() if name not in shared)
            cells.append("; ".join(more))
        yield f"| {case} | {' | '.join(cells)} |"


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)


def _run(file: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-m", "long", *TESTS]
    return subprocess.run(command, env={**os.environ, "POINTSMAN_FIGURES": str(file)}, cwd=ROOT, check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability", description=main.__doc__)
    parser.add_argument("--figures", type=Path, metavar="FILE", help="of an earlier run, instead of running the tests")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
