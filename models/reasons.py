"""Why a version answers as it does: the strongest parts of the ticket, in the words of `desk.reasons`.

Words, what stands side by side and runs of characters of the same place are one reason, as the ticket spells it. Knows
not how the parts' weights come about. Nothing here is computed unless somebody asks.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from desk.heads import Head
from desk.reasons import (
    MOST_REASONS,
    NOTHING_KNOWN,
    Reason,
    fact_words,
    measure_words,
    mentions,
    reads_like,
    strongest,
)
from desk.ticket import Ticket
from features.columns import MISSING
from features.facts import MEASURES
from features.origins import Origins
from models.contributions import Parts, Told, parts_of

__all__ = ["reasons_of"]

Floats = NDArray[np.float64]

_Kind = Literal["words", "fact", "measure", "whole"]

_NAMED = 2 * MOST_REASONS  # words, the strongest: two of them may make one reason
_EVEN = 0.25  # of what the stronger word of a phrase says, the weaker must say too: "vpn token", but not "vpn is"


def reasons_of(told: Told, ticket: Ticket, queue: str | None = None) -> dict[Head, tuple[Reason, ...]]:
    """Per head the strongest reasons for its answer to `ticket`, of which all is told.

    A risk head's reasons are those for its coming true, however improbable that is. A head that no part speaks for or
    against has one reason, which says so, with the log-odds that it starts from. queue: what the queue that is answered
    is called today, where it was learned under another name.
    """
    labels = {head: told.version.heads[head].labels[place] for head, place in told.answers.items()}
    if queue is not None:
        labels["queue"] = queue
    return {head: _reasons(told, ticket, head, labels[head], parts) for head, parts in parts_of(told).items()}


def _reasons(told: Told, ticket: Ticket, head: Head, label: str, parts: Parts) -> tuple[Reason, ...]:
    """The reasons of one head: weighed first, then worded, for most of a ticket's parts are never shown."""
    said: list[tuple[float, _Kind, Any]] = [(weight, "words", words) for weight, words in _phrases(told.origins, parts)]
    said += [(weight, "fact", name) for name, weight in parts.facts.items()]
    said += [(weight, "measure", name) for name, weight in parts.measures.items()]
    said.append((parts.whole, "whole", None))
    shown = [said[place] for place in strongest([weight for weight, _, _ in said])]
    found = tuple(
        Reason(_worded(told, ticket, reads_like(head, label), kind, what), weight) for weight, kind, what in shown
    )
    return found or (Reason(NOTHING_KNOWN, _log_odds(told.scores[head], told.answers[head])),)


def _worded(told: Told, ticket: Ticket, as_a_whole: str, kind: _Kind, what: Any) -> str:
    reading = told.reading
    match kind:
        case "words":
            return mentions(" ".join(told.origins.spelled[word] for word in what))
        case "fact":
            return fact_words(what, reading.facts.get(what, MISSING))
        case "measure":
            return measure_words(what, reading.measures[MEASURES.index(what)], ticket.messages)
    return as_a_whole


def _log_odds(scores: Floats, place: int) -> float:
    """What a head says of one label before any part of a ticket adds to it."""
    return float(scores[place] - np.logaddexp.reduce(np.delete(scores, place)))


def _phrases(origins: Origins, parts: Parts) -> Iterator[tuple[float, tuple[int, ...]]]:
    """The strongest words; two of them that stand side by side, and say something as a pair too, are named together.

    The strongest of those that speak against the answer follow, each by itself.
    """
    weights = parts.words.tolist()
    order = np.argsort(-parts.words, kind="stable").tolist()
    strong = {word: weights[word] for word in order[:_NAMED] if weights[word] > 0}
    against = {word: weights[word] for word in order[-_NAMED:] if weights[word] < 0}
    for left, right in _side_by_side(origins, parts, strong):
        if left in strong and right in strong:
            yield strong.pop(left) + strong.pop(right), (left, right)
    yield from ((weight, (word,)) for word, weight in (strong | against).items())


def _side_by_side(origins: Origins, parts: Parts, strong: Mapping[int, float]) -> list[tuple[int, int]]:
    """Pairs of the strong words that are phrases, the heaviest first."""
    found = []
    for left, right, part in origins.neighbours:
        if left in strong and right in strong:
            weaker, stronger = sorted((strong[left], strong[right]))
            if weaker >= _EVEN * stronger and parts.text[part] > 0:
                found.append((-float(parts.text[part]), -weaker - stronger, left, right))
    return [(left, right) for _, _, left, right in sorted(found)]
