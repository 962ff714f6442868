"""What the watch compares of tickets: facts, numbers of the text's shape and tone, and how many words are unknown.

Not whose ticket it is. Knows no tests.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from desk.ticket import Ticket
from features.encoding import Encoder, read
from features.facts import CALENDAR, MEASURES
from features.lexicon import Lexicon
from features.sentiment import lexicon_sentiment
from features.urgency import urgency_signs
from features.vocabulary import Vocabulary, without_rarest
from training.watch.categories import Value

__all__ = ["UNKNOWN_WORDS", "Read", "read_recent", "read_reference"]

UNKNOWN_WORDS: Final = "share of unknown words"

Read = Mapping[str, Value]

_LEFT_OUT: Final = ("customer", *CALENDAR)  # who asks is nobody's drift; the calendar is a number below
_NO_RUNS: Final = Vocabulary(np.empty(0, np.uint64), np.empty(0, np.float32))


def read_reference(encoder: Encoder, tickets: Iterable[Ticket]) -> list[Read]:
    """Tickets that the encoder was learned from: a word is known to one if others would have made it known."""
    lexicon = Lexicon(without_rarest(encoder.words), _NO_RUNS)
    return [_read(ticket, lexicon) for ticket in tickets]


def read_recent(encoder: Encoder, tickets: Iterable[Ticket]) -> list[Read]:
    """Tickets that it never saw."""
    lexicon = Lexicon(encoder.words, _NO_RUNS)
    return [_read(ticket, lexicon) for ticket in tickets]


def _read(ticket: Ticket, lexicon: Lexicon) -> Read:
    reading = read(ticket)
    found: dict[str, Value] = {name: value for name, value in reading.facts.items() if name not in _LEFT_OUT}
    found |= dict(zip(MEASURES, map(float, reading.measures), strict=True))
    share = lexicon.find(reading.chunks).share
    found[UNKNOWN_WORDS] = None if share is None else 1 - share
    found["sentiment"] = lexicon_sentiment(reading.wording)
    found["urgency"] = urgency_signs(reading.wording)
    return found
