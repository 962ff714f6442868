"""Which tickets are most worth asking about, in order, and why: arrays in, an order out.

An answer teaches most where the versions that answer are in two minds, a little more where they disagree, where nothing
like the ticket is labelled, and where a label that few rows have is at stake; and it teaches little that was asked just
before of a ticket like it (`training.asking.spreading`). A share is drawn by chance whatever it may teach, since only
such a draw says how the desk is served; copies of one text are asked about once. Knows neither tickets nor the journal.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from desk.asking_policy import AskingPolicy, is_unaided, lot
from desk.question import UNAIDED
from training.asking.spreading import directions, spread
from training.asking.worth import Worth, worth_of

__all__ = ["Asked", "Candidates", "interleaved", "ranked"]

T = TypeVar("T")

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_NOTHING: Final = np.empty(0)


@dataclass(frozen=True, slots=True)
class Candidates:
    """n tickets without a label, each of another id.

    labels: the k that can be answered. probabilities: shape (n, k), by the champion. challenger: the same by the
    version called `challenger_name`, rows of NaN where it said nothing; None without one. vectors: shape (n, d), what
    each text says, sparse or not, rows of nought where it says nothing; None where nobody knows. distances: shape (n,),
    of each to the nearest ticket that is labelled, one minus the cosine; NaN where that is not known. rows: shape (k,),
    labelled rows of each label; empty where that is not known. copies: shape (n,), equal for tickets that say the same;
    empty where none does.
    """

    ids: Sequence[str]
    labels: tuple[str, ...]
    probabilities: Floats
    challenger: Floats | None = None
    challenger_name: str = ""
    vectors: csr_matrix | NDArray[Any] | None = None
    distances: Floats = field(default_factory=lambda: _NOTHING)
    rows: Codes = field(default_factory=lambda: np.empty(0, np.int64))
    copies: Sequence[Hashable] = ()

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Asked:
    """Ask about the candidate at `place`. worth, reasons: as in `desk.question.Question`.

    Beside what makes it worth asking (`margin`, `disagreement`, `novelty`, `rarity`) a reason may be `random`: it was
    drawn by chance, and stands for `tickets` that say the same. Then it may be `unaided` too: ask without the
    suggestion. No other is, for versions are compared on what people said unaided, and where the one is least sure
    the other seems better.
    """

    place: int
    worth: float
    reasons: tuple[Mapping[str, Any], ...]


def ranked(candidates: Candidates, policy: AskingPolicy, *, seed: int = 0) -> list[Asked]:
    """At most `policy.most` candidates, the most worth asking about first; the same whatever their order was.

    seed: another one draws others by chance.
    """
    groups = _groups(candidates)
    places = np.array([group[0] for group in groups], dtype=np.int64)
    most = min(policy.most, len(places))
    drawn = _drawn(candidates, places, round(policy.random * most), seed)
    worth = worth_of(candidates.probabilities, candidates.challenger, candidates.distances, candidates.rows)
    is_rest = ~np.isin(places, drawn)
    rest = places[is_rest]
    near = None if candidates.vectors is None or not most else directions(candidates.vectors[places])[is_rest]
    chosen = rest[spread(worth.of[rest], near, most - len(drawn))]
    copies = {group[0]: len(group) for group in groups}
    by_chance = frozenset(drawn.tolist())
    return [
        _asked(candidates, worth, place, policy, copies[place] if place in by_chance else 0)
        for place in interleaved(chosen.tolist(), drawn.tolist())
    ]


def _groups(candidates: Candidates) -> list[list[int]]:
    """Places of those that say the same, in the order of their ids: nothing may hang on how the candidates came."""
    found: dict[Hashable, list[int]] = {}
    for place in sorted(range(len(candidates)), key=lambda place: candidates.ids[place]):
        found.setdefault(candidates.copies[place] if candidates.copies else place, []).append(place)
    return list(found.values())


def _drawn(candidates: Candidates, places: Codes, count: int, seed: int) -> Codes:
    lots = [lot(candidates.ids[place], seed) for place in places.tolist()]
    return places[np.argsort(lots, kind="stable")[:count]]


def interleaved(chosen: Sequence[T], drawn: Sequence[T]) -> Iterator[T]:
    """Both in their order, the drawn ones spread evenly, so that whoever asks for a part has their share of it."""
    total, given = len(chosen) + len(drawn), 0
    for number in range(total):
        if (number + 1) * len(drawn) // total > given:
            yield drawn[given]
            given += 1
        else:
            yield chosen[number - given]


def _asked(candidates: Candidates, worth: Worth, place: int, policy: AskingPolicy, stands_for: int) -> Asked:
    """stands_for: tickets, of one that was drawn by chance; else nought."""
    reasons = worth.reasons(place, candidates.labels, candidates.challenger_name)
    by_chance = [{"reason": "random", "tickets": stands_for}] if stands_for else []
    is_alone = bool(by_chance) and is_unaided(candidates.ids[place], policy.unaided)
    unaided = [{"reason": UNAIDED}] if is_alone else []
    return Asked(place, float(worth.of[place]), (*by_chance, *reasons, *unaided))
