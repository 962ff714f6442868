"""What carries a head: how much its answers owe to words, to the meaning of the text, to each attribute and measure.

Taken from the reasons for the answers to a sample of tickets (`models.contributions`), so that it says what a version
does and not what its training might have. A word is named only where it stands in tickets of several requesters: what
one of them alone writes says who they are. Knows no pictures.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from desk.heads import RISK_HEADS, Head
from desk.ticket import Ticket
from features.encoding import encode, read
from models.contributions import Told, begin_shares, parts_of, tell
from models.linear import linear_scores
from models.scoring import said_of
from models.version import Version

__all__ = ["MOST_ASKED", "WORDS", "Carrier", "Importance", "TellingWord", "importance_of"]

MOST_ASKED: Final = 600
"""Tickets whose reasons are looked at, spread evenly over those given."""

WORDS: Final = "words"
MEANING: Final = "meaning"
ATTRIBUTE: Final = "attribute"
MEASURE: Final = "measure"

FEWEST_REQUESTERS: Final = 10
"""Whose tickets a word must stand in before it is named. A name that many bear is named all the same."""

FEWEST_TICKETS: Final = 3
"""That have the word and were answered with the label."""

_STEADY: Final = 5  # tickets of weight nought that are added to each word's: of few tickets a mean says little
WORDS_OF_A_LABEL: Final = 6
_SHORTEST: Final = 3  # characters of a word that is named


@dataclass(frozen=True, slots=True)
class Carrier:
    """`weight` is by how much it moves the log-odds of the explained answer, on average, whichever way."""

    kind: str
    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class TellingWord:
    """`word` stands in `tickets` of the sample that were answered `label`, and adds `weight` to its log-odds there.

    weight: the mean, drawn to nought where the tickets are few.
    """

    label: str
    word: str
    tickets: int
    weight: float


@dataclass(frozen=True, slots=True)
class Importance:
    """tickets: how many were asked about. carriers: the heaviest first. words: by label, the heaviest first.

    A risk head's answer that is explained is that it happens; of others the answered label.
    """

    tickets: int
    carriers: tuple[Carrier, ...]
    words: tuple[TellingWord, ...]

    @property
    def answered(self) -> tuple[str, ...]:
        """The labels that words are known of, in their order."""
        return tuple(dict.fromkeys(one.label for one in self.words))


class _Tally:
    """Sums over tickets of one head."""

    def __init__(self) -> None:
        self.carried: dict[tuple[str, str], float] = defaultdict(float)
        self.said: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.answered: dict[str, int] = defaultdict(int)
        self.requesters: dict[str, set[str]] = defaultdict(set)


def importance_of(version: Version, tickets: Sequence[Ticket], most: int = MOST_ASKED) -> dict[Head, Importance]:
    """Every head's; empty without tickets. Costs some milliseconds a ticket."""
    if not tickets:
        return {}
    asked = [tickets[place] for place in np.unique(np.linspace(0, len(tickets) - 1, most).astype(np.int64)).tolist()]
    tallies: dict[Head, _Tally] = {head: _Tally() for head in version.heads}
    for ticket in asked:
        _count(tallies, version, ticket)
    return {head: _found(head, tally, len(asked)) for head, tally in tallies.items()}


def _count(tallies: Mapping[Head, _Tally], version: Version, ticket: Ticket) -> None:
    told = _told(version, ticket)
    requester = ticket.customer.id or ticket.id
    for head, parts in parts_of(told).items():
        tally, label = tallies[head], version.heads[head].labels[told.answers[head]]
        tally.answered[label] += 1
        tally.carried[WORDS, "words of the text"] += abs(float(parts.words.sum()))
        if parts.whole:
            tally.carried[MEANING, "meaning of the text"] += abs(parts.whole)
        for kind, some in ((ATTRIBUTE, parts.facts), (MEASURE, parts.measures)):
            for name, weight in some.items():
                tally.carried[kind, name] += abs(weight)
        for place in told.origins.words.values():
            word = told.origins.spelled[place].lower()
            if len(word) >= _SHORTEST and word.isalpha():
                tally.said[label, word].append(float(parts.words[place]))
                tally.requesters[word].add(requester)


def _told(version: Version, ticket: Ticket) -> Told:
    reading = read(ticket)
    encoded = encode(version.encoder, reading)
    linear = linear_scores(version.linear, encoded)
    said = said_of(version, encoded, linear)
    return tell(version, reading, encoded, linear, said, begin_shares(version, encoded, linear, said, None))


def _found(head: Head, tally: _Tally, tickets: int) -> Importance:
    carriers = [Carrier(kind, name, weight / tickets) for (kind, name), weight in tally.carried.items()]
    carriers = [one for one in carriers if one.weight > 0]
    words = [
        TellingWord(label, word, len(said), sum(said) / (len(said) + _STEADY))
        for (label, word), said in tally.said.items()
        if len(said) >= FEWEST_TICKETS and len(tally.requesters[word]) >= FEWEST_REQUESTERS
    ]
    return Importance(
        tickets,
        tuple(sorted(carriers, key=lambda one: (-one.weight, one.name))),
        tuple(_telling(head, words, tally.answered)),
    )


def _telling(head: Head, words: Sequence[TellingWord], answered: Mapping[str, int]) -> list[TellingWord]:
    """The heaviest words of each label that speak for it, and of a risk head those that speak against it as well."""
    told: list[TellingWord] = []
    for label in sorted(answered, key=lambda one: (-answered[one], one)):
        mine = sorted((one for one in words if one.label == label), key=lambda one: (-one.weight, one.word))
        told += [one for one in mine[:WORDS_OF_A_LABEL] if one.weight > 0]
        if head in RISK_HEADS:
            told += [one for one in mine[-WORDS_OF_A_LABEL:] if one.weight < 0]
    return told
