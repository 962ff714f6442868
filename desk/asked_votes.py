"""What people say where the lot chose the ticket and nobody was shown a suggestion.

Nobody chooses what they speak of, and no version had a part in what they say: by these labels versions can be held
against each other. Knows neither how tickets are drawn nor what follows.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from desk.heads import Head
from desk.votes import Standing, Vote, person_of

__all__ = ["Asked", "said_when_asked"]

Asked = Mapping[str, str]
"""Prediction id -> who was asked about it by lot, without a suggestion, and answered."""

_HEARD: Final[frozenset[Standing]] = frozenset({"counts", "quarantined", "disputed"})


def said_when_asked(head: Head, asked: Asked, votes: Iterable[Vote]) -> str | None:
    """The label that the one who was asked said, or a lead in their place by a final word; None where neither did.

    votes: of one ticket. It does not matter whether the vote has to wait because it contradicts a sure answer, or
    somebody who was not asked: were such votes left out, of what a version is sure of, or what people followed it in,
    only what it has right would be known.
    """
    said = None
    for vote in votes:
        who = asked.get(vote.verdict.prediction_id)
        if who is None or vote.head != head or vote.standing not in _HEARD:
            continue
        if vote.verdict.is_final:
            return vote.label
        if person_of(vote.verdict.who) == person_of(who) and vote.origin == "unaided":
            said = vote.label
    return said
