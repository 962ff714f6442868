"""Which rows of a history are the same ticket twice, so that none judges what another has taught.

Knows tickets as they were read, neither labels nor folds.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Final

from desk.ticket import Ticket
from features.encoding import Reading
from features.wording import wording_of

__all__ = ["copies_of"]

_MOST_COPIES: Final = 20
"""A text that stands in more rows is a form that many fill in ("street light out"), and no copy of one ticket."""

_TELLING: Final = 100
"""Characters from which on a text alone says that it is the same ticket; a shorter one needs the same facts as well."""

_CALENDAR: Final = frozenset({"hour", "weekday"})


def copies_of(tickets: Sequence[Ticket], readings: Sequence[Reading]) -> list[int]:
    """Of each row the place of the first that is the same ticket; `readings` are those of `tickets`.

    Rows without words stand for themselves, whatever else they share.
    """
    keys = [_key(ticket, reading) for ticket, reading in zip(tickets, readings, strict=True)]
    rows = Counter(keys)
    first: dict[Hashable, int] = {}
    return [
        place if key is None or rows[key] > _MOST_COPIES else first.setdefault(key, place)
        for place, key in enumerate(keys)
    ]


def _key(ticket: Ticket, reading: Reading) -> Hashable:
    wording = wording_of(ticket).casefold()
    if not wording or len(wording) >= _TELLING:
        return wording or None
    return wording, frozenset(item for item in reading.facts.items() if item[0] not in _CALENDAR)
