"""What was made of each different chunk of text, kept in memory: a desk's tickets share their words.

Knows not what is made of a chunk. What tickets said goes nowhere from here: neither into a copy nor into a `repr`.
"""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

__all__ = ["LONGEST_KEPT", "MOST_KEPT", "Kept"]

_Made = TypeVar("_Made")

MOST_KEPT: Final = 50_000
"""Chunks that are kept: some 20 MB. When they are as many, they are all let go."""

LONGEST_KEPT: Final = 40
"""Characters: a longer chunk is no word that comes again."""


class Kept(Generic[_Made]):
    """`make` turns different chunks into one value each; what it made of a chunk must hold wherever that stands.

    Threads may share it.
    """

    def __init__(self, make: Callable[[Sequence[str]], Sequence[_Made]]) -> None:
        self._make = make
        self._known: dict[str, _Made] = {}

    def __reduce__(self) -> tuple[type["Kept[_Made]"], tuple[Callable[[Sequence[str]], Sequence[_Made]]]]:
        """Copies start empty."""
        return Kept, (self._make,)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, chunk: str) -> bool:
        return chunk in self._known

    def of(self, chunks: Sequence[str]) -> list[_Made]:
        """What was made of each of `chunks`; those that are not known are made in one go."""
        known = self._known
        found = [known.get(chunk) for chunk in chunks]
        missing = list(dict.fromkeys(chunk for chunk, one in zip(chunks, found, strict=True) if one is None))
        if missing:
            made = dict(zip(missing, self._make(missing), strict=True))
            if len(known) + len(made) > MOST_KEPT:
                known.clear()
            known.update((chunk, one) for chunk, one in made.items() if len(chunk) <= LONGEST_KEPT)
            found = [made[chunk] if one is None else one for chunk, one in zip(chunks, found, strict=True)]
        return found  # type: ignore[return-value]  # no None is left
