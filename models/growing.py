"""A ticket that is scored again as it grows: its opening answered as any other, and what was written since on top.

Heads that learned nothing of growing tickets read a thread's newest words beside the opening's, as `features.wording`
has it. Knows neither how growth is learned nor what the desk does with an answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.heads import Head
from desk.reasons import NOTHING_KNOWN, Reason, message_words, strongest, thread_words
from desk.snapshots import opening_of
from desk.ticket import Ticket
from features.encoding import Encoded, Reading, encode, read
from features.thread import THREAD_MEASURES, ThreadReading, new_words, read_thread
from models.answering import Said
from models.contributions import begin_shares, tell
from models.growth import Grown, Growth, grown_score, parts_of_growth
from models.heads import risk_of
from models.linear import LinearScores, linear_scores
from models.reasons import reasons_of
from models.version import Version

__all__ = ["Growing", "growing_of", "grown_reasons"]

_TOLD_TOGETHER = THREAD_MEASURES[1:4]
"""Messages by who wrote them: one reason with how many there are."""


@dataclass(frozen=True, slots=True)
class Growing:
    """opening: the ticket without what was written since, with what was read off it and `said` of it by every head.

    thread: what was written since. told: shape (messages read, linear columns), what the linear members make of each of
    the customer's messages. now: what the heads say that learned from growing tickets.
    """

    opening: Ticket
    reading: Reading
    encoded: Encoded
    linear: LinearScores
    said: Mapping[Head, Said]
    thread: ThreadReading
    told: NDArray[np.float64]
    now: dict[Head, Said]


def growing_of(
    version: Version, ticket: Ticket, say: Callable[[Version, Encoded, LinearScores], Mapping[Head, Said]]
) -> Growing | None:
    """What `version` says of a ticket that has grown since its opening; None for one that has not.

    say: what every head answers to one encoded ticket, as `models.scoring.said_of` does.
    """
    thread = read_thread(ticket)
    if thread is None:
        return None
    opening = opening_of(ticket)
    reading = read(opening)
    encoder = version.encoder
    encoded = encode(encoder, reading)
    linear = linear_scores(version.linear, encoded)
    said = say(version, encoded, linear)
    words = [new_words(encoder, message, encoded.places[: encoded.text]) for message in thread.messages]
    told = np.array([version.linear.rows.sum(*one) for one in words], np.float64)
    now = {
        head: risk_of(
            grown_score(growth, thread, float(said[head].scores[1]), told[:, version.heads[head].columns.start])
        )
        for head, growth in _growths(version).items()
    }
    return Growing(opening, reading, encoded, linear, said, thread, told, now)


def grown_reasons(version: Version, growing: Growing) -> dict[Head, tuple[Reason, ...]]:
    """The strongest reasons of the heads that learned from growing tickets, for their risks' coming true.

    Those of the opening as much as it still counts, each message by itself, and the thread's numbers.
    """
    said = {head: growing.said[head] for head in _growths(version)}
    shares = begin_shares(version, growing.encoded, growing.linear, said, None)
    told = tell(version, growing.reading, growing.encoded, growing.linear, said, shares)
    before = reasons_of(told, growing.opening)
    found = {}
    for head, growth in _growths(version).items():
        grown = parts_of_growth(growth, growing.thread, growing.told[:, version.heads[head].columns.start])
        found[head] = _reasons(grown, growing.thread, before[head])
    return found


def _growths(version: Version) -> dict[Head, Growth]:
    return {head: one.growth for head, one in version.heads.items() if one.growth is not None}


def _reasons(grown: Grown, thread: ThreadReading, before: tuple[Reason, ...]) -> tuple[Reason, ...]:
    found = [Reason(one.text, grown.opening * one.weight) for one in before if one.text != NOTHING_KNOWN]
    found += [Reason(message_words(message), weight) for message, weight in grown.messages]
    weights = dict(grown.measures)
    weights[THREAD_MEASURES[0]] += sum(weights.pop(name) for name in _TOLD_TOGETHER)
    values = dict(zip(THREAD_MEASURES, thread.measures, strict=True))
    found += [Reason(thread_words(name, values), weight) for name, weight in weights.items()]
    return tuple(found[place] for place in strongest([one.weight for one in found])) or before
