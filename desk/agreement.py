"""How far people agree: each with the suggestions they saw, and with others who judged the same answers.

Agreement beyond chance is Cohen's kappa (J. Cohen, "A coefficient of agreement for nominal scales", 1960), each person
against the others; intervals are Wilson's, of 95 %. Knows neither the journal nor what follows from it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from desk.heads import Head
from desk.votes import Vote, person_of

__all__ = ["FEWEST", "Agreement", "Share", "agreement_of"]

FEWEST: Final = 10
"""Answers, below which a share says nothing of a person."""

_Z: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """hits of rows, with Wilson's interval."""

    hits: int
    rows: int

    @property
    def value(self) -> float | None:
        """None where there are fewer than `FEWEST` rows."""
        return self.hits / self.rows if self.rows >= FEWEST else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which the share surely is, at 95 %."""
        if not self.rows:
            return 0.0, 1.0
        share, square = self.hits / self.rows, _Z * _Z
        middle = (share + square / (2 * self.rows)) / (1 + square / self.rows)
        reach = _Z / (1 + square / self.rows) * sqrt(share * (1 - share) / self.rows + square / (4 * self.rows**2))
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One person's on one head.

    said: answers they gave and did not take back. with_suggestion: of those where they saw it. with_others: of answers
    that somebody else judged too, each other person once. kappa: of the same, beyond chance; None where that is not
    known. overruled: by final words.
    """

    person: str
    said: int
    with_suggestion: Share
    with_others: Share
    kappa: float | None
    overruled: int


def agreement_of(votes: Iterable[Vote], head: Head = "queue") -> list[Agreement]:
    """Everybody's, those who said most first. votes: as `desk.votes.votes_of` gives them."""
    last = [one for one in votes if one.head == head and one.standing != "superseded"]
    by_answer: dict[str, dict[str, Vote]] = {}
    by_person: dict[str, list[Vote]] = {}
    for one in last:
        person = person_of(one.verdict.who)
        by_answer.setdefault(one.verdict.prediction_id, {})[person] = one
        by_person.setdefault(person, []).append(one)
    found = [_agreement(person, own, by_answer) for person, own in by_person.items()]
    return sorted(found, key=lambda one: (-one.said, one.person))


def _agreement(person: str, own: Sequence[Vote], by_answer: Mapping[str, Mapping[str, Vote]]) -> Agreement:
    aided = [one for one in own if one.origin in ("confirmed", "corrected")]
    pairs = [
        (one.label, other.label)
        for one in own
        for name, other in by_answer[one.verdict.prediction_id].items()
        if name != person
    ]
    return Agreement(
        person,
        len(own),
        Share(sum(one.origin == "confirmed" for one in aided), len(aided)),
        Share(sum(one == other for one, other in pairs), len(pairs)),
        _kappa(pairs),
        sum(one.standing == "overruled" for one in own),
    )


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    if len(pairs) < FEWEST:
        return None
    mine, theirs = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    seen = sum(one == other for one, other in pairs) / len(pairs)
    by_chance = sum(count * theirs[label] for label, count in mine.items()) / len(pairs) ** 2
    return None if by_chance == 1 else (seen - by_chance) / (1 - by_chance)
