"""Takes resolved tickets out of a version that was written: its index of similar ones, its golden rows, named facts.

A fact that nobody else has loses its name and keeps its place, so all answers to others stay the same; other files stay
as they are, and the manifest names the new ones. Knows not whose tickets they are.
"""

import json
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from desk.ticket import Ticket
from features.columns import Columns
from features.encoding import encode, read
from models.golden import golden_rows
from models.manifest import MANIFEST, hash_of, read_manifest
from models.shelf import save_json
from models.similar import Similar, without, write_similar
from models.storage import GOLDEN, load_version, read_golden
from models.version import Version

__all__ = ["Erased", "Gone", "copy_without", "rows_of"]

COLUMNS: Final = "columns.json"
CUSTOMER: Final = "customer"
"""The fact that holds a customer's id, as `features.facts` names it."""

SIMILAR: Final = "similar."


@dataclass(frozen=True, slots=True)
class Gone:
    """The tickets that go, by id and as they were learned from, and others to take their place among golden rows.

    facts: names and values that no other ticket has. is_customer: whether a customer's id is the one that goes.
    """

    ids: frozenset[str]
    tickets: Sequence[Ticket] = ()
    others: Sequence[Ticket] = ()
    facts: frozenset[tuple[str, str]] = frozenset()
    names: frozenset[str] = frozenset()
    is_customer: Callable[[object], bool] = lambda _: False

    def has(self, fact: str, value: str) -> bool:
        """Whether this value of a fact is theirs alone."""
        return (fact, value) in self.facts or (fact == CUSTOMER and self.is_customer(value))


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows went from the index of similar tickets and from the golden rows, and how many facts lost a name."""

    similar: int
    golden: int
    facts: int

    def __bool__(self) -> bool:
        return bool(self.similar or self.golden or self.facts)


def rows_of(folder: Path, gone: Gone) -> Erased:
    """How much of the version in `folder` is of these tickets. Raises `VersionError`."""
    version = load_version(folder)
    return _erased(version, _golden_places(version, read_golden(folder), gone), gone)


def copy_without(folder: Path, fresh: Path, gone: Gone) -> Erased:
    """Write the version in `folder` to `fresh` without these tickets; nothing where it holds nothing of them.

    Files that stay the same are links to the same bytes. Raises `VersionError`.
    """
    version, golden = load_version(folder), read_golden(folder)
    taken = _golden_places(version, golden, gone)
    erased = _erased(version, taken, gone)
    if not erased:
        return erased
    manifest = read_manifest(folder)
    fresh.mkdir()
    _link_others(folder, fresh, manifest["files"])
    if version.similar is not None:
        write_similar(fresh, without(version.similar, gone.ids))
    columns = version.encoder.columns
    save_json(fresh, COLUMNS, {"values": _unnamed(columns, gone), "numbers": columns.numbers})
    left = [row for row, is_theirs in zip(golden, taken, strict=True) if not is_theirs]
    save_json(fresh, GOLDEN, left or _golden_anew(version, gone.others))
    files = {path.name: hash_of(path) for path in sorted(fresh.iterdir())}
    save_json(fresh, MANIFEST, {**manifest, "files": files})
    return erased


def _erased(version: Version, taken: list[bool], gone: Gone) -> Erased:
    columns = version.encoder.columns
    named = [(fact, value) for fact, values in columns.values.items() for value in values]
    facts = sum(gone.has(fact, value) for fact, value in named) + sum(fact in gone.names for fact in columns.values)
    return Erased(_similar_rows(version.similar, gone.ids), taken.count(True), facts)


def _unnamed(columns: Columns, gone: Gone) -> dict[str, list[str]]:
    """The values by fact, theirs under names that say nothing. A fact that is a quantity keeps its own."""
    unnamed: dict[str, list[str]] = {}
    for number, (fact, values) in enumerate(columns.values.items()):
        name = f"(erased {number})" if fact in gone.names and fact not in columns.numbers else fact
        unnamed[name] = [f"(erased {place})" if gone.has(fact, value) else value for place, value in enumerate(values)]
    return unnamed


def _similar_rows(similar: Similar | None, ids: Collection[str]) -> int:
    return 0 if similar is None else sum(similar.ids[row] in ids for row in range(len(similar)))


def _golden_places(version: Version, golden: Sequence[Any], gone: Gone) -> list[bool]:
    """Of each golden row, whether it is one of these tickets: they name none, but encode as their ticket does."""
    encoded = [encode(version.encoder, read(ticket)) for ticket in gone.tickets]
    theirs = {json.dumps([one.places.tolist(), one.text]) for one in encoded}
    return [json.dumps([row["places"], row["text"]]) in theirs for row in golden]


def _golden_anew(version: Version, tickets: Sequence[Ticket]) -> list[dict[str, Any]]:
    """A version needs some to be tried with; a ticket without a word is nobody's."""
    return golden_rows(version, [encode(version.encoder, read(one)) for one in tickets or (Ticket(id="none"),)])


def _link_others(folder: Path, fresh: Path, files: Collection[str]) -> None:
    for name in files:
        if not name.startswith(SIMILAR) and name not in (COLUMNS, GOLDEN):
            try:
                os.link(folder / name, fresh / name)
            except OSError:  # a file system without links
                shutil.copy2(folder / name, fresh / name)
