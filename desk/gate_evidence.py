"""What the gate judges by: the figures of challenger and champion on the same rows, what they cost, what has changed.

`desk.gate` says what follows from it. Knows neither versions nor how a figure comes about.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from desk.heads import Head
from desk.run_off import Tally

__all__ = ["LOWER_IS_BETTER", "Changed", "Figure", "GateEvidence", "RowsName", "evidence_in", "with_run_off"]

RowsName: TypeAlias = Literal["golden", "newest", "both", "differing"]
"""differing: tickets that the two answer otherwise, of which people were asked by chance."""

LOWER_IS_BETTER: Final = frozenset({"ece", "brier"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both versions on the same rows.

    low, high: interval of challenger minus champion at 95 %; NaN where it has none. where: the slice, such as "queue
    Billing"; empty for all rows. name: as in `GatePolicy`, and `brier` of a risk's slice. tally: of `differing` rows,
    what was counted; then champion and challenger are what these rows give to the accuracy on all tickets.
    """

    on: RowsName
    head: Head
    name: str
    rows: int
    champion: float
    challenger: float
    low: float
    high: float
    where: str = ""
    tally: Tally | None = None

    @property
    def loss(self) -> float:
        """How much worse the challenger is; below nought where it is better."""
        difference = self.challenger - self.champion
        return difference if self.name in LOWER_IS_BETTER else -difference

    @property
    def is_worse(self) -> bool:
        """Whether the challenger is worse, and not by chance."""
        return self.low > 0 if self.name in LOWER_IS_BETTER else self.high < 0

    @property
    def is_better(self) -> bool:
        """Whether the challenger is better, and not by chance."""
        return self.high < 0 if self.name in LOWER_IS_BETTER else self.low > 0


@dataclass(frozen=True, slots=True)
class Changed:
    """share: of so many tickets, those that both answer, neither abstaining, and with different labels."""

    tickets: int
    share: float


@dataclass(frozen=True, slots=True)
class GateEvidence:
    """What the judgement is made from. rows: how many labelled rows of either kind judged.

    changed: by head. milliseconds, megabytes, taught: (champion, challenger), of one ticket, of the whole version, and
    the tickets that it learned from; nought where it was not measured. missing: heads that the champion answers and the
    challenger lacks, with the reason.
    """

    rows: Mapping[RowsName, int]
    figures: Sequence[Figure] = ()
    changed: Mapping[Head, Changed] = field(default_factory=dict)
    milliseconds: tuple[float, float] = (0.0, 0.0)
    megabytes: tuple[float, float] = (0.0, 0.0)
    taught: tuple[int, int] = (0, 0)
    missing: Mapping[Head, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; a number that is none is null."""
        figures = [
            {name: None if isinstance(one, float) and math.isnan(one) else one for name, one in asdict(figure).items()}
            for figure in self.figures
        ]
        return {
            "rows": dict(self.rows),
            "figures": figures,
            "changed": {head: asdict(one) for head, one in self.changed.items()},
            "milliseconds": list(self.milliseconds),
            "megabytes": list(self.megabytes),
            "taught": list(self.taught),
            "missing": dict(self.missing),
        }


def evidence_in(value: Mapping[str, Any]) -> GateEvidence:
    """What `GateEvidence.to_json` gave. Raises KeyError, TypeError where it is none."""
    return GateEvidence(
        rows=value["rows"],
        figures=tuple(_figure_in(one) for one in value["figures"]),
        changed={head: Changed(**one) for head, one in value["changed"].items()},
        milliseconds=tuple(value["milliseconds"]),
        megabytes=tuple(value["megabytes"]),
        taught=tuple(value.get("taught", (0, 0))),
        missing=value["missing"],
    )


def with_run_off(evidence: GateEvidence, tallies: Mapping[Head, Tally]) -> GateEvidence:
    """The evidence with what people said of tickets that the two answer otherwise, in place of what was known of it."""
    kept = [one for one in evidence.figures if one.on != "differing"]
    return replace(evidence, figures=(*kept, *(_run_off_figure(head, tally) for head, tally in tallies.items())))


def _run_off_figure(head: Head, tally: Tally) -> Figure:
    told = max(tally.told, 1)
    champion, challenger = (tally.share * count / told for count in (tally.champion, tally.challenger))
    low, high = tally.interval
    return Figure("differing", head, "accuracy", tally.told, champion, challenger, low, high, tally=tally)


def _figure_in(value: Mapping[str, Any]) -> Figure:
    numbers: dict[str, Any] = {
        name: math.nan if one is None else one for name, one in value.items() if name not in ("tally", "where")
    }
    tally = value.get("tally")
    return Figure(**numbers, where=value["where"], tally=None if tally is None else Tally(**tally))
