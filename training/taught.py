"""What a version learned from, and which rows are new to it. Knows neither how it learned nor who asks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from desk.errors import HistoryError
from desk.heads import HEADS, Head, label_of
from desk.outcome import ResolvedTicket
from desk.taxonomy import Taxonomy
from journal.environment import Environment
from journal.histories import find_history
from models.version import Version
from training.golden_set import parted, read_golden_rule
from training.histories.read_through import through
from training.histories.store import load_history
from training.put_right import put_right_in, with_right_labels

__all__ = ["Labels", "Taught", "newest_rows", "taught"]

Labels = Mapping[str, Mapping[Head, str]]
"""By ticket, its labels."""


@dataclass(frozen=True, slots=True)
class Taught:
    """labels: by ticket, what a version learned from. Empty where it is not known any more, and then not `is_known`."""

    labels: Labels
    is_known: bool = True

    def new_labels(self, rows: Iterable[ResolvedTicket]) -> int:
        """How many labels of these rows are new or have changed."""
        found = ((row.ticket.id, _labels(row)) for row in rows)
        return sum(
            label != self.labels.get(name, {}).get(head) for name, labels in found for head, label in labels.items()
        )


def taught(environment: Environment, engine: Engine, version: Version | None, taxonomy: Taxonomy) -> Taught:
    """What a version learned from, by the names of today.

    Nothing is known of one whose history is not on this machine any more.
    """
    registered = None if version is None else find_history(engine, version.about["history"], environment.tenant)
    if version is None or registered is None:
        return Taught({}, is_known=False)
    try:
        history = through(load_history(environment.home / registered.path), taxonomy)
    except HistoryError:
        return Taught({}, is_known=False)
    if registered.source != "given":
        return Taught({row.ticket.id: _labels(row) for row in history.rows})
    # A gathered history has what was put right in it, a given one stays as it is.
    told = version.about.get("trained_at")
    until = None if told is None else datetime.fromisoformat(told)
    put_right = put_right_in(engine, environment.tenant, taxonomy, until=until)
    teaching = with_right_labels(parted(history.rows, read_golden_rule(registered.golden))[0], put_right)
    return Taught({row.ticket.id: _labels(row) for row in teaching})


def newest_rows(rows: Iterable[ResolvedTicket], taught: Taught) -> list[ResolvedTicket]:
    """The rows that a version never learned from, the one opened first first."""
    new = [row for row in rows if row.ticket.id not in taught.labels]
    return sorted(new, key=lambda row: (_moment(row), row.ticket.id))


def _moment(row: ResolvedTicket) -> float:
    return row.ticket.created_at.timestamp() if row.ticket.created_at else 0.0


def _labels(row: ResolvedTicket) -> dict[Head, str]:
    found = ((head, label_of(row.outcome, head)) for head in HEADS)
    return {head: label for head, label in found if label is not None}
