"""Which priority is more urgent than which, and how much one word says, where the words themselves say it.

Knows common vocabularies in a few languages; a desk's own order comes from its config.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

__all__ = ["known_order", "level_of"]

URGENCY: Final[tuple[frozenset[str], ...]] = (
    frozenset({"blocker", "showstopper"}),
    frozenset({"emergency", "notfall"}),
    frozenset({"critical", "kritisch", "critica", "critique", "critico"}),
    frozenset({"highest", "very high", "sehr hoch", "immediate", "sofort"}),
    frozenset({"urgent", "dringend", "urgente", "severe"}),
    frozenset({"high", "hoch", "alta", "alto", "haute", "elevee"}),
    frozenset({"major"}),
    frozenset({"medium", "moderate", "normal", "mittel", "media", "moyenne", "standard", "average"}),
    frozenset({"minor"}),
    frozenset({"low", "niedrig", "gering", "baja", "bajo", "baixa", "basse", "faible"}),
    frozenset({"lowest", "very low", "sehr niedrig", "trivial"}),
    frozenset({"planning", "planned"}),
)
"""Words of one urgency, the most urgent first. No bare numbers: 1 is the top at one vendor, the bottom at another."""

LEVELS: Final = (100.0, 100.0, 100.0, 95.0, 90.0, 75.0, 70.0, 50.0, 30.0, 25.0, 5.0, 5.0)
"""How high each of `URGENCY` stands between 0 and 100."""

REACH: Final = {
    "extensive": 100.0,
    "widespread": 100.0,
    "significant": 75.0,
    "large": 75.0,
    "limited": 30.0,
    "localized": 25.0,
    "none": 0.0,
}
"""Words for how far an impact reaches, as BMC's and ServiceNow's forms have them."""

NUMBERED: Final = re.compile(r"(?:p|prio|priority|sev|severity|s)[\s_#-]*(\d)\b.*")
PREFIX: Final = re.compile(r"^[\s(]*(?:(?:p|prio|priority|sev|severity|s)?[\s_-]*\d)[\s).:_-]*")
UNACCENTED: Final = str.maketrans("áàâãéèêíóôõúüçñ", "aaaaeeeiooouucn")


def known_order(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels, the most urgent first; empty where one is unknown or two are equally urgent.

    Knows words (critical, high, medium, low …), numbered levels (P1, Sev-2) and both (1-Critical), in any case.
    """
    distinct = sorted(set(labels))
    for rank in (_word_rank, _number_rank):
        ranks = [rank(label) for label in distinct]
        known = [one for one in ranks if one is not None]
        if known and len(set(known)) == len(distinct) == len(known):
            return tuple(label for _, label in sorted(zip(known, distinct, strict=True)))
    return ()


@lru_cache(maxsize=1024)  # a desk's fields say the same few words
def level_of(value: str) -> float | None:
    """How much "high", "2 - Medium" or "Sev-1" says, from 0 (nothing) to 100; None where it is no such word.

    A bare number is none: 1 is the top at one vendor, the bottom at another. Of P1 to P5 each says a quarter less.
    """
    rank, number = _word_rank(value), _number_rank(value)
    if rank is not None:
        return LEVELS[rank]
    return REACH.get(_bare(value).split("/")[0]) if number is None else max(0.0, 125.0 - 25.0 * number)


def _bare(label: str) -> str:
    """The label without case, accents, a number in front and `priority` behind."""
    folded = label.strip().casefold().translate(UNACCENTED)
    return PREFIX.sub("", folded).removesuffix(" priority").strip()


def _word_rank(label: str) -> int | None:
    words = _bare(label)
    return next((rank for rank, names in enumerate(URGENCY) if words in names), None)


def _number_rank(label: str) -> int | None:
    match = NUMBERED.fullmatch(label.strip().casefold())
    return int(match[1]) if match else None
