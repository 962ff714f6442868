"""`pointsman backup FILE`."""

import json
from pathlib import Path

import click

from cli.progress import bars
from cli.workplace import now, open_journal

__all__ = ["command"]


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--without-mlflow", is_flag=True, help="Leave an embedded MLflow's runs and artifacts out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a line of text.")
def command(file: Path, without_mlflow: bool, as_json: bool) -> None:
    """Write the whole installation to FILE while the service runs: gzipped unless the name ends in .tar."""
    from journal.backup.making import make_backup

    environment, engine = open_journal()
    with bars(quiet=as_json) as shown:
        made = make_backup(environment, engine, file, at=now(), watching=shown, with_mlflow=not without_mlflow)
    size = file.stat().st_size
    if as_json:
        click.echo(json.dumps({"file": str(file), "bytes": size, "files": len(made.hashes), "rows": made.rows}))
    else:
        click.echo(
            f"{file}: {made.rows['predictions']:,} predictions of {made.rows['tickets']:,} tickets, "
            f"{len(made.hashes):,} files, {size / 1e6:,.1f} MB. It holds the installation's secret: keep it as one."
        )
