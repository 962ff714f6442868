"""A file to a history, or to tickets to score: columns mapped, values understood, the future kept apart.

Knows the desk's config and the order of the steps; each step stands in its own module. Learns nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from desk.errors import HistoryError
from desk.heads import HEADS, label_of
from desk.outcome import ResolvedTicket
from desk.priority_order import known_order
from training.histories.columns import CANONICAL, COUNT_COLUMNS, LABEL_COLUMNS
from training.histories.desk_config import DeskConfig
from training.histories.history import History, OpenedTickets, TicketFile, digest_of
from training.histories.label_rule import escalations, rule_variables
from training.histories.mapping import Mapped, listed, map_columns
from training.histories.tables.file_table import read_table
from training.histories.tables.table import Table
from training.histories.tickets import opening_tickets, resolved_tickets
from training.histories.typed_columns import TypedColumns, typed_columns
from training.histories.values import as_numbers, as_text

__all__ = ["History", "TicketFile", "open_tickets", "read_history", "read_tickets"]


def read_history(path: Path, config: DeskConfig) -> History:
    """Read resolved tickets with what became of them.

    Raises `HistoryError`, one line, where the file cannot be read, a value cannot be understood, or no label is there.
    """
    table = read_table(path)
    mapped = map_columns(list(table.columns), config, table.source, is_history=True)
    _require_a_label(mapped, config, table)
    columns = typed_columns(table, _without_rule_columns(mapped, config), is_history=True)
    seen = _seen_by_rules(columns, config)
    escalated = escalations(columns.canonical.get("escalated"), config.escalated, seen, table.height, table.source)
    rows, repeated = _last_of_each(list(resolved_tickets(columns, escalated.values)))
    _require_a_value(rows, table)
    priorities = {row.outcome.priority for row in rows if row.outcome.priority is not None}
    order = config.priority_order or known_order(priorities)
    return History(
        rows=rows,
        digest=digest_of(rows),
        columns={one: CANONICAL[one] for one in mapped.canonical} | dict.fromkeys(columns.attributes, "attribute"),
        notes=(*columns.notes, *repeated, *_about_times(rows), *_about_priorities(priorities, order)),
        label_rule=escalated.rule,
        known_priority_order=order,
    )


def read_tickets(path: Path, config: DeskConfig) -> TicketFile:
    """Read tickets to score as they were at their opening; outcome columns may be there and are not looked at.

    Raises `HistoryError`, one line, where the file cannot be read or a value cannot be understood.
    """
    opened = open_tickets(path, config)
    return TicketFile(tuple(opened.tickets), opened.notes)


def open_tickets(path: Path, config: DeskConfig) -> OpenedTickets:
    """Read tickets to score as `read_tickets` does, each made only when it is asked for.

    Raises `HistoryError`, one line, where the file cannot be read or a value cannot be understood; of an attachment
    only when its ticket is made.
    """
    table = read_table(path)
    mapped = map_columns(list(table.columns), config, table.source, is_history=False)
    columns = typed_columns(table, _without_rule_columns(mapped, config), is_history=False)
    return OpenedTickets(table.height, opening_tickets(columns), columns.notes)


def _require_a_label(mapped: Mapped, config: DeskConfig, table: Table) -> None:
    found = set(mapped.canonical)
    if found & set(LABEL_COLUMNS) or config.escalated or set(COUNT_COLUMNS) <= found:
        return
    raise HistoryError(
        f"{table.source} has no label: looked for {', '.join(LABEL_COLUMNS)}, or both {' and '.join(COUNT_COLUMNS)}; "
        f"it has {listed(list(table.columns))}. Say in the desk config which is which: "
        f'[columns] queue = "the file\'s name for it".'
    )


def _require_a_value(rows: Iterable[ResolvedTicket], table: Table) -> None:
    if not any(label_of(row.outcome, head) is not None for row in rows for head in HEADS):
        raise HistoryError(f"{table.source}: no row has a value in any label column; expected resolved tickets.")


def _without_rule_columns(mapped: Mapped, config: DeskConfig) -> Mapped:
    """What the rule for escalated looks at is outcome: it must not be an attribute."""
    names = rule_variables(config.escalated) if config.escalated else ()
    used = tuple(name for name in mapped.attributes if name in names)
    note = (f"{listed(used)} defines escalated, so it is outcome and no attribute",) if used else ()
    left = tuple(name for name in mapped.attributes if name not in used)
    return replace(mapped, attributes=left, notes=(*mapped.notes, *note))


def _seen_by_rules(columns: TypedColumns, config: DeskConfig) -> dict[str, Sequence[Any]]:
    """The columns that a rule may look at, by canonical name and by the file's; numbers where all are numbers."""
    seen: dict[str, Sequence[Any]] = dict(columns.canonical)
    seen |= {name: columns.canonical[one] for one, name in columns.mapped.canonical.items() if one in columns.canonical}
    for name in rule_variables(config.escalated) if config.escalated else ():
        if name not in seen and name in columns.table.columns:
            texts = as_text(columns.table.columns[name])
            numbers, not_numbers = as_numbers(texts)
            seen[name] = texts if not_numbers else numbers
    return seen


def _last_of_each(rows: Sequence[ResolvedTicket]) -> tuple[tuple[ResolvedTicket, ...], tuple[str, ...]]:
    last = {row.ticket.id: index for index, row in enumerate(rows)}
    repeats = len(rows) - len(last)
    if not repeats:
        return tuple(rows), ()
    kept = tuple(row for index, row in enumerate(rows) if last[row.ticket.id] == index)
    return kept, (f"{repeats} rows repeat an id; the last of each is kept",)


def _about_times(rows: Iterable[ResolvedTicket]) -> Iterable[str]:
    backwards = sum(
        row.ticket.created_at is not None
        and row.outcome.resolved_at is not None
        and row.outcome.resolved_at < row.ticket.created_at
        for row in rows
    )
    if backwards:
        yield f"{backwards} tickets are resolved before they are created"


def _about_priorities(priorities: set[str], order: tuple[str, ...]) -> Iterable[str]:
    if order and (unknown := sorted(priorities - set(order))):
        yield f"priorities that priority_order does not name: {listed(unknown)}"
