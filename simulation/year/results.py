"""A sample year's results in a file: a line for what the year is, and one for each week as soon as it is over.

So a year that was interrupted goes on where it stood. Knows the lines' form, not how they came about.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from desk.errors import SettingError
from simulation.year.habits import Habits
from simulation.year.settings import SampleYear

__all__ = ["RESULTS_FILE", "Weeks", "add_week", "begin_results", "heading_of", "read_results"]

RESULTS_FILE: Final = "weeks.jsonl"
FORMAT: Final = 1
"""Of the lines; count up when their fields change, so that no year goes on with lines of another form."""

Weeks = list[dict[str, Any]]


def heading_of(year: SampleYear, habits: Habits, loop: str, every: int) -> dict[str, Any]:
    """What must be the same for a year to go on: all but its length."""
    settings = {name: value for name, value in asdict(year).items() if name != "weeks"}
    whole = {"format": FORMAT, "year": settings, "habits": asdict(habits), "loop": loop, "every": every}
    return dict(orjson.loads(orjson.dumps(whole)))


def begin_results(path: Path, heading: Mapping[str, Any]) -> Weeks:
    """The weeks that are over; the file is begun where there is none.

    A line that was cut off by a sudden end is dropped. Raises `SettingError` where the file is of another year.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(heading) + b"\n")
        return []
    found, weeks = read_results(path)
    if found != heading:
        differing = sorted(name for name in heading if found.get(name) != heading[name])
        raise SettingError(
            f"{str(path)!r} holds a year with another {', '.join(differing)}; "
            "go on as it began, or give another --home."
        )
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in (heading, *weeks)))
    return weeks


def read_results(path: Path) -> tuple[dict[str, Any], Weeks]:
    """The heading, and the weeks that are over. Raises `SettingError` where the file is none of ours."""
    lines = []
    for line in path.read_bytes().splitlines():
        try:
            lines.append(orjson.loads(line))
        except ValueError:
            break
    if not lines or lines[0].get("format") != FORMAT:
        raise SettingError(f"{str(path)!r} holds no year that this build reads; give another --home.")
    return lines[0], lines[1:]


def add_week(path: Path, week: Mapping[str, Any]) -> dict[str, Any]:
    """Add a week that is over, and return it as it stands there: times as text, what is no number as None."""
    line = orjson.dumps(week)
    with path.open("ab") as file:
        file.write(line + b"\n")
    return dict(orjson.loads(line))
