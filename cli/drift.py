"""`pointsman drift`."""

import json

import click

from cli.workplace import now, open_journal, version_folder

__all__ = ["DRIFTED", "command"]

DRIFTED = 3
"""The exit code of a look that found something; 0 is a quiet day, 1 and 2 are errors as everywhere."""


@click.command("drift")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
def command(as_json: bool) -> int:
    """Look whether the champion still fits what comes in; labels in breach of their contract fall back, or return.

    Ends with 0 on a quiet day, with 3 where something drifted or a contract is in breach.
    """
    from cli.drift_tables import show_watched
    from models.storage import load_version
    from training.watch.watch import watch

    environment, engine = open_journal()
    version = load_version(version_folder(environment, engine, None))
    found = watch(environment, engine, version, at=now())
    if as_json:
        click.echo(json.dumps(found.to_json()))
    else:
        show_watched(found)
    return 0 if found.is_quiet else DRIFTED
