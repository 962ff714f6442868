"""How a desk's queues changed: renamed, merged, split, retired, added, as dated records that labels are read through.

A label means what its queue was when it was said; these records say what that queue is now. Names that no record
mentions are queues as they stand. Knows neither where records are kept nor what is learned from labels, and no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias, get_args

__all__ = ["KINDS", "NO_CHANGES", "Fate", "Kind", "Record", "Taxonomy"]

Kind: TypeAlias = Literal["renamed", "merged", "split", "retired", "added"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_EVER: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One change. `at`: aware; whatever is said from then on is said after it.

    queues: those it takes away (a merge or a split may leave one of them under its name). into: what they become, and
    what is added. descriptions: queue of `into` -> what it is for, in a line.
    """

    at: datetime
    kind: Kind
    queues: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Every queue that it mentions."""
        return frozenset(self.queues) | frozenset(self.into)

    @property
    def gone(self) -> tuple[str, ...]:
        """The queues that are no more from then on."""
        return tuple(queue for queue in self.queues if queue not in self.into)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a label. queue: what it is now, None where `ended`, a split or a retirement, left no successor.

    parted: whether parts were split off on the way, so that the label may have meant one of them.
    """

    queue: str | None
    ended: Record | None = None
    parted: bool = False


@dataclass(frozen=True)
class Taxonomy:
    """records: the oldest first, in whatever order they are given.

    That they make sense together is for `desk.taxonomy_setting` to see.
    """

    records: tuple[Record, ...] = ()
    _ends: Mapping[str, list[Record]] = field(init=False, repr=False, compare=False)
    _starts: Mapping[str, list[Record]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort, and make ready to ask for one queue."""
        ordered = tuple(sorted(self.records, key=lambda one: (one.at, one.kind, one.queues, one.into)))
        ends: dict[str, list[Record]] = {}
        starts: dict[str, list[Record]] = {}
        for record in ordered:
            for queue in record.queues if record.kind == "split" else record.gone:
                ends.setdefault(queue, []).append(record)
            for queue in record.into:
                starts.setdefault(queue, []).append(record)
        for name, value in (("records", ordered), ("_ends", ends), ("_starts", starts)):
            object.__setattr__(self, name, value)

    def as_of(self, now: datetime) -> "Taxonomy":
        """Only what has come about by `now`: a record of the future says nothing yet."""
        return self.first(sum(one.at <= now for one in self.records))

    def first(self, count: int) -> "Taxonomy":
        """The `count` oldest records alone."""
        return self if count == len(self.records) else Taxonomy(self.records[:count])

    def today(self, label: str, said_at: datetime | None) -> str | None:
        """What `label`, said at a time, means now.

        None where its queue is no more, or nobody knows which part it meant. An old name that is said after its queue
        went reads as if it were said before. A label of which nobody knows
        when it was said (None) means what it would at any time, or None where that differs.
        """
        if label not in self._ends and label not in self._starts:
            return label
        if said_at is None:
            moments = {_EVER, *(one.at for one in self.records if label in one.names)}
            meant = {self.today(label, moment) for moment in moments}
            return meant.pop() if len(meant) == 1 else None
        fate = self.fate(label, said_at)
        return None if fate.parted else fate.queue

    def latest(self, label: str) -> str | None:
        """What a name means where it stands for a queue of today, as in a setting; None where that is no more."""
        return self.fate(label, _LAST).queue

    def fate(self, label: str, said_at: datetime) -> Fate:
        """What became of `label`, said at a time; a queue that parts were split off from goes on under its name."""
        queue, parted = label, False
        record = self._gone_by(label, said_at) or self._ends_after(label, said_at)
        while record is not None:
            if record.kind == "split" or not record.into:
                if queue not in record.into:
                    return Fate(None, record, parted)
                parted = True
            else:
                queue = record.into[0]
            record = self._ends_after(queue, record.at)
        return Fate(queue, parted=parted)

    def retired_at(self, queue: str) -> datetime | None:
        """Since when there is no queue of this name; None where there is one, for all that is known."""
        ended = self._gone_by(queue, _LAST)
        return None if ended is None else ended.at

    def is_live(self, queue: str) -> bool:
        """Whether there is a queue of this name, for all that is known."""
        return self.retired_at(queue) is None

    def described(self) -> dict[str, str]:
        """Every queue of today that is described -> what it is for.

        A renamed queue keeps its description unless it gets one of its own; a merged one without has its parts'.
        """
        said: dict[str, str] = {}
        for record in self.records:
            before = {queue: said[queue] for queue in record.queues if queue in said}
            for queue in record.gone:
                said.pop(queue, None)
            if record.kind in ("renamed", "merged") and record.into[0] not in record.descriptions and before:
                said[record.into[0]] = said.get(record.into[0]) or " ".join(before.values())
            said.update(record.descriptions)
        return said

    def _gone_by(self, queue: str, moment: datetime) -> Record | None:
        """The record that took the queue away, if there is no such queue at that moment."""
        ended = [one for one in self._ends.get(queue, ()) if one.at <= moment and queue in one.gone]
        if not ended or any(ended[-1].at < one.at <= moment for one in self._starts.get(queue, ())):
            return None
        return ended[-1]

    def _ends_after(self, queue: str, moment: datetime) -> Record | None:
        return next((one for one in self._ends.get(queue, ()) if one.at > moment), None)


NO_CHANGES: Final = Taxonomy()
"""Before the first record: every label means what it says."""
