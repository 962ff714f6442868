"""What waits for a word: verdicts that contradict a sure answer, each other, or what people did.

A second person's verdict, or a lead's final one, settles each. Knows no screen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

from desk.heads import Head
from desk.votes import Standing, Vote, person_of

__all__ = ["Waiting", "waiting_in"]

Why: TypeAlias = Literal["quarantined", "disputed", "contested"]

_WAITS: Final[tuple[Standing, ...]] = ("quarantined", "disputed")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One head of one prediction.

    why: `quarantined` (it contradicts a sure answer, or names a label that nobody knows), `disputed` (people say
    different things), `contested` (one person against what others did in the desk's system).

    said: label -> who says so.
    """

    prediction_id: str
    ticket_id: str
    head: Head
    why: Why
    said: Mapping[str, tuple[str, ...]]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def waiting_in(votes: Mapping[str, Sequence[Vote]], contested: Iterable[tuple[str, Head]]) -> list[Waiting]:
    """What waits, by ticket and prediction. votes: by ticket id. contested: as `Gathered` has it."""
    against = set(contested)
    found: dict[tuple[str, str, Head], list[Vote]] = {}
    for ticket, all_votes in votes.items():
        for vote in all_votes:
            if vote.standing in _WAITS or ((ticket, vote.head) in against and vote.standing == "counts"):
                found.setdefault((ticket, vote.verdict.prediction_id, vote.head), []).append(vote)
    return [_waiting(*place, some) for place, some in sorted(found.items())]


def _waiting(ticket: str, prediction: str, head: Head, votes: Sequence[Vote]) -> Waiting:
    said: dict[str, tuple[str, ...]] = {}
    for vote in votes:
        said[vote.label] = (*said.get(vote.label, ()), person_of(vote.verdict.who))
    standing = votes[0].standing
    why: Why = "disputed" if standing == "disputed" else "quarantined" if standing == "quarantined" else "contested"
    people = {label: tuple(sorted(set(who))) for label, who in sorted(said.items())}
    return Waiting(prediction, ticket, head, why, people)
