"""Whether a contract is kept, looked at after every answer: a bet against it, and in breach a bet for it.

A gambler who bets at fair odds that a label is right less often than demanded grows rich only if it is. While the
demand is kept, the chance that the stake ever grows k-fold is at most 1/k, however often one looks (Ville, 1939). The
bets are likelihood ratios (Wald, "Sequential tests of statistical hypotheses", 1945) against several rates of misses at
once, in equal parts: a mean of such stakes is one (Robbins, 1970; Waudby-Smith and Ramdas, "Estimating means of bounded
random variables by betting", 2024; Ramdas and others, "Game-theoretic statistics and safe anytime-valid inference",
2023). Always a fold over all answers in the order in which they became known: no sum is kept. Knows no journal.

An answer that was applied by itself shows its misses, where somebody moves the ticket, and never its hits: nobody
looked at what was left as it was. So there are two stakes of half each. One bets on the sample alone, on tickets whose
label becomes known whatever it is. The other bets on both, and takes what was left alone for no miss, the reading that
speaks least for a breach: a miss is shown less often than it happens, so that what this stake gains is owed to misses.
What was left alone can thus neither bring a breach about nor end one, and can delay one that the sample proves by no
more than half the stake. A label goes back by the sample and by people's words, against every miss that was shown.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

__all__ = ["BREACH", "RETURN", "Contested", "Counts", "Shown", "Source", "Watch", "follow"]

BREACH: Final = 0.01
"""The chance, at most, that a label which keeps its contract ever falls back by one version's answers."""

RETURN: Final = 0.05
"""The chance, at most, that a label in breach which is not right as often as demanded is ever let back."""

_WORSE: Final = (1.5, 2.0, 3.0, 5.0, 8.0)
"""Of the misses that a demand allows, how many times as many the bets against it reckon with."""

_BETTER: Final = (0.0, 0.1, 0.25, 0.5)
"""The same of the bets for it."""

_MOST_MISSES: Final = 0.95

Shown: TypeAlias = Literal["hit", "miss", "left"]
"""left: nobody is known to have said or set anything else."""

Source: TypeAlias = Literal["sample", "applied", "word"]
"""sample: of a ticket whose label becomes known whatever it is. applied: of one that was applied by itself, or of which
nothing became known in time: only misses are shown. word: of one that was suggested, and nothing but somebody's word is
known, who may speak of misses sooner than of hits."""


@dataclass(frozen=True, slots=True)
class Contested:
    """One answer under a contract.

    known_at: when it became known what became of it, aware.
    """

    known_at: datetime
    prediction_id: str
    shown: Shown
    source: Source


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers of the sample and all others, with the misses among them."""

    sampled: int = 0
    sampled_misses: int = 0
    others: int = 0
    other_misses: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """What a label's answers amount to.

    since: when it fell or came back last; None where it never fell. counts: since then. decided_by: what was counted
    until then from the change before. stake: what the bet under way has grown to from 1; it ends at `1 / BREACH`, or in
    breach at `1 / RETURN`. changes: how often it fell and came back.
    """

    is_in_breach: bool
    since: datetime | None
    counts: Counts
    decided_by: Counts
    stake: float
    changes: int


def follow(answers: Iterable[Contested], demand: float) -> Watch:
    """Follow a label's answers through breaches and returns.

    answers: all of one version and label that are as sure as the contract asks, in any order. demand: the precision,
    between 0 and 1, both excluded.
    """
    fold = _Fold(demand)
    for one in sorted(answers, key=lambda one: (one.known_at, one.prediction_id)):
        fold.take(one)
    return fold.watch


class _Fold:
    """Logs of the stakes, so that nothing overflows."""

    def __init__(self, demand: float) -> None:
        allowed = 1 - demand
        self._against = [_bet(demand, rate) for rate in _rates(allowed, _WORSE)]
        self._for = [_bet(demand, rate) for rate in _rates(allowed, _BETTER)]
        self._breach, self._changes = False, 0
        self._since: datetime | None = None
        self._decided_by = Counts()
        self._begin()

    @property
    def watch(self) -> Watch:
        stake = math.exp(min(self._stake(), 700.0))
        return Watch(self._breach, self._since, Counts(*self._counts), self._decided_by, stake, self._changes)

    def take(self, one: Contested) -> None:
        is_sampled, is_miss = one.source == "sample", one.shown == "miss"
        place = 0 if is_sampled else 2
        self._counts[place] += 1
        self._counts[place + 1] += is_miss
        if self._breach:
            if one.shown != "left":
                _add(self._sampled, self._for, is_miss=is_miss)
        else:
            _add(self._both, self._against, is_miss=is_miss)
            if is_sampled:
                _add(self._sampled, self._against, is_miss=is_miss)
        # Against a label nothing but a miss wins, and for it nothing but a hit: only then may a bet have ended.
        if is_miss is not self._breach and self._stake() >= -math.log(RETURN if self._breach else BREACH):
            self._breach, self._since, self._changes = not self._breach, one.known_at, self._changes + 1
            self._decided_by = Counts(*self._counts)
            self._begin()

    def _begin(self) -> None:
        bets = len(self._for if self._breach else self._against)
        self._sampled, self._both = [0.0] * bets, [0.0] * bets
        self._counts = [0, 0, 0, 0]

    def _stake(self) -> float:
        if self._breach:
            return _log_mean(self._sampled)
        return _log_mean((*self._sampled, *self._both))


def _rates(allowed: float, times: Sequence[float]) -> list[float]:
    """Rates of misses; of a demand so low that more could not be missed, the same ends."""
    return [min(one * allowed, max(_MOST_MISSES, allowed)) for one in times]


def _bet(demand: float, rate: float) -> tuple[float, float]:
    """What a hit and a miss add to the log of a stake that reckons with `rate` misses."""
    hit = math.log((1 - rate) / demand)
    return hit, math.log(rate / (1 - demand)) if rate > 0 else -math.inf


def _add(stakes: list[float], bets: Sequence[tuple[float, float]], *, is_miss: bool) -> None:
    for place, bet in enumerate(bets):
        stakes[place] += bet[is_miss]


def _log_mean(logs: Sequence[float]) -> float:
    most = max(logs)
    if most == -math.inf:
        return most
    return most + math.log(sum(math.exp(one - most) for one in logs) / len(logs))
