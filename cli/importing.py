"""What importing from a file has for people: counts on the screen, and refused rows beside the file. Knows no verbs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from desk.errors import HistoryError, UserError

if TYPE_CHECKING:  # what reads files is slow to import
    from training.reports.rows import RefusedRow

__all__ = ["AT_ONCE", "Imported", "show_imported"]

AT_ONCE: Final = 500
"""Rows that are written in one transaction."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file. new, known: rows that the journal took, and that it had. what: they are, in a word."""

    file: Path
    what: str
    new: int
    known: int
    refused: Sequence["RefusedRow"]
    notes: Sequence[str]


def show_imported(done: Imported, *, as_json: bool) -> None:
    """Write refused rows beside the file, and say what came of it.

    A file of refused rows from an earlier time is replaced, or goes where there are none now. Raises `HistoryError`
    where nothing could be used.
    """
    beside = _write_refused(done)
    if done.refused and not done.new + done.known:
        first = done.refused[0]
        raise HistoryError(
            f"None of the {len(done.refused):,} rows of {str(done.file)!r} can be used; row {first.row}: {first.why} "
            f"All are in {str(beside)!r} with their reasons."
        )
    if as_json:
        click.echo(json.dumps(_json(done, beside)))
        return
    for note in done.notes:
        click.echo(f"  · {note}")
    click.echo(f"{done.file}: {done.new:,} {done.what} are new, {done.known:,} were known.")
    if beside is not None:
        click.echo(f"{len(done.refused):,} rows cannot be used: {beside} holds them with their reasons.", err=True)


def _write_refused(done: Imported) -> Path | None:
    path = done.file.with_name(f"{done.file.name}.refused.jsonl")
    lines = [orjson.dumps(one.to_json(), default=str, option=orjson.OPT_APPEND_NEWLINE) for one in done.refused]
    try:
        if lines:
            path.write_bytes(b"".join(lines))
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{done.new + done.known:,} rows were taken; the {len(lines):,} others cannot be written to {str(path)!r}: "
            f"{error.strerror}. Import the file again from a folder that can be written."
        ) from error
    return path if lines else None


def _json(done: Imported, beside: Path | None) -> dict[str, Any]:
    return {
        "file": str(done.file),
        "new": done.new,
        "known": done.known,
        "refused": len(done.refused),
        "refused_file": None if beside is None else str(beside),
        "notes": list(done.notes),
    }
