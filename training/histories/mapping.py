"""Which column of a file is which canonical column, and which are attributes.

Knows names only, never a value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from desk.errors import HistoryError
from training.histories.columns import CANONICAL, OUTCOME_COLUMNS, nearest
from training.histories.desk_config import DeskConfig

__all__ = ["Mapped", "map_columns"]

SHOWN: Final = 30
"""Columns that an error lists before it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """canonical: canonical column -> the file's name. attributes: the file's other columns, in file order."""

    canonical: Mapping[str, str]
    attributes: tuple[str, ...]
    notes: tuple[str, ...]


def map_columns(names: Sequence[str], config: DeskConfig, source: str, *, is_history: bool) -> Mapped:
    """Find the canonical columns: by the config, by name, then by name in another spelling ("Created At").

    Raises `HistoryError` where the config names a column that a history lacks; a file of tickets may lack it.
    """
    notes = list(_absent(names, config, source, is_history=is_history))
    left = [name for name in names if name not in config.ignored]
    canonical = {one: name for one, name in config.columns.items() if name in left}
    taken = set(canonical.values())
    for one in CANONICAL:
        if one not in config.columns and one in left and one not in taken:
            canonical[one] = one
            taken.add(one)
    for name in left:
        one = name.casefold().replace(" ", "_").replace("-", "_")
        if one in CANONICAL and one not in canonical and one not in config.columns and name not in taken:
            canonical[one] = name
            taken.add(name)
            notes.append(f"column {name!r} is read as {one!r}")
    # A second id (the config named another column) would be an attribute that is different in every row.
    attributes = tuple(name for name in left if name not in taken and name.casefold() != "id")
    return Mapped(canonical, attributes, tuple(notes))


def _absent(names: Sequence[str], config: DeskConfig, source: str, *, is_history: bool) -> Iterable[str]:
    for one, name in config.columns.items():
        if name in names:
            continue
        if is_history:
            raise HistoryError(
                f"{source} has no column {name!r}, which the desk config names for {one!r}; "
                f"it has {listed(names)}.{nearest(name, names)}"
            )
        if one not in OUTCOME_COLUMNS:
            yield f"no column {name!r}, which the desk config names for {one!r}"
    if is_history:
        for name in config.ignored:
            if name not in names:
                yield f"no column {name!r}, which the desk config leaves out.{nearest(name, names)}"


def listed(names: Sequence[str]) -> str:
    """Column names for an error: "'id', 'body' and 4 more"."""
    shown = ", ".join(repr(name) for name in names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
