"""`pointsman feedback import FILE`, and `waiting` beside it."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.importing import AT_ONCE, Imported, show_imported
from cli.progress import bars
from cli.workplace import now, open_journal

if TYPE_CHECKING:  # what reads files is slow to import
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from journal.environment import Environment
    from journal.predictions import RecordedPrediction
    from training.reports.verdict_file import ReadVerdict

__all__ = ["command"]


@click.group("feedback")
def command() -> None:
    """What people say of answers."""


UNKNOWN: Final = "There is no prediction of this id; take the `prediction_id` of an answer that this service gave."


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def import_file(file: Path, as_json: bool) -> None:
    """Keep the verdicts in FILE: CSV, JSON Lines or Parquet, gzipped or not. Known ones stay as they are."""
    from training.reports.verdict_file import read_verdicts

    environment, engine = open_journal()
    are_new: dict[int, bool] = {}
    with bars(quiet=as_json) as shown:
        shown.stage("Reading the verdicts", 1)
        read = read_verdicts(file, now())
        shown.stage("Into the journal", len(read.good))
        for start in range(0, len(read.good), AT_ONCE):
            some = read.good[start : start + AT_ONCE]
            are_new |= _recorded(environment, engine, dict(some))
            shown.step(len(some))
    unknown = [read.refuse(place, UNKNOWN) for place, _ in read.good if place not in are_new]
    refused = sorted([*read.refused, *unknown], key=lambda one: one.row)
    new = sum(are_new.values())
    show_imported(Imported(file, "verdicts", new, len(are_new) - new, refused, read.notes), as_json=as_json)


@command.command("waiting")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on stdout instead of a table.")
def show_waiting(as_json: bool) -> None:
    """List verdicts that wait for a word: of a second person, or a lead's final one (`is_final`)."""
    from training.retraining.material import waiting

    environment, engine = open_journal()
    found = waiting(environment, engine, now())
    if as_json:
        click.echo(json.dumps([one.to_json() for one in found]))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not found:
        console.print("No verdict waits for anybody.")
        return
    table = Table(title="verdicts that wait for a second person, or for a lead's final word")
    for name in ("ticket", "prediction", "head", "why", "said"):
        table.add_column(name)
    for one in found:
        said = "; ".join(f"{label}: {', '.join(who)}" for label, who in one.said.items())
        table.add_row(one.ticket_id, one.prediction_id, one.head, one.why, said)
    console.print(table)


def _recorded(environment: "Environment", engine: "Engine", read: "Mapping[int, ReadVerdict]") -> dict[int, bool]:
    """Whether each verdict is new, by its place; one is left out where its prediction is not known, or not any more."""
    from journal.secret import installation_secret
    from journal.verdicts import GivenVerdict, record

    found = _predictions(environment, engine, {one.verdict.prediction_id for one in read.values()})
    given = {
        place: GivenVerdict(one.verdict, found[one.verdict.prediction_id], one.has_time)
        for place, one in read.items()
        if one.verdict.prediction_id in found
    }
    kept = record(
        engine,
        list(given.values()),
        via="file",
        received_at=now(),
        secret=partial(installation_secret, environment),
        tenant=environment.tenant,
    )
    return {place: one.is_new for place, one in zip(given, kept, strict=True) if one is not None}


def _predictions(environment: "Environment", engine: "Engine", wanted: set[str]) -> "dict[str, RecordedPrediction]":
    """The predictions of these names, from the database or still from the log of this machine."""
    from journal.identifiers import is_prediction_id
    from journal.pending import find_pending
    from journal.predictions import find_all

    names = {name for name in wanted if is_prediction_id(name)}
    found = find_all(engine, names, environment.tenant)
    for name in sorted(names - found.keys()):
        pending = find_pending(environment.log, name, environment.tenant)
        if pending is not None:
            found[name] = pending
    return found
