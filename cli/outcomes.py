"""`pointsman outcomes import FILE`."""

from pathlib import Path

import click

from cli.importing import AT_ONCE, Imported, show_imported
from cli.progress import bars
from cli.workplace import now, open_journal

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
        given = [one for _, one in read.good]
        shown.stage("Into the journal", len(given))
        for start in range(0, len(given), AT_ONCE):
            some = given[start : start + AT_ONCE]
            new += record(engine, some, via="file", received_at=now(), tenant=environment.tenant)
            shown.step(len(some))
    done = Imported(file, "outcomes", new, len(given) - new, read.refused, read.notes)
    show_imported(done, as_json=as_json)
