"""`pointsman rollback`."""

import json

import click

from cli.workplace import now, open_journal

__all__ = ["command"]


@click.command("rollback")
@click.option("--why", default="rolled back by hand", show_default=True, help="The reason, kept in the journal.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a line of text.")
def command(why: str, as_json: bool) -> None:
    """Go back to the version that answered before the champion; again goes further back."""
    from cli.mirroring import mirror
    from desk.errors import JournalError, JournalUnavailableError, PromotionConflictError, UnknownVersionError
    from journal.promotions import champion, rollback
    from training.runs.provenance import user

    environment, engine = open_journal()
    before = champion(engine, environment.tenant)
    try:
        expected = None if before is None else before.version
        done = rollback(engine, who=user(), why=why, at=now(), expected=expected, tenant=environment.tenant)
    except (JournalUnavailableError, PromotionConflictError):
        raise
    except JournalError as error:
        raise UnknownVersionError(str(error)) from error
    mirror(environment, done.version)
    if as_json:
        held = None if before is None else before.version
        click.echo(json.dumps({"champion": done.version, "before": held, "since": done.since.isoformat()}))
    else:
        click.echo(f"Version {done.version} is the champion again.")
