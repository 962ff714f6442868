"""A name for a burst of tickets: the words that its tickets say and others do not.

Words of text that people wrote: for the eyes of those who may see tickets, never for a log. A word that few of the
burst's customers use may be a name, and is none of a topic's. Knows no vectors.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from journal.recent_answers import RecentAnswer

__all__ = ["name_words"]

WORDS: Final = 3
"""Of a name, at most."""

_SHORTEST: Final = 3  # letters
_USED: Final = 0.3  # of a burst's tickets, and of its customers, must use a word
_FEWEST: Final = 2  # tickets, and customers where they are known
_WORTH: Final = 0.5  # of the first word's weight: a weaker one adds nothing to a name


def name_words(
    groups: Sequence[Sequence[int]], chunks: Sequence[Sequence[str]], answers: Sequence[RecentAnswer]
) -> list[tuple[str, ...]]:
    """For each group of places its most telling words, the first first; none where no word tells it from the rest.

    chunks: the words of every ticket, groups or not, in its normal form. Class-based TF-IDF (Grootendorst, BERTopic,
    2022), each ticket counting a word once.
    """
    said = [_words(one) for one in chunks]
    everywhere = Counter(word for words in said for word in words)
    return [_telling(group, said, everywhere, answers) for group in groups]


def _telling(
    group: Sequence[int], said: Sequence[frozenset[str]], everywhere: Counter[str], answers: Sequence[RecentAnswer]
) -> tuple[str, ...]:
    inside = Counter(word for place in group for word in said[place])
    weights: dict[str, float] = {}
    for word, count in inside.items():
        lift = count / len(group) / (everywhere[word] / len(said))
        if count >= max(_FEWEST, _USED * len(group)) and lift > 1 and _is_shared(word, group, said, answers):
            weights[word] = count / len(group) * float(np.log(lift))
    ordered = sorted(weights, key=lambda word: (-weights[word], word))[:WORDS]
    return tuple(word for word in ordered if weights[word] >= _WORTH * weights[ordered[0]])


def _is_shared(
    word: str, group: Sequence[int], said: Sequence[frozenset[str]], answers: Sequence[RecentAnswer]
) -> bool:
    """Whether it is no matter of one customer."""
    known = {place: answers[place].customer_id for place in group if answers[place].customer_id is not None}
    using = {customer for place, customer in known.items() if word in said[place]}
    return not known or len(using) >= max(_FEWEST, _USED * len(set(known.values())))


def _words(chunks: Iterable[str]) -> frozenset[str]:
    """The words of a text, without what stands around them; what holds a digit is a number or a name of a thing."""
    found = ("".join(c for c in chunk if c.isalpha() or c in "-'").strip("-'") for chunk in chunks if not _coded(chunk))
    return frozenset(word for word in found if len(word) >= _SHORTEST)


def _coded(chunk: str) -> bool:
    return any(c.isdigit() or c in "@/\\_" for c in chunk)
