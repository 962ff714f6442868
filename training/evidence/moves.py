"""What a training found to have moved to another queue, in the desk's own names, to be told to people.

Which rows these are is found by `training.learning.moved`; knows neither files nor where it is told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.outcome import ResolvedTicket
from training.learning.moved import Moved

__all__ = ["Move", "ReadAnew", "moves_of", "read_anew_by"]


@dataclass(frozen=True, slots=True)
class ReadAnew:
    """An older ticket that teaches as one of `now`, though its outcome says `was`."""

    ticket_id: str
    opened: datetime | None
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Move:
    """A kind of tickets that went to `was` and goes to `now`.

    since: when the first of the newest tickets that say so was opened. newer: how many of these went to `now` where
    `was` was answered; expected: how many would, were it as before. gain: by how much the log-loss of the newest
    tickets of both falls where older ones are read anew; error: its standard error. tickets: the older ones.
    """

    was: str
    now: str
    since: datetime | None
    newer: int
    expected: float
    gain: float
    error: float
    tickets: tuple[ReadAnew, ...]

    @property
    def words(self) -> str:
        """For whoever has to sign the version off."""
        since = "" if self.since is None else f" since {self.since:%Y-%m-%d}"
        return (
            f"tickets of a kind that went to `{self.was}` go to `{self.now}`{since}: {self.newer} of the newest, where "
            f"{self.expected:.1f} would be usual. {len(self.tickets):,} older ones of that kind teach as `{self.now}` "
            "from now on, and testify to nothing"
        )


def moves_of(rows: Sequence[ResolvedTicket], labels: Sequence[str], moved: Sequence[Moved]) -> tuple[Move, ...]:
    """The same in names. rows, labels: what places and codes stand for."""
    return tuple(
        Move(
            was := labels[one.was],
            now := labels[one.now],
            rows[one.since].ticket.created_at,
            one.newer,
            one.expected,
            one.gain,
            one.error,
            tuple(ReadAnew(rows[at].ticket.id, rows[at].ticket.created_at, was, now) for at in one.places),
        )
        for one in moved
    )


def read_anew_by(moves: Sequence[Move]) -> Iterator[ReadAnew]:
    """Every ticket that is read anew."""
    for move in moves:
        yield from move.tickets
