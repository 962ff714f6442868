"""A history as a Parquet file that gives back exactly what was read.

Knows the file's layout; where the home is and who remembers the digest is for the caller.
"""

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from desk.errors import HistoryError
from desk.outcome import Event, Outcome, ResolvedTicket
from desk.taxonomy import NO_CHANGES
from desk.taxonomy_setting import read_taxonomy, taxonomy_json
from desk.ticket import Attachment, Customer, Message, Ticket
from training.histories.history import History, digest_of

__all__ = ["erase_rows", "keep_history", "load_history"]

FORMAT: Final = 1
"""Number of the layout below; count up when it changes, and say here how the older one is read."""

ABOUT: Final = b"pointsman"
LEFT: Final = "left"
"""In what is said of a history from which rows were erased: the digest of those that are left. It keeps its name, by
which versions say what they were trained on."""
TIME: Final = pa.timestamp("us", "UTC")
MESSAGES: Final = pa.list_(pa.struct([("at", TIME), ("author", pa.string()), ("text", pa.string())]))
EVENTS: Final = pa.list_(
    pa.struct([("at", TIME), ("field", pa.string()), ("before", pa.string()), ("after", pa.string())])
)
ATTACHMENTS: Final = pa.list_(pa.struct([("name", pa.string()), ("type", pa.string()), ("text", pa.string())]))
SCHEMA: Final = pa.schema([
    ("id", pa.string()),
    ("created_at", TIME),
    ("subject", pa.large_string()),
    ("body", pa.large_string()),
    ("channel", pa.string()),
    ("language", pa.string()),
    ("region", pa.string()),
    ("product", pa.string()),
    ("customer_id", pa.string()),
    ("customer_tier", pa.string()),
    ("tags", pa.list_(pa.string())),
    ("attributes", pa.map_(pa.string(), pa.string())),
    ("messages", MESSAGES),
    ("attachments", ATTACHMENTS),
    ("queue", pa.string()),
    ("priority", pa.string()),
    ("escalated", pa.bool_()),
    ("sla_breached", pa.bool_()),
    ("first_response_at", TIME),
    ("resolved_at", TIME),
    ("reassignment_count", pa.int64()),
    ("reopen_count", pa.int64()),
    ("satisfaction", pa.float64()),
    ("resolver", pa.string()),
    ("resolution", pa.large_string()),
    ("events", EVENTS),
    ("thread", MESSAGES),
])  # fmt: skip
TICKET_FIELDS: Final = SCHEMA.names[: SCHEMA.names.index("queue")]
OUTCOME_FIELDS: Final = SCHEMA.names[SCHEMA.names.index("queue") : SCHEMA.names.index("thread")]


def keep_history(history: History, home: Path) -> Path:
    """Write the history to `home/histories/<digest>.parquet`, whole or not at all; the path of the file.

    A file that is there already is replaced: its name promises the rows, not what reading said of them.
    """
    folder = home / "histories"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{history.digest}.parquet"
    _write(_table(history), path)
    return path


def load_history(path: Path) -> History:
    """The history that `keep_history` wrote.

    Raises `HistoryError` where the file is missing, damaged, of another format, or its rows have another digest.
    """
    try:
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[ABOUT])
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise HistoryError(
            f"{str(path)!r} is no kept history, or damaged; train on the desk's export again."
        ) from error
    if about.get("format") != FORMAT or table.schema.names != SCHEMA.names:
        raise HistoryError(
            f"{str(path)!r} is a kept history of format {about.get('format')!r}; this build reads {FORMAT}."
        )
    columns = {name: table.column(name).to_pylist() for name in SCHEMA.names}
    rows = tuple(_rows(columns))
    if digest_of(rows) != about.get(LEFT, about["digest"]):
        raise HistoryError(f"{str(path)!r} does not hold the rows of its digest; train on the desk's export again.")
    return History(
        rows=rows,
        digest=about["digest"],
        columns=about["columns"],
        notes=tuple(about["notes"]),
        label_rule=about["label_rule"],
        known_priority_order=tuple(about["known_priority_order"]),
        read_through=read_taxonomy(about.get("read_through")),  # an older build read through none
    )


def erase_rows(path: Path, is_theirs: Callable[[ResolvedTicket], bool]) -> int:
    """Write a kept history anew without these rows, whole or not at all; how many rows went.

    Raises as `load_history` does, and `OSError`.
    """
    history = load_history(path)
    left = tuple(row for row in history.rows if not is_theirs(row))
    if len(left) < len(history.rows):
        _write(_table(replace(history, rows=left), {LEFT: digest_of(left)}), path)
    return len(history.rows) - len(left)


def _write(table: pa.Table, path: Path) -> None:
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:12]}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _table(history: History, more: Mapping[str, str] | None = None) -> pa.Table:
    about = asdict(replace(history, rows=(), read_through=NO_CHANGES))
    del about["rows"]
    about["read_through"] = taxonomy_json(history.read_through)
    metadata = {ABOUT: json.dumps({"format": FORMAT, **about, **(more or {})}).encode()}
    tickets = [row.ticket for row in history.rows]
    columns: dict[str, Sequence[Any]] = {name: [getattr(one, name, None) for one in tickets] for name in TICKET_FIELDS}
    columns["customer_id"] = [one.customer.id for one in tickets]
    columns["customer_tier"] = [one.customer.tier for one in tickets]
    columns["attributes"] = [list(one.attributes.items()) for one in tickets]
    columns["messages"] = [list(map(asdict, one.messages)) for one in tickets]
    columns["attachments"] = [list(map(asdict, one.attachments)) for one in tickets]
    columns |= {name: [getattr(row.outcome, name) for row in history.rows] for name in OUTCOME_FIELDS}
    columns["events"] = [list(map(asdict, row.outcome.events)) for row in history.rows]
    columns["thread"] = [list(map(asdict, row.thread)) for row in history.rows]
    arrays = [pa.array(columns[field.name], type=field.type) for field in SCHEMA]
    return pa.Table.from_arrays(arrays, schema=SCHEMA.with_metadata(metadata))


def _rows(columns: Mapping[str, list[Any]]) -> list[ResolvedTicket]:
    for name in ("created_at", "first_response_at", "resolved_at"):
        columns[name][:] = [_utc(one) for one in columns[name]]
    tickets = [_ticket(cells) for cells in _cells(columns, TICKET_FIELDS)]
    outcomes = [
        Outcome(**{**cells, "events": tuple(Event(**{**one, "at": _utc(one["at"])}) for one in cells["events"])})
        for cells in _cells(columns, OUTCOME_FIELDS)
    ]
    threads = map(_messages, columns["thread"])
    return [ResolvedTicket(*parts) for parts in zip(tickets, outcomes, threads, strict=True)]


def _cells(columns: Mapping[str, list[Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return [dict(zip(names, cells, strict=True)) for cells in zip(*(columns[name] for name in names), strict=True)]


def _ticket(cells: dict[str, Any]) -> Ticket:
    cells["customer"] = Customer(cells.pop("customer_id"), cells.pop("customer_tier"))
    cells["tags"] = tuple(cells["tags"])
    cells["attributes"] = dict(cells["attributes"])
    cells["messages"] = _messages(cells["messages"])
    cells["attachments"] = tuple(Attachment(**one) for one in cells["attachments"])
    return Ticket(**cells)


def _messages(found: list[dict[str, Any]]) -> tuple[Message, ...]:
    return tuple(Message(**{**one, "at": _utc(one["at"])}) for one in found)


def _utc(at: datetime | None) -> Any:
    """Arrow's UTC is another object than Python's, and prints differently; the instant is the same."""
    return None if at is None else at.astimezone(UTC)
