"""A name for a burst of tickets: the words that its tickets say and others do not.

Words of text that people wrote: for the eyes of those who may see tickets, never for a log. A word that few of the
burst's customers use may be somebody's name, and is none of a topic's. Knows no likeness.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

__all__ = ["WORDS", "name_words"]

WORDS: Final = 3
"""Of a name, at most."""

_USED: Final = 0.3  # of a burst's tickets, and of its customers, must use a word
_FEWEST: Final = 2  # tickets, and customers where they are known
_WORTH: Final = 0.5  # of the first word's weight: a weaker one adds nothing to a name


def name_words(
    group: Sequence[int],
    said: Sequence[frozenset[str]],
    everywhere: Counter[str],
    customers: Sequence[str | None],
) -> tuple[str, ...]:
    """The most telling words of the tickets at these places, the first first; none where no word tells them apart.

    said: the words of every ticket, of the group or not. everywhere: how many tickets say each word. customers: of
    every ticket, None where it is not known. Class-based TF-IDF (Grootendorst, BERTopic, 2022), a word counting once a
    ticket.
    """
    inside = Counter(word for place in group for word in said[place])
    weights: dict[str, float] = {}
    for word, count in inside.items():
        share, usual = count / len(group), everywhere[word] / len(said)
        if count >= max(_FEWEST, _USED * len(group)) and share > usual and _is_shared(word, group, said, customers):
            weights[word] = share * float(np.log(share / usual))
    ordered = sorted(weights, key=lambda word: (-weights[word], word))[:WORDS]
    return tuple(word for word in ordered if weights[word] >= _WORTH * weights[ordered[0]])


def _is_shared(
    word: str, group: Sequence[int], said: Sequence[frozenset[str]], customers: Sequence[str | None]
) -> bool:
    """Whether it is no matter of one customer, as far as customers are known."""
    known = {customers[place] for place in group} - {None}
    using = {customers[place] for place in group if word in said[place]} - {None}
    return not known or len(using) >= max(_FEWEST, _USED * len(known))
