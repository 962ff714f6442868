"""`pointsman score TICKETS --output OUT.jsonl`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from cli.progress import bars
from cli.workplace import demands_in, factor_policy_in, now, open_journal, version_folder
from desk.errors import UserError
from desk.likeness import MOST_SIMILAR
from desk.prediction import Extras

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

    from cli.scoring import answer_lines
    from journal.traffic import escalation_scores
    from models.storage import load_version
    from training.histories.desk_config import DeskConfig, read_desk_config
    from training.histories.reading import read_tickets

    if output.exists() and tickets.exists() and output.samefile(tickets):
        raise UserError(f"{str(output)!r} holds the tickets themselves; write the answers to another file.")
    environment, engine = open_journal()
    demands, policy = demands_in(engine), factor_policy_in(engine)
    folder = version_folder(environment, engine, name)
    version = load_version(folder)
    traffic = escalation_scores(engine, version.name, now())
    extras = Extras(similar or 0, explain)
    kept = DeskConfig.from_json(version.about["desk_config"])
    with bars(quiet=as_json) as shown:
        shown.stage("Reading the tickets", 1)
        asked = read_tickets(tickets, kept if config is None else read_desk_config(config))
        shown.stage(f"Scoring with version {version.name}", len(asked.tickets))
        began = time.monotonic()
        with _replacing(output) as file:
            for size, lines in answer_lines(folder, asked.tickets, demands, traffic, policy, extras):
                file.write(lines)
                shown.step(size)
        seconds = time.monotonic() - began
    rate = len(asked.tickets) / max(seconds, 1e-9)
    if as_json:
        done = {"tickets": len(asked.tickets), "version": version.name, "seconds": seconds, "notes": list(asked.notes)}
        click.echo(json.dumps(done))
    else:
        for note in asked.notes:
            click.echo(f"  · {note}")
        click.echo(f"{len(asked.tickets):,} answers of version {version.name} in {output} ({rate:,.0f} tickets/s)")


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
