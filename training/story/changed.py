"""What changed against the version before, in words for who has never heard of a metric. Pure.

Reads the gate's figures as it left them in the run. Knows neither MLflow nor pages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from desk.gate_evidence import LOWER_IS_BETTER

__all__ = ["GateStory", "gate_story"]

_QUESTIONS: Final[Mapping[str, str]] = {
    "accuracy": "how often its {head} is right",
    "macro_f1": "how often its {head} is right, small ones counted as much as large ones",
    "kappa": "how far off a wrong {head} is",
    "auroc": "telling tickets that will {head} from those that will not",
    "ece": "being as often right as it says, for the {head}",
    "brier": "being as often right as it says, for the {head}",
    "coverage": "how many tickets it takes care of by itself, for the {head}",
}
_HEADS: Final[Mapping[str, str]] = {"escalation": "escalate", "breach": "miss their deadline"}
_RISKS: Final = ("escalation", "breach")
_ROWS: Final[Mapping[str, str]] = {
    "golden": "tickets kept aside, from which no version learns",
    "newest": "of the newest tickets",
    "both": "tickets in all",
    "differing": "tickets that both answer differently, of which people were asked",
}
_COUNTED: Final = frozenset({"accuracy", "coverage"})
"""Figures that are a share of tickets, and can be told as tickets of a thousand."""


@dataclass(frozen=True, slots=True)
class GateStory:
    """The judgement of a version beside the one `against`.

    outcome: `promoted`, `refused`, or what else became of it. tickets: the most that judged. better, worse: what
    differs and not by chance, in words. missing: what the version before answers and this one does not.
    """

    against: str
    outcome: str
    tickets: int
    better: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def gate_story(against: str, outcome: str, evidence: Mapping[str, Any]) -> GateStory:
    """evidence: as `desk.gate_evidence.GateEvidence.to_json` gave it."""
    figures: Sequence[Mapping[str, Any]] = evidence.get("figures", ())
    return GateStory(
        against,
        outcome,
        max((int(count) for count in evidence.get("rows", {}).values()), default=0),
        tuple(_differing(figures, better=True)),
        tuple(_differing(figures, better=False)),
        tuple(evidence.get("missing", {})),
    )


def _differing(figures: Sequence[Mapping[str, Any]], *, better: bool) -> Iterator[str]:
    """The differences that are not by chance: of all tickets, told in numbers, and large ones first.

    Of several kinds of rows that say the same of the same, the first is told.
    """
    found = [one for one in figures if _direction(one) == (1 if better else -1)]
    told = set()
    for one in sorted(found, key=_rank):
        key = (one["head"], one["name"], one["where"])
        if key not in told:
            told.add(key)
            yield _words(one)


def _rank(one: Mapping[str, Any]) -> tuple[bool, bool, float]:
    return bool(one["where"]), one["name"] not in _COUNTED, -abs(one["challenger"] - one["champion"])


def _direction(one: Mapping[str, Any]) -> int:
    """1 where the new version is better and not by chance, -1 where it is worse, else 0."""
    low, high = one["low"], one["high"]
    if low is None or high is None or low <= 0 <= high:
        return 0
    return 1 if (low > 0) != (one["name"] in LOWER_IS_BETTER) else -1


def _words(one: Mapping[str, Any]) -> str:
    head = one["head"]
    question = _QUESTIONS.get(one["name"], "the {head}")
    named = _HEADS[head] if head in _RISKS and one["name"] == "auroc" else head
    words = question.format(head=named)
    if one["where"]:
        words += f", for {one['where']}"
    if one["name"] in _COUNTED:
        before, now = (round(1000 * one[which]) for which in ("champion", "challenger"))
        low, high = sorted(round(1000 * abs(one[which])) for which in ("low", "high"))
        change = "more" if one["challenger"] > one["champion"] else "fewer"
        words += f": {now} in 1,000 tickets instead of {before}, between {low} and {high} {change}"
    return f"{words} ({one['rows']:,} {_ROWS[one['on']]})"
