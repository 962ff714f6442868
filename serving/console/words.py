"""What the console says of numbers and codes, in words that a specialist reads. Knows no pages."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from desk.votes import Standing

__all__ = ["count_words", "fate_words", "probability_words", "question_words", "why_words"]

_SURE: Final = ((0.95, "almost certain"), (0.85, "very likely"), (0.65, "likely"), (0.5, "more likely than not"))

_WHY: Final[Mapping[str, str]] = {
    "unknown_topic": "It resembles nothing that was learned, so nothing was applied.",
    "below_suggest": "It was too unsure to be shown to anybody as a suggestion.",
    "too_little_history": "There is too little history for a contract.",
    "head_missing": "No version answered; this is where such tickets go.",
    "held_back": "It was kept from automation by chance, to measure what automation is worth.",
    "contract_in_breach": "Its contract is in breach, so it is only suggested.",
    "queue_gone": "The version's own answer is a queue that is no more.",
}
_FATES: Final[Mapping[Standing, str]] = {
    "counts": "counts",
    "quarantined": "waits for a second person: it contradicts an answer that was sure",
    "disputed": "disputed: somebody says something else, and a lead decides",
    "capped": "does not count: too many answers for this label are yours",
    "superseded": "taken back, or said again since",
    "overruled": "overruled by a final word",
}


def count_words(number: int, one: str, many: str | None = None) -> str:
    """How many of something: `1 ticket`, `2,000 tickets`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def probability_words(probability: float | None) -> str:
    """How sure an answer is: `likely (78 in 100)`."""
    if probability is None:
        return "nobody knows how likely"
    words = next((one for least, one in _SURE if probability >= least), "a guess")
    in_hundred = min(99, max(1, round(100 * probability)))
    return f"{words} ({in_hundred} in 100)"


def why_words(why: str | None) -> str | None:
    """What a mode's `why` means; None where there is none to tell of."""
    return None if why is None else _WHY.get(why)


def fate_words(standing: Standing) -> str:
    """What became of a verdict."""
    return _FATES[standing]


def question_words(reason: Mapping[str, Any]) -> str | None:
    """Why a ticket is worth asking about; None where another place on the page says it."""
    name = reason.get("reason", "unsaid")
    if name in ("unaided", "topic"):
        return None
    told = _REASONS.get(str(name))
    try:
        return str(name).replace("_", " ") if told is None else told(reason)
    except (KeyError, TypeError, ValueError):
        return str(name).replace("_", " ")


def _disagreement(reason: Mapping[str, Any]) -> str:
    return f"Version {reason['challenger']}, which may come next, says {reason['label']}."


def _deciding(reason: Mapping[str, Any]) -> str:
    head = "priority" if reason["head"] == "priority" else "queue"
    version = f"Version {reason['challenger']}, which may take the place of the one that answers now,"
    return f"{version} says another {head} than that one does. Your answer helps to decide between them."


def _rarity(reason: Mapping[str, Any]) -> str:
    known = count_words(int(reason["rows"]), "ticket")
    return f"Only {known} of {reason['label']} taught it: each answer counts."


_REASONS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "margin": lambda one: f"Two queues are close: {100 * float(one['gap']):.0f} in 100 lie between them.",
    "disagreement": _disagreement,
    "differing": _deciding,
    "novelty": lambda _: "It resembles little of what has been learned.",
    "rarity": _rarity,
    "random": lambda _: "Chosen by chance, so that what is measured is fair.",
}
