"""What the histories on this machine hold of a person: their tickets, and in which histories; and those without them.

Knows the kept histories and the sample desk's export, neither versions nor the journal's tables.
"""

import gzip
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from desk.errors import HistoryError
from desk.outcome import ResolvedTicket
from desk.ticket import Ticket
from features.facts import facts_of
from features.wording import wording_of
from training.histories.store import load_history
from training.learning.names import spoken

__all__ = ["FoundRows", "erase_sample", "find_rows", "texts_of"]

MOST_OTHERS: Final = 50
"""Of the tickets that are not theirs: enough to try a version with."""

IsTheirs = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class FoundRows:
    """Rows of the person by the digest of their history, which may hold none.

    others: some of everybody else's tickets, the newest of the last history. facts, names: of facts that only they
    have. unread: digests of histories that cannot be read.
    """

    rows: dict[str, list[ResolvedTicket]] = field(default_factory=dict)
    others: list[Ticket] = field(default_factory=list)
    facts: set[tuple[str, str]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)

    @property
    def theirs(self) -> list[ResolvedTicket]:
        """All rows of theirs."""
        return [row for rows in self.rows.values() for row in rows]

    @property
    def histories(self) -> frozenset[str]:
        """The digests of the histories that hold rows of theirs."""
        return frozenset(digest for digest, rows in self.rows.items() if rows)


def find_rows(paths: Iterable[Path], is_theirs: IsTheirs, tick: Callable[[], object] = lambda: None) -> FoundRows:
    """What the kept histories at `paths` hold of the customer of whom `is_theirs` says that an id is theirs."""
    found, common, names = FoundRows(), set[tuple[str, str]](), set[str]()
    for path in paths:
        try:
            rows = load_history(path).rows
        except HistoryError:
            found.unread.append(path.stem)
            continue
        others = [row.ticket for row in rows if not is_theirs(row.ticket.customer.id)]
        found.rows[path.stem] = [row for row in rows if is_theirs(row.ticket.customer.id)]
        found.others[:] = others[-MOST_OTHERS:] or found.others
        for ticket in others if found.rows[path.stem] else ():
            facts = facts_of(ticket)
            common.update(facts.items())
            names.update(facts)
        tick()
    theirs = [facts_of(row.ticket) for row in found.theirs]
    found.facts.update({pair for facts in theirs for pair in facts.items()} - common)
    found.names.update({name for facts in theirs for name in facts} - names)
    return found


def texts_of(rows: Sequence[ResolvedTicket]) -> set[str]:
    """Every text of these rows that an encoder was given: a ticket's wording, and the same after its labels' names."""
    texts: set[str] = set()
    for row in rows:
        wording = wording_of(row.ticket)
        labels = (row.outcome.queue, row.outcome.priority)
        texts |= {wording, *(f"{name}: {wording}" for label in labels if label and (name := spoken(label)))}
    return texts


def erase_sample(folder: Path, is_theirs: IsTheirs, *, dry_run: bool = False) -> int:
    """Write the sample desk's exports in `folder` anew without the person's tickets; how many rows went.

    Raises `OSError`.
    """
    gone = 0
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rb") as file:
            lines = file.readlines()
        kept = [line for line in lines if not is_theirs(orjson.loads(line).get("customer_id"))]
        gone += len(lines) - len(kept)
        if len(kept) < len(lines) and not dry_run:
            beside = path.with_name(f".{path.name}-{os.getpid()}")
            with gzip.open(beside, "wb") as file:
                file.writelines(kept)
            beside.replace(path)
    return gone
