"""`pointsman outcomes import FILE`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.importing import AT_ONCE, Imported, show_imported
from cli.progress import bars
from cli.workplace import now, open_journal

if TYPE_CHECKING:  # what reads files is slow to import
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from journal.environment import Environment
    from journal.outcomes import GivenReport
    from training.reports.outcome_file import ReadReport

__all__ = ["command"]


@click.group("outcomes")
def command() -> None:
    """What became of tickets."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def import_file(file: Path, as_json: bool) -> None:
    """Keep the outcomes in FILE, or of a history: CSV, JSON Lines or Parquet, gzipped or not. Known ones stay."""
    from journal.outcomes import record
    from training.reports.outcome_file import read_outcomes

    environment, engine = open_journal()
    new = 0
    with bars(quiet=as_json) as shown:
        shown.stage("Reading the outcomes", 1)
        read = read_outcomes(file, now())
        given = _unerased(environment, engine, [one for _, one in read.good])
        shown.stage("Into the journal", len(given))
        for start in range(0, len(given), AT_ONCE):
            some = given[start : start + AT_ONCE]
            new += record(engine, some, via="file", received_at=now(), tenant=environment.tenant)
            shown.step(len(some))
    gone = len(read.good) - len(given)
    notes = (*read.notes, f"{gone:,} of people who were erased: left out") if gone else read.notes
    done = Imported(file, "outcomes", new, len(given) - new, read.refused, notes)
    show_imported(done, as_json=as_json)


def _unerased(environment: "Environment", engine: "Engine", read: "Sequence[ReadReport]") -> "list[GivenReport]":
    """The reports but for tickets that were opened before their customer was erased, where the file names customers."""
    from journal.erasures import erased_among
    from journal.secret import installation_secret
    from training.histories.unerased import is_gone

    customers = {one.customer for one in read if one.customer is not None}
    erased = erased_among(engine, environment.tenant, customers, lambda: installation_secret(environment))
    return [one.given for one in read if not is_gone(erased, one.customer, one.opened)]
