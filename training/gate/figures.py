"""Every figure of champion and challenger on the same rows, with the interval of the difference.

Paired: each draw of the bootstrap takes the same rows for both. Knows neither which rows may judge nor what is allowed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from desk.gate_evidence import Figure, RowsName
from desk.heads import RISK_HEADS
from training.evidence import formulas, redrawn
from training.evidence.intervals import bootstrap
from training.gate.sides import Pair, Side

__all__ = ["figures_of", "proof_of"]

LEVEL: Final = 0.95
"""Of every interval; that dozens of figures are looked at is minded where they are judged (`desk.gate`)."""

FEWEST_OF_A_SLICE: Final = 30

_Places: TypeAlias = NDArray[np.int64]
_Figure: TypeAlias = Callable[[_Places], float]
_Measure: TypeAlias = Callable[[Side], _Figure]


def figures_of(pair: Pair, on: RowsName, priority_order: Sequence[str] = ()) -> Iterator[Figure]:
    """The figures of a head on one kind of rows, then those of its slices.

    priority_order: the most urgent first; without it there is no kappa.
    """
    everything = np.arange(len(pair.truth))
    for name, measure in _measures(pair, priority_order).items():
        yield _figure(pair, on, name, measure, everything)
    if _keeps_its_contract(pair):
        yield _coverage(pair, on)
    name = "brier" if pair.head in RISK_HEADS else "accuracy"
    measure = _brier(pair) if pair.head in RISK_HEADS else _accuracy(pair)
    for by, values in pair.groups.items():
        names, codes = np.unique(np.array(values), return_inverse=True)
        if len(names) == 1:
            continue
        for code, value in enumerate(names):
            places = np.flatnonzero(codes == code)
            if len(places) >= FEWEST_OF_A_SLICE:
                yield _figure(pair, on, name, measure, places, f"{by} {value}")


def proof_of(pairs: Sequence[Pair]) -> Figure:
    """The main figure of a head, accuracy or AUROC, on the rows of all `pairs` together; they are of one head.

    Versions need not have the same labels in each: right is right.
    """
    head = pairs[0].head
    if head in RISK_HEADS:
        truth = np.concatenate([_happened(pair) for pair in pairs])
        then, now = (redrawn.auroc(truth, np.concatenate([side.chance for side in sides])) for sides in _sides(pairs))
    else:
        then, now = (
            _mean(np.concatenate([side.answered == pair.truth for side, pair in zip(sides, pairs, strict=True)]))
            for sides in _sides(pairs)
        )
    count = sum(len(pair.truth) for pair in pairs)
    interval = bootstrap(lambda rows: now(rows) - then(rows), count, level=LEVEL)
    everything = np.arange(count)
    return Figure(
        on="both",
        head=head,
        name="auroc" if head in RISK_HEADS else "accuracy",
        rows=count,
        champion=then(everything),
        challenger=now(everything),
        low=interval.low,
        high=interval.high,
    )


def _sides(pairs: Sequence[Pair]) -> tuple[list[Side], list[Side]]:
    return [pair.champion for pair in pairs], [pair.challenger for pair in pairs]


def _figure(pair: Pair, on: RowsName, name: str, measure: _Measure, places: _Places, where: str = "") -> Figure:
    then, now = measure(pair.champion), measure(pair.challenger)

    def difference(drawn: _Places) -> float:
        rows = places[drawn]
        return now(rows) - then(rows)

    interval = bootstrap(difference, len(places), level=LEVEL)
    return Figure(
        on=on,
        head=pair.head,
        name=name,
        rows=len(places),
        champion=then(places),
        challenger=now(places),
        low=interval.low,
        high=interval.high,
        where=where,
    )


def _measures(pair: Pair, priority_order: Sequence[str]) -> dict[str, _Measure]:
    if pair.head in RISK_HEADS:
        return {"auroc": _auroc(pair), "ece": _risk_ece(pair)}
    found = {"accuracy": _accuracy(pair), "macro_f1": _macro_f1(pair), "ece": _ece(pair)}
    if pair.head == "priority" and set(pair.labels) <= set(priority_order):
        found["kappa"] = _kappa(pair, priority_order)
    return found


def _keeps_its_contract(pair: Pair) -> bool:
    """Whether what the champion applies by itself is right as often as is demanded: else less of it is no loss."""
    applied = pair.champion.applied
    if pair.demand is None or not applied.any():
        return False
    return bool((pair.champion.answered == pair.truth)[applied].mean() >= pair.demand)


def _coverage(pair: Pair, on: RowsName) -> Figure:
    """The share applied by itself, of all rows whether or not their label is known.

    Those that judge are mostly ones that were held back, where the champion is sure by choice.
    """
    before, now = pair.applied
    interval = bootstrap(lambda rows: float(now[rows].mean() - before[rows].mean()), len(now), level=LEVEL)
    return Figure(
        on=on,
        head=pair.head,
        name="coverage",
        rows=len(now),
        champion=float(before.mean()),
        challenger=float(now.mean()),
        low=interval.low,
        high=interval.high,
    )


def _accuracy(pair: Pair) -> _Measure:
    return lambda side: _mean(side.answered == pair.truth)


def _macro_f1(pair: Pair) -> _Measure:
    """Over the labels that the rows have: a queue that is new to both is no class of old rows."""
    return lambda side: redrawn.macro_f1(pair.truth, side.answered, only_true=True)


def _ece(pair: Pair) -> _Measure:
    return lambda side: redrawn.calibration_error(side.sure, side.answered == pair.truth)


def _kappa(pair: Pair, priority_order: Sequence[str]) -> _Measure:
    order = [label for label in priority_order if label in pair.labels]
    level = np.array([order.index(label) for label in pair.labels])

    def kappa(side: Side) -> _Figure:
        truth, said = level[pair.truth], level[side.answered]
        return lambda rows: formulas.quadratic_kappa(truth[rows], said[rows], len(order))

    return kappa


def _happened(pair: Pair) -> NDArray[np.bool_]:
    return np.equal(pair.truth, pair.labels.index("true"))


def _auroc(pair: Pair) -> _Measure:
    happened = _happened(pair)
    return lambda side: redrawn.auroc(happened, side.chance)


def _risk_ece(pair: Pair) -> _Measure:
    happened = _happened(pair)
    return lambda side: redrawn.calibration_error(side.chance, happened)


def _brier(pair: Pair) -> _Measure:
    happened = _happened(pair)
    return lambda side: _mean((side.chance - happened) ** 2)


def _mean(values: NDArray[np.bool_] | NDArray[np.float64]) -> _Figure:
    return lambda rows: float(values[rows].mean())
