"""`pointsman keys`, `pointsman keys create NAME --scope SCOPE` and `pointsman keys revoke KEY_ID`."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from cli.workplace import now, open_journal

if TYPE_CHECKING:
    from journal.keys import Key

__all__ = ["command"]

SHOWN = ("key_id", "tenant", "name", "person", "scopes", "per_minute", "created_at", "expires_at", "revoked_at")


@click.group("keys", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show who holds a key of the API, and what each may; never the keys, of which hashes alone are kept."""
    if context.invoked_subcommand is not None:
        return
    from journal.keys import keys

    found = keys(open_journal()[1])
    if as_json:
        click.echo(json.dumps({"keys": [_json(key) for key in found]}))
    else:
        _show(found)


@command.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="predict, feedback or admin; may be repeated.")
@click.option("--for", "person", help="The one person who speaks with it; it may not bring verdicts of others.")
@click.option("--tenant", help="Whom it speaks for; POINTSMAN_TENANT unless given.")
@click.option(
    "--expires-in-days", type=click.IntRange(1, 3650), help="It lets nobody in afterwards; never unless given."
)
@click.option("--per-minute", type=click.IntRange(1, 1_000_000), help="Requests; the setting's unless given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def create(
    name: str,
    scopes: tuple[str, ...],
    person: str | None,
    tenant: str | None,
    expires_in_days: int | None,
    per_minute: int | None,
    as_json: bool,
) -> None:
    """Make a key for NAME, who will hold it, and show it once."""
    from journal.keys import make_key
    from journal.secret import installation_secret
    from training.runs.provenance import user

    environment, engine = open_journal(adds_tenant=True)
    at = now()
    key, text = make_key(
        engine,
        installation_secret(environment),
        name,
        scopes,
        who=user(),
        at=at,
        tenant=tenant or environment.tenant,
        expires_at=None if expires_in_days is None else at + timedelta(days=expires_in_days),
        per_minute=per_minute,
        person=person,
    )
    if as_json:
        click.echo(json.dumps({**_json(key), "key": text}))
        return
    click.echo(text)
    click.echo("Keep it now: only a hash of it is kept here. Send it as `Authorization: Bearer …`.", err=True)


@command.command("revoke")
@click.argument("key_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def revoke(key_id: str, as_json: bool) -> None:
    """End the key KEY_ID: it lets nobody in any more, within five seconds and in every process."""
    from desk.errors import SettingError
    from journal.keys import keys, revoke_key
    from training.runs.provenance import user

    engine = open_journal()[1]
    key = next((one for one in keys(engine) if one.key_id == key_id), None)
    if key is None:
        raise SettingError(f"There is no key {key_id!r}; `pointsman keys` lists them all by their ids.")
    revoked = revoke_key(engine, key_id, who=user(), at=now(), tenant=key.tenant)
    if as_json:
        click.echo(json.dumps(_json(revoked or key)))
    else:
        click.echo(f"The key {key_id} of {key.name} is revoked.")


def _json(key: "Key") -> dict[str, Any]:
    kept = {name: getattr(key, name) for name in SHOWN}
    return {name: one.isoformat() if hasattr(one, "isoformat") else one for name, one in kept.items()}


def _holder(key: "Key") -> str:
    return key.name if key.person is None else f"{key.name} (speaks as {key.person})"


def _show(found: "list[Key]") -> None:
    from rich.console import Console
    from rich.table import Table

    if not found:
        click.echo("There is no key yet; `pointsman keys create NAME --scope predict` makes one.")
        return
    table = Table("key", "tenant", "held by", "may", "a minute", "made", "holds until")
    for key in found:
        ends = key.revoked_at or key.expires_at
        until = "" if ends is None else f"{'revoked ' if key.revoked_at else ''}{ends:%Y-%m-%d %H:%M}"
        often = "" if key.per_minute is None else f"{key.per_minute:,}"
        made = f"{key.created_at:%Y-%m-%d}"
        table.add_row(key.key_id, key.tenant, _holder(key), ", ".join(key.scopes), often, made, until)
    Console().print(table)
