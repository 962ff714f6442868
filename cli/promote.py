"""`pointsman promote VERSION`."""

import json
from threading import Event

import click

from cli.workplace import now, open_journal

__all__ = ["command"]


@click.command("promote")
@click.argument("version")
@click.option("--why", default="promoted by hand", show_default=True, help="The reason, kept in the journal.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a line of text.")
def command(version: str, why: str, as_json: bool) -> None:
    """Make VERSION the champion; running services follow within seconds."""
    from cli.mirroring import mirror
    from cli.workplace import version_folder
    from journal.promotions import champion, promote
    from serving.obtaining import check
    from training.runs.provenance import user

    environment, engine = open_journal()
    before = champion(engine, environment.tenant)
    check(version_folder(environment, engine, version), Event())
    expected = None if before is None else before.version
    done = promote(engine, version, who=user(), why=why, at=now(), expected=expected, tenant=environment.tenant)
    mirror(environment, done.version)
    if as_json:
        click.echo(json.dumps({"champion": done.version, "before": expected, "since": done.since.isoformat()}))
    else:
        click.echo(
            f"Version {done.version} is the champion"
            + (f", after {expected}." if expected not in (None, done.version) else ".")
        )
