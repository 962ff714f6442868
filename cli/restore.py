"""`pointsman restore FILE`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.progress import bars
from cli.workplace import open_journal
from desk.errors import PointsmanError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from journal.backup.restoring import Restored
    from journal.environment import Environment

__all__ = ["command"]


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Put the backup in the place of what is here, for good.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def command(file: Path, replace: bool, as_json: bool) -> None:
    """Make this installation what FILE says, on SQLite or PostgreSQL alike; the service must not run."""
    from journal.backup.restoring import restore_backup
    from journal.forgetting import scrub

    environment, engine = open_journal()
    with bars(quiet=as_json) as shown:
        restored = restore_backup(environment, engine, file, replace=replace, watching=shown)
    left = _erase_again(environment, engine, restored)
    scrub(engine)
    if as_json:
        told = {"made_at": restored.made_at.isoformat(), "rows": restored.rows, "kept_out": restored.kept_out}
        click.echo(json.dumps({**told, "erased_again": len(restored.buried), "left": left, "notes": restored.notes}))
    else:
        _show(restored)
    if left:
        raise PointsmanError(f"People who were erased are not out of every file again: {'; '.join(left)}.")


def _erase_again(environment: "Environment", engine: "Engine", restored: "Restored") -> list[str]:
    """The files that came back hold people who were erased since; what of it could not be done, in words."""
    from journal.erasures import erasures
    from training.forgetting.person import erase_again

    buried = [one for one in erasures(engine) if (one.tenant, one.customer) in restored.buried]
    return [words for one in buried for words in erase_again(environment, engine, one).left]


def _show(restored: "Restored") -> None:
    rows = restored.rows
    click.echo(
        f"Restored the backup of {restored.made_at:%Y-%m-%d %H:%M:%S %Z}: {rows['predictions']:,} predictions of "
        f"{rows['tickets']:,} tickets."
    )
    if restored.buried:
        click.echo(
            f"People who were erased since: {len(restored.buried):,}. Of their predictions {restored.kept_out:,} "
            "stayed out; histories and versions were gone through again."
        )
    for words in restored.notes:
        click.echo(words)
