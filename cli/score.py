"""`pointsman score TICKETS --output OUT.jsonl`."""

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from cli.progress import bars
from desk.errors import UserError
from desk.likeness import MOST_SIMILAR
from desk.prediction import Extras

if TYPE_CHECKING:  # what processes wait for is not imported before they begin
    from cli.scorers import Asked
    from training.histories.history import OpenedTickets

__all__ = ["command"]


@click.command("score")
@click.argument("tickets", type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="JSON Lines to write.")
@click.option("--version", "name", help="The version that answers; the champion unless given.")
@click.option("--config", type=click.Path(path_type=Path), help="Column names, where they differ from the history's.")
@click.option("--similar", type=click.IntRange(1, MOST_SIMILAR), metavar="N", help="Show N resolved tickets like each.")
@click.option("--explain", is_flag=True, help="Say what in each ticket speaks for the answer.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a line of text.")
def command(
    tickets: Path,
    output: Path,
    name: str | None,
    config: Path | None,
    similar: int | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Score TICKETS, one API answer a line, in their order; nothing is journaled."""
    import time

    from cli.scorers import count_for, scorers

    if output.exists() and tickets.exists() and output.samefile(tickets):
        raise UserError(f"{str(output)!r} holds the tickets themselves; write the answers to another file.")
    # They make ready while this process still imports what it needs, and reads.
    with scorers(count_for(tickets)) as started, bars(quiet=as_json) as shown:
        asked = _asked(name, Extras(similar or 0, explain))
        started.ask(asked)
        version = asked.folder.name
        shown.stage("Reading the tickets", 1)
        with _uncollected():
            opened = _opened(tickets, config, asked.manifest)
        shown.stage(f"Scoring with version {version}", opened.count)
        began = time.monotonic()
        with _replacing(output) as file:
            for size, lines in started.answers(opened.tickets):
                file.write(lines)
                shown.step(size)
        seconds = time.monotonic() - began
    rate = opened.count / max(seconds, 1e-9)
    if as_json:
        done = {"tickets": opened.count, "version": version, "seconds": seconds, "notes": list(opened.notes)}
        click.echo(json.dumps(done))
    else:
        for note in opened.notes:
            click.echo(f"  · {note}")
        click.echo(f"{opened.count:,} answers of version {version} in {output} ({rate:,.0f} tickets/s)")


def _asked(name: str | None, extras: Extras) -> "Asked":
    """What is asked: of the version `name`, or of the champion, on the terms that the journal holds."""
    from cli.scorers import Asked
    from cli.workplace import (
        demands_in,
        factor_policy_in,
        fallbacks_in,
        holdback_in,
        now,
        open_journal,
        taxonomy_in,
        version_folder,
    )
    from journal.traffic import escalation_scores
    from models.manifest import check_hashes

    environment, engine = open_journal()
    demands, policy = demands_in(engine, environment.tenant), factor_policy_in(engine, environment.tenant)
    holdback, fallbacks = holdback_in(engine, environment.tenant), fallbacks_in(engine, environment.tenant)
    folder = version_folder(environment, engine, name)
    manifest = check_hashes(folder)
    traffic = escalation_scores(engine, folder.name, now(), environment.tenant)
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(now())
    return Asked(folder, manifest, demands, traffic, holdback, policy, extras, taxonomy, fallbacks)


def _opened(tickets: Path, config: Path | None, manifest: Mapping[str, Any]) -> "OpenedTickets":
    """The file of tickets, its columns by the desk's config: the one that is named, or the version's own."""
    from training.histories.desk_config import DeskConfig, read_desk_config
    from training.histories.reading import open_tickets

    kept = DeskConfig.from_json(manifest["about"]["desk_config"])
    return open_tickets(tickets, kept if config is None else read_desk_config(config))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's collector of garbage, which would look through all that is read, again and again, for cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when it is whole, and leaves nothing behind when it is not."""
    partial = path.with_name(f"{path.name}.part")
    try:
        file = partial.open("wb")
    except OSError as error:
        raise UserError(f"Cannot write to the folder {str(path.parent)!r}: {error.strerror}.") from error
    try:
        with file:
            yield file
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
