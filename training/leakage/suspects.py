"""The columns that a ticket is learned from, and the outcomes that they must not know.

Knows tickets; judges nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from desk.heads import HEADS, Head, label_of
from training.histories.history import History

__all__ = ["Codes", "Evidence", "evidence_of", "factorized", "seconds", "suspects_in"]

Codes = NDArray[np.int64]

OPENING_FIELDS: Final = ("channel", "product", "region", "language")
OTHER_OUTCOMES: Final = ("resolver", "satisfaction", "reassignment_count", "reopen_count", "resolution")
LATER_TIMES: Final = ("resolved_at", "first_response_at")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a suspect is held against, one entry a row.

    labels, outcomes: codes, -1 where unknown. label_names: the labels themselves.
    created, moments: seconds since 1970, not-a-number where unknown.
    order: rows from the oldest to the youngest, or in a seeded shuffle where not every ticket has a time.
    """

    height: int
    order: NDArray[np.int64]
    labels: Mapping[Head, Codes]
    label_names: Mapping[Head, Sequence[str | None]]
    outcomes: Mapping[str, Codes]
    texts: Sequence[str]
    created: NDArray[np.float64]
    moments: Mapping[str, NDArray[np.float64]]


def suspects_in(history: History) -> dict[str, list[str | None]]:
    """Every column that a ticket is learned from, save subject and body, with its values in row order."""
    tickets = [row.ticket for row in history.rows]
    found: dict[str, list[str | None]] = {name: [getattr(one, name) for one in tickets] for name in OPENING_FIELDS}
    found["customer_id"] = [one.customer.id for one in tickets]
    found["customer_tier"] = [one.customer.tier for one in tickets]
    found["tags"] = [" ".join(sorted(one.tags)) or None for one in tickets]
    for name in dict.fromkeys(name for one in tickets for name in one.attributes):
        found[f"attributes.{name}" if name in found else name] = [one.attributes.get(name) for one in tickets]
    return {name: values for name, values in found.items() if any(value is not None for value in values)}


def evidence_of(history: History) -> Evidence:
    """The labels, times and texts of a history as arrays."""
    rows = history.rows
    created = seconds([row.ticket.created_at for row in rows])
    times = {name: seconds([getattr(row.outcome, name) for row in rows]) for name in LATER_TIMES}
    outcomes = {name: factorized([_text(getattr(row.outcome, name)) for row in rows]) for name in OTHER_OUTCOMES}
    names = {head: [label_of(row.outcome, head) for row in rows] for head in HEADS}
    return Evidence(
        height=len(rows),
        order=_order(created),
        labels={head: factorized(names[head]) for head in HEADS},
        label_names=names,
        outcomes={name: codes for name, codes in outcomes.items() if codes.max(initial=-1) > 0},
        texts=[f"{row.ticket.subject} {row.ticket.body}" for row in rows],
        created=created,
        moments={name: values for name, values in times.items() if np.isfinite(values).any()},
    )


def factorized(values: Sequence[str | None]) -> Codes:
    """Whole numbers for values, in the order in which they first appear; -1 where there is none."""
    return np.asarray(pd.factorize(np.array(values, dtype=object))[0], dtype=np.int64)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def seconds(times: Sequence[datetime | None]) -> NDArray[np.float64]:
    """Seconds since 1970, not-a-number where there is no time."""
    return np.array([np.nan if at is None else at.timestamp() for at in times])


def _order(created: NDArray[np.float64]) -> NDArray[np.int64]:
    if np.isfinite(created).all():
        return np.argsort(created, kind="stable")
    return np.random.default_rng(0).permutation(len(created))
