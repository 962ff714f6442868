"""What a version has learned of a ticket's factors: urgency, sentiment, complexity, and whether it takes an expert.

Each is one more linear column over the encoded ticket, and its score's place among tickets that it did not learn from:
a factor of 80 means that four fifths of the desk's tickets have less of it. What the history could not teach is read
off the ticket's own text. Knows neither how the columns are learned nor what the desk makes of the factors.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from desk.factors import DEFAULT_PRIORITIES, Signs, field_level
from desk.ticket import Ticket
from features.complexity import complexity_signs
from features.encoding import Encoded
from features.language import is_english, load_detector
from features.sentiment import lexicon_sentiment, load_lexicon
from features.sums import Rows
from features.urgency import urgency_signs
from features.wording import wording_of
from models.shelf import Shelf, save_array, save_json

__all__ = [
    "EXPERTISE",
    "HIGH_COMPLEXITY",
    "STEPS",
    "TAUGHT",
    "Factors",
    "Taught",
    "levels_of",
    "prepare",
    "read_factors",
    "signs_of",
    "write_factors",
]

Taught = Literal["urgency", "sentiment", "complexity", "expertise"]
TAUGHT: Final[tuple[Taught, ...]] = ("urgency", "sentiment", "complexity", "expertise")

HIGH_COMPLEXITY: Final = "High Complexity"
EXPERTISE: Final = "Requires Expertise"

_HIGH_SIGNS: Final = 60.0
"""Complexity by the text's own signs from which a ticket is tagged: a stack trace, or a long text with a code in it."""

STEPS: Final = 101
"""Percentiles of a scale: 0, 1 … 100."""

_ARRAY, _REST = "factors.weights.npy", "factors.json"


@dataclass(frozen=True, slots=True)
class Factors:
    """What was learned.

    weights: shape (width of the encoder, learned factors), float32. scales: of each learned factor, in the columns'
    order, its scores' percentiles 0 to 100, ascending. cuts: the level of complexity and of expertise, where learned,
    from which a ticket has the tag. priorities: the desk's own, the most urgent first.
    """

    weights: NDArray[np.float32]
    scales: Mapping[Taught, tuple[float, ...]]
    cuts: Mapping[Taught, float] = field(default_factory=dict)
    priorities: tuple[str, ...] = DEFAULT_PRIORITIES
    rows: Rows = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready to add up."""
        object.__setattr__(self, "rows", Rows(self.weights))


def signs_of(
    ticket: Ticket, factors: Factors | None = None, encoded: Encoded | None = None, wording: str | None = None
) -> Signs:
    """What is read off the ticket: by what was learned where it was, else by the text's own signs.

    encoded: the ticket, by the encoder that the factors were learned with; not used without factors. wording: the
    ticket's, where it has been put together already.
    """
    learned = {} if factors is None or encoded is None else levels_of(factors, encoded)
    wording = wording_of(ticket) if wording is None else wording
    complexity, tags = _complexity(learned, {} if factors is None else factors.cuts, wording)
    return Signs(
        urgency=learned["urgency"] if "urgency" in learned else _urgency(ticket, wording),
        complexity=complexity,
        sentiment=learned["sentiment"] if "sentiment" in learned else _sentiment(ticket, wording),
        tags=tags,
        priorities=DEFAULT_PRIORITIES if factors is None else factors.priorities,
    )


def levels_of(factors: Factors, encoded: Encoded) -> dict[Taught, float]:
    """The learned factors from 0 to 100; none where nothing of the ticket is known."""
    if not len(encoded.places) or not factors.scales:
        return {}
    scores = factors.rows.sum(encoded.places, encoded.weights).tolist()
    return {name: _place(scale, score) for (name, scale), score in zip(factors.scales.items(), scores, strict=True)}


def prepare(factors: Factors | None) -> None:
    """Load now what the first ticket would wait for: half a second where sentiment is not learned, else nothing."""
    if factors is None or "sentiment" not in factors.scales:
        load_lexicon()
        load_detector()


def write_factors(folder: Path, factors: Factors | None, width: int) -> None:
    """Write the files of a version whose encoder is `width` wide; None is written as nothing learned."""
    known = Factors(np.empty((width, 0), np.float32), {}) if factors is None else factors
    save_array(folder, _ARRAY, known.weights)
    save_json(folder, _REST, {"scales": known.scales, "cuts": known.cuts, "priorities": known.priorities})


def read_factors(shelf: Shelf, width: int) -> Factors:
    """The factors of a version whose encoder is `width` wide.

    Raises `DamagedVersionError` where the files do not fit together.
    """
    rest = shelf.json(_REST)
    scales = {name: tuple(map(float, scale)) for name, scale in rest["scales"].items()}
    cuts = {name: float(cut) for name, cut in rest["cuts"].items()}
    priorities = tuple(map(str, rest["priorities"]))
    known = scales.keys() <= set(TAUGHT) and scales.keys() & {"complexity", "expertise"} == cuts.keys()
    sound = all(len(scale) == STEPS and _ascends(scale) for scale in scales.values())
    if not (known and sound and priorities and all(map(np.isfinite, cuts.values()))):
        raise DamagedVersionError(f"{_REST!r} of version {shelf.folder.name!r} holds no factors: fetch it again.")
    return Factors(shelf.array(_ARRAY, np.float32, (width, len(scales))), scales, cuts, priorities)


def _place(scale: Sequence[float], score: float) -> float:
    """Where a score stands among the percentiles, between two of them in proportion."""
    place = bisect_right(scale, score)
    if place in (0, len(scale)):
        return 0.0 if place == 0 else 100.0
    below, above = scale[place - 1], scale[place]
    return place - 1 + (score - below) / (above - below)


def _complexity(
    learned: Mapping[Taught, float], cuts: Mapping[Taught, float], wording: str
) -> tuple[float | None, tuple[str, ...]]:
    level, expert = (None, False) if {"complexity", "expertise"} <= learned.keys() else complexity_signs(wording)
    level, cut = (learned["complexity"], cuts["complexity"]) if "complexity" in learned else (level, _HIGH_SIGNS)
    if "expertise" in learned:
        expert = learned["expertise"] >= cuts["expertise"]
    tags = (HIGH_COMPLEXITY,) if level is not None and level >= cut else ()
    return level, (*tags, EXPERTISE) if expert else tags


def _urgency(ticket: Ticket, wording: str) -> float | None:
    """The mean of what the ticket's field says and what the text sounds like, of those that are there."""
    said = [field_level(ticket.attributes, "urgency"), urgency_signs(wording)]
    known = [level for level in said if level is not None]
    return sum(known) / len(known) if known else None


def _sentiment(ticket: Ticket, wording: str) -> float | None:
    return lexicon_sentiment(wording) if wording and is_english(ticket.language, wording) else None


def _ascends(scale: Sequence[float]) -> bool:
    return bool(np.isfinite(scale).all()) and all(one <= other for one, other in pairwise(scale))
