"""Why a version answers as it does: the strongest parts of the ticket, in the words of `desk.reasons`.

Words, what stands side by side and runs of characters of the same place are one reason, as the ticket spells it. Knows
not how the parts' weights come about. Nothing here is computed unless somebody asks.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from desk.heads import Head
from desk.reasons import MOST_REASONS, Reason, fact_words, measure_words, mentions, reads_like, strongest
from desk.ticket import Ticket
from features.columns import MISSING
from features.encoding import Encoded, Reading
from features.facts import MEASURES
from features.origins import Origins
from models.contributions import Parts, Told, answered, parts_of, tell
from models.version import Version

__all__ = ["reasons_of"]

Floats = NDArray[np.float64]

_NAMED = 2 * MOST_REASONS  # words, the strongest: two of them may make one reason
_EVEN = 0.25  # of what the stronger word of a phrase says, the weaker must say too: "vpn token", but not "vpn is"


def reasons_of(
    version: Version, ticket: Ticket, reading: Reading, encoded: Encoded, scores: Mapping[Head, Floats]
) -> dict[Head, tuple[Reason, ...]]:
    """Per head the strongest reasons for its answer to `ticket`, of which `reading` and `encoded` were made.

    scores: per head what speaks for each label, as `models.scoring.scores_of` says. A risk head's reasons are those for
    its coming true, however improbable that is.
    """
    told = tell(version, reading, encoded, scores)
    return {head: strongest(_worded(told, ticket, head)) for head in version.heads}


def _worded(told: Told, ticket: Ticket, head: Head) -> Iterator[Reason]:
    parts = parts_of(told, head)
    yield from _phrases(told.origins, parts)
    for fact, weight in parts.facts.items():
        yield Reason(fact_words(fact, told.reading.facts.get(fact, MISSING)), weight)
    for measure, weight in parts.measures.items():
        value = told.reading.measures[MEASURES.index(measure)]
        yield Reason(measure_words(measure, value, ticket.messages), weight)
    model = told.version.heads[head]
    yield Reason(reads_like(head, model.labels[answered(model, told.scores[head])]), parts.whole)


def _phrases(origins: Origins, parts: Parts) -> Iterator[Reason]:
    """The strongest words; two of them that stand side by side, and say something as a pair too, are named together.

    The strongest of those that speak against the answer follow, each by itself.
    """
    order = np.argsort(-parts.words, kind="stable").tolist()
    strong = {word for word in order[:_NAMED] if parts.words[word] > 0}
    against = {word for word in order[-_NAMED:] if parts.words[word] < 0}
    together = [pair for pair in parts.pairs if strong.issuperset(pair) and _is_phrase(parts, *pair)]
    named: set[int] = set()
    for left, right in sorted(together, key=lambda pair: -parts.pairs[pair]):
        if named.isdisjoint((left, right)):
            named |= {left, right}
            words = f"{origins.spelled[left]} {origins.spelled[right]}"
            yield Reason(mentions(words), float(parts.words[left] + parts.words[right]))
    yield from (
        Reason(mentions(origins.spelled[word]), float(parts.words[word])) for word in (strong | against) - named
    )


def _is_phrase(parts: Parts, left: int, right: int) -> bool:
    weaker, stronger = sorted((parts.words[left], parts.words[right]))
    return left != right and parts.pairs[left, right] > 0 and bool(weaker >= _EVEN * stronger)
