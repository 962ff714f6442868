"""Which texts say nothing: the same for a column of a history and for a field that comes in over HTTP.

A category that one side took for a value and the other for a gap would score differently offline and online. Knows
neither files nor HTTP.
"""

from typing import Final

__all__ = ["MISSING", "meaning"]

MISSING: Final = frozenset({"", "?", "n/a", "#n/a", "<na>", "nan", "nat", "null"})
"""Values that say nothing, in any case. `None` and `NA` are absent on purpose: queues and regions are called that."""

LONGEST = max(map(len, MISSING))


def meaning(text: str) -> str | None:
    """`text` without white space at its ends, or None where it says nothing."""
    bare = text.strip()
    return None if len(bare) <= LONGEST and bare.casefold() in MISSING else bare
