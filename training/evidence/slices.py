"""Is a head as good for everybody? Its figures by label, language, channel and customer tier.

Knows tickets and held-out rows, not how slices are shown. A slice of fewer than 30 rows is pooled with its like: of so
few nothing can be said. Of many slices some fall behind by chance alone, one in forty of those that do not.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS
from desk.ticket import Ticket
from features.language import detected_language
from training.evidence import formulas, redrawn
from training.evidence.held_out import HeldOut
from training.evidence.intervals import Interval, bootstrap
from training.evidence.metrics import CALIBRATED_FROM, REVIEW_CAPACITY, UNKNOWN_LABEL
from training.evidence.reliability import wilson

__all__ = ["FEWEST_ROWS", "OTHERS", "Estimate", "Slice", "groups_of", "largest", "main_figure", "slices_of", "weakest"]

Rows = NDArray[np.int64]

FEWEST_ROWS: Final = 30
OTHERS: Final = "others"
MOST_SHOWN: Final = 12
"""Slices of one dimension that people are shown; files hold all."""

_NOT_SAID: Final = "(not said)"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and its 95 % interval where it has one."""

    value: float
    between: Interval | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """The `rows` whose `by` (label, language, channel, customer tier) is `name`, and the head's figures on them.

    figures: by name. `accuracy` (of a label its recall) and, of a risk head, `recall_at_capacity`, the share of what
    happened in the slice that was flagged with the review capacity of all rows, have Wilson's interval; `macro_f1` and
    `auroc` a bootstrap one. `ece` stands beside `ece_of_chance`, what perfect calibration would stay under, from 200
    rows on.
    """

    by: str
    name: str
    rows: int
    figures: Mapping[str, Estimate]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: each figure as [value], or [value, low, high]."""
        figures = {name: _plain(one) for name, one in self.figures.items()}
        return {"by": self.by, "name": self.name, "rows": self.rows, "figures": figures}


def groups_of(tickets: Sequence[Ticket]) -> dict[str, list[str]]:
    """What each ticket belongs to, by dimension; the language is the ticket's own, else the one its text is in."""
    return {
        "language": [_language(ticket) for ticket in tickets],
        "channel": [_said(ticket.channel) for ticket in tickets],
        "customer tier": [_said(ticket.customer.tier) for ticket in tickets],
    }


def slices_of(
    held_out: HeldOut, groups: Mapping[str, Sequence[str]], capacity: float = REVIEW_CAPACITY
) -> tuple[Slice, ...]:
    """Every slice, dimension by dimension, the largest first and the pooled ones last; of one slice only, none.

    groups: by dimension what each held-out row belongs to, in the rows' order. capacity: share of rows reviewed.
    """
    found: list[Slice] = []
    if held_out.head not in RISK_HEADS:
        names = (*held_out.labels, UNKNOWN_LABEL)
        labels = _pooled([names[code] for code in held_out.truth])  # -1 is the last
        found += [Slice("label", name, len(rows), _answers(held_out, rows)) for name, rows in labels.items()]
    flagged = _flagged(held_out, capacity)
    for by, values in groups.items():
        parts = _pooled(values)
        if len(parts) > 1:
            found += [Slice(by, name, len(rows), _figures(held_out, rows, flagged)) for name, rows in parts.items()]
    return tuple(found)


def main_figure(held_out: HeldOut) -> tuple[str, float]:
    """The name of the figure that slices are compared by, and its value on all rows (NaN where it means nothing)."""
    if held_out.head in RISK_HEADS:
        return "auroc", formulas.auroc(np.equal(held_out.truth, 1), held_out.probabilities[:, 1])
    return "accuracy", float(held_out.hit.mean())


def largest(slices: Sequence[Slice], most: int = MOST_SHOWN) -> list[Slice]:
    """Of each dimension the `most` largest slices, and the pooled one where there is one."""
    shown: list[Slice] = []
    for _, same in groupby(slices, key=lambda one: one.by):
        every = list(same)
        pooled = [one for one in every[most:] if one.name == OTHERS]
        shown += [*every[:most], *pooled]
    return shown


def weakest(slices: Sequence[Slice], figure: str, whole: float) -> list[Slice]:
    """Of each dimension the slice that is worst by `figure`, if its interval lies below `whole`, that of all rows."""
    worst = []
    for _, same in groupby(slices, key=lambda one: one.by):
        behind = [(one.figures[figure].value, one) for one in same if figure in one.figures]
        behind = [(value, one) for value, one in behind if _high(one.figures[figure]) < whole]
        if behind:
            worst.append(min(behind, key=lambda pair: pair[0])[1])
    return worst


def _pooled(values: Sequence[str]) -> dict[str, Rows]:
    """The places of each value's rows, the most frequent first, the rare ones together and last."""
    counts = Counter(values)
    large = [value for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    large = [value for value in large if counts[value] >= FEWEST_ROWS and value != OTHERS]
    place = {value: number for number, value in enumerate(large)}
    codes = np.array([place.get(value, len(large)) for value in values], dtype=np.int64)
    parts = {name: np.flatnonzero(codes == number) for number, name in enumerate([*large, OTHERS])}
    return {name: rows for name, rows in parts.items() if len(rows)}


def _figures(held_out: HeldOut, rows: Rows, flagged: NDArray[np.bool_]) -> dict[str, Estimate]:
    found = _answers(held_out, rows)
    truth, answered = held_out.truth[rows], held_out.answered[rows]
    if held_out.head in RISK_HEADS:
        happened, probability = np.equal(truth, 1), held_out.probabilities[rows, 1]
        if 0 < happened.sum() < len(rows):
            found["auroc"] = _drawn(redrawn.auroc(happened, probability), len(rows))
        if happened.any():
            found["recall_at_capacity"] = _share(flagged[rows][happened])
    else:
        found["macro_f1"] = _drawn(redrawn.macro_f1(truth, answered), len(rows))
    if len(rows) >= CALIBRATED_FROM:
        confidence = held_out.confidence[rows]
        found["ece"] = Estimate(formulas.calibration_error(confidence, held_out.hit[rows]))
        found["ece_of_chance"] = Estimate(formulas.calibration_error_of_chance(confidence))
    return found


def _answers(held_out: HeldOut, rows: Rows) -> dict[str, Estimate]:
    return {"accuracy": _share(held_out.hit[rows])}


def _flagged(held_out: HeldOut, capacity: float) -> NDArray[np.bool_]:
    """The rows that the review capacity reaches, the riskiest first; of equals at the cut all."""
    if held_out.head not in RISK_HEADS:
        return np.zeros(len(held_out.truth), dtype=np.bool_)
    probability = held_out.probabilities[:, 1]
    return np.asarray(probability >= np.quantile(probability, 1 - capacity), dtype=np.bool_)


def _share(flags: NDArray[np.bool_]) -> Estimate:
    share = flags.mean(keepdims=True)
    low, high = wilson(share, np.array([len(flags)]))
    return Estimate(float(share[0]), Interval(float(low[0]), float(high[0])))


def _drawn(figure: Callable[[Rows], float], rows: int) -> Estimate:
    return Estimate(figure(np.arange(rows)), bootstrap(figure, rows))


def _high(estimate: Estimate) -> float:
    return estimate.value if estimate.between is None else estimate.between.high


def _plain(estimate: Estimate) -> list[float]:
    between = estimate.between
    return [estimate.value] if between is None else [estimate.value, between.low, between.high]


def _language(ticket: Ticket) -> str:
    if ticket.language is not None and ticket.language.strip():
        return ticket.language.strip().casefold()
    text = f"{ticket.subject}\n{ticket.body}".strip()
    return (detected_language(text) if text else None) or _NOT_SAID


def _said(value: str | None) -> str:
    return _NOT_SAID if value is None else value
