"""What years of several seeds say together: figures by week, what promotions gained, what was recovered, what held.

Reads the lines that `simulation.year.results` keeps. Knows neither how a year is lived nor how it is drawn.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any, Final

from scipy.special import bdtr

from simulation.year.judging import Figure

__all__ = [
    "MARGIN",
    "Applied",
    "Cells",
    "Change",
    "Recovery",
    "Retraining",
    "applied_by_week",
    "by_week",
    "cells_of",
    "events_of",
    "recoveries_of",
    "retrainings_of",
    "said_by_week",
]

MARGIN: Final = 0.01
"""By how much a promotion may lower a true figure."""

WINDOW: Final = 4
"""Weeks whose applied answers are one cell of a contract."""

ENOUGH: Final = 30
"""Answers applied from which on a label is a cell of its own; the others of a head are one together."""

LEVEL: Final = 0.05

Weeks = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Applied:
    """Of tickets answered, those applied by themselves, and of these the right ones."""

    tickets: int
    applied: int
    right: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Labels under contract, four weeks of a seed each: how many, and of how many the precision is below the demand.

    It is where so few right ones would come by chance in less than 5 % if the precision were as demanded.
    """

    cells: int
    broken: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change, in the first week where it comes."""

    week: int
    kind: str


@dataclass(frozen=True, slots=True)
class Retraining:
    """One retraining of one seed. gain: of the new version on the following four weeks, by figure, if there was one."""

    seed: int
    week: int
    outcome: str
    gain: Mapping[str, Figure]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recovery:
    """Queue accuracy around a change, one value a seed: before it; afterwards, of the version of then, and of the loop.

    The last two are judged on the same four weeks, which begin three weeks after the change.
    """

    kind: str
    before: tuple[float, ...]
    unchanged: tuple[float, ...]
    recovered: tuple[float, ...]

    @property
    def drop(self) -> float:
        """What the change cost, mean of the seeds."""
        return mean(self.before) - mean(self.unchanged)

    @property
    def share(self) -> float:
        """Which share of that is back, of all seeds together; NaN where nothing was lost."""
        return (mean(self.recovered) - mean(self.unchanged)) / self.drop if self.drop > 0 else float("nan")


def by_week(weeks: Weeks, which: str, figure: str) -> dict[int, Figure]:
    """A figure (`which` as `given`, `ahead_without` …) by week: the mean of the seeds, and its 95 % interval.

    The interval says how far the mean would move on other tickets; it is put together from the seeds' own.
    """
    found: dict[int, list[Figure]] = {}
    for line in weeks:
        one = _figure(line[which].get(figure))
        if one is not None:
            found.setdefault(line["week"], []).append(one)
    return {week: _together(figures) for week, figures in sorted(found.items())}


def applied_by_week(weeks: Weeks, which: str, head: str) -> dict[int, Applied]:
    """What was applied by itself, by week, of all seeds. which: `applied` or `applied_without`."""
    found: dict[int, Applied] = {}
    for line in weeks:
        counts = list(line[which].get(head, {}).values())
        before = found.get(line["week"], Applied(0, 0, 0))
        found[line["week"]] = Applied(
            before.tickets + line["tickets"],
            before.applied + sum(one[0] for one in counts),
            before.right + sum(one[1] for one in counts),
        )
    return dict(sorted(found.items()))


def cells_of(weeks: Weeks, which: str) -> Cells:
    """The contracts of a year. which: `applied` or `applied_without`."""
    applied: Counter[tuple[int, int, str, str, float]] = Counter()
    right: Counter[tuple[int, int, str, str, float]] = Counter()
    for line in weeks:
        for head, labels in line[which].items():
            for label, (count, hits, demand) in labels.items():
                cell = (line["seed"], (line["week"] - 1) // WINDOW, head, label, demand)
                applied[cell] += count
                right[cell] += hits
    pooled: dict[tuple[Any, ...], list[int]] = {}
    for cell, count in applied.items():
        seed, window, head, label, demand = cell
        key = (seed, window, head, label if count >= ENOUGH else None, demand)
        pair = pooled.setdefault(key, [0, 0])
        pair[0] += count
        pair[1] += right[cell]
    broken = sum(bool(bdtr(hits, count, key[-1]) < LEVEL) for key, (count, hits) in pooled.items())
    return Cells(len(pooled), broken)


def events_of(weeks: Weeks) -> list[Change]:
    """What changed, and when, the first first."""
    return sorted({Change(line["week"], kind) for line in weeks for kind in line["changes"]}, key=lambda one: one.week)


def retrainings_of(weeks: Weeks) -> list[Retraining]:
    """Every retraining, by week and seed."""
    found = []
    for line in sorted(weeks, key=lambda one: (one["week"], one["seed"])):
        done = line["retrained"]
        if done is not None:
            compared = line["promotion"] or line.get("refusal") or {"gain": {}}
            gain = {name: one for name, read in compared["gain"].items() if (one := _figure(read)) is not None}
            found.append(Retraining(line["seed"], line["week"], done["outcome"], gain, tuple(done["reasons"])))
    return found


def recoveries_of(weeks: Weeks) -> list[Recovery]:
    """Of each change that costs accuracy, in the order in which they came."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for line in sorted(weeks, key=lambda one: (one["week"], one["seed"])):
        if line["recovery"] is not None:
            found.setdefault(line["recovery"]["change"], []).append(line["recovery"])
    return [
        Recovery(kind, *(tuple(one[name]["queue_accuracy"]["value"] for one in all_seeds) for name in _PARTS))
        for kind, all_seeds in found.items()
    ]


def said_by_week(weeks: Weeks, what: str) -> dict[int, float]:
    """What came back in a week, mean of the seeds. what: `asked`, `unasked`, `hostile`, `outcomes` …"""
    found: dict[int, list[int]] = {}
    for line in weeks:
        found.setdefault(line["week"], []).append(line["fed_back"][what])
    return {week: mean(counts) for week, counts in sorted(found.items())}


_PARTS: Final = ("before", "unchanged", "recovered")


def _figure(read: Mapping[str, Any] | None) -> Figure | None:
    if read is None or any(read[name] is None for name in ("value", "low", "high")):
        return None
    return Figure(read["value"], read["low"], read["high"])


def _together(figures: Iterable[Figure]) -> Figure:
    """The mean of independent figures; each side of the interval is as wide as independent errors add up to."""
    listed = list(figures)
    middle = mean(one.value for one in listed)
    low, high = (_width(side) for side in _sides(listed))
    return Figure(middle, middle - low, middle + high)


def _sides(figures: Sequence[Figure]) -> Iterator[list[float]]:
    yield [one.value - one.low for one in figures]
    yield [one.high - one.value for one in figures]


def _width(widths: Sequence[float]) -> float:
    return float(sum(one * one for one in widths) ** 0.5 / len(widths))
