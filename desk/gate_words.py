"""What the gate says of a figure, in words that a lead reads."""

from collections.abc import Mapping
from typing import Final

from desk.gate_evidence import Figure, RowsName
from desk.gate_policy import GatePolicy
from desk.run_off import Tally

__all__ = ["told", "told_maybe_worse", "told_unproven", "told_worse"]

_SPOKEN: Final[Mapping[str, str]] = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "kappa": "kappa",
    "auroc": "AUROC",
    "ece": "calibration error",
    "brier": "Brier score",
    "coverage": "share applied by itself",
}
_ON: Final[Mapping[RowsName, str]] = {
    "golden": "the golden set",
    "newest": "the newest tickets",
    "both": "all tickets that judge",
    "differing": "tickets that the two answer otherwise",
}


def told(figure: Figure) -> str:
    """What both have, and by how much they differ."""
    if figure.tally is not None:
        return _counted(figure, figure.tally)
    where = f" of {figure.where}" if figure.where else ""
    direction = "higher" if figure.challenger > figure.champion else "lower"
    low, high = sorted((abs(figure.low), abs(figure.high)))
    return (
        f"{_subject(figure, where)} is {figure.challenger:.3f}, the champion's {figure.champion:.3f}: "
        f"{_points(abs(figure.loss))} {direction} ({100 * low:.1f} to {100 * high:.1f})"
    )


def told_worse(figure: Figure, policy: GatePolicy) -> str:
    """That it is surely worse beyond its margin."""
    return f"{told(figure)}; {_allowed(figure, policy)} worse is allowed"


def told_maybe_worse(figure: Figure, policy: GatePolicy) -> str:
    """That it looks worse beyond its margin, be it by chance."""
    return (
        f"{_subject(figure)} looks {_points(figure.loss)} lower {_interval(figure)}, where {_allowed(figure, policy)} "
        "are allowed, and nothing says yet that this is chance: more labels will tell"
    )


def told_unproven(figure: Figure, policy: GatePolicy) -> str:
    """That nothing is better, and that it may be worse beyond its margin."""
    return (
        f"nothing proves it better, and {_subject(figure)} may be {_points(-figure.low)} lower {_interval(figure)}, "
        f"where {_allowed(figure, policy)} are allowed: more labels will tell"
    )


def _counted(figure: Figure, tally: Tally) -> str:
    more = "more" if figure.challenger >= figure.champion else "fewer"
    return (
        f"asked by chance about {tally.told:,} of the {tally.differing:,} of {tally.tickets:,} tickets whose "
        f"{figure.head} they answer otherwise, people named the challenger's {tally.challenger:,} times and the "
        f"champion's {tally.champion:,} times: {_points(abs(figure.loss))} {more} are right {_interval(figure)}"
    )


def _subject(figure: Figure, where: str = "") -> str:
    return f"on {_ON[figure.on]} ({figure.rows:,} rows{where}) its {figure.head} {_SPOKEN[figure.name]}"


def _interval(figure: Figure) -> str:
    return f"({100 * figure.low:+.1f} to {100 * figure.high:+.1f})"


def _allowed(figure: Figure, policy: GatePolicy) -> str:
    return _points(policy.margin(figure.name, figure.where))


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"
