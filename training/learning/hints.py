"""What is known of a queue beside its tickets: its own name, and the line in which the desk says what it is for.

It is the first that is known of a queue, and all that is known of a new one. Knows neither rows nor models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.learning.names import spoken

__all__ = ["NO_HINTS", "Hints", "hints_of"]

Codes = NDArray[np.int64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hints:
    """texts: what is said of labels, each as much as one ticket more. codes: shape (h,), of which label each speaks.

    vectors: shape (h, d), what the texts mean, or (0, 0) without a meaning. named: shape (n, d), what each of n rows
    means that are learned from with its label's name before its text, or (0, 0) where they are too many to ask.
    """

    texts: tuple[str, ...]
    codes: Codes
    vectors: Vectors
    named: Vectors

    def take(self, places: Codes) -> "Hints":
        """The same for the rows at `places`."""
        return replace(self, named=self.named[places]) if len(self.named) else self


_NOTHING: Final = np.empty((0, 0), np.float32)
NO_HINTS: Final = Hints((), np.empty(0, np.int64), _NOTHING, _NOTHING)


def hints_of(labels: Sequence[str], described: Mapping[str, str]) -> Hints:
    """What the labels' names say, and what `described` says of them: label -> a line of text."""
    told = [(code, text) for code, label in enumerate(labels) for text in _texts(label, described.get(label, ""))]
    codes = np.array([code for code, _ in told], dtype=np.int64)
    return Hints(tuple(text for _, text in told), codes, _NOTHING, _NOTHING)


def _texts(label: str, line: str) -> list[str]:
    """A description speaks for itself and after the name, which tells what its words are about."""
    name = spoken(label)
    return [text for text in (name, line, f"{name}: {line}" if name and line else "") if text]
