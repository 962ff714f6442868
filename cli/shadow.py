"""`pointsman shadow`, `pointsman shadow VERSION` and `pointsman shadow off`."""

import json
from typing import TYPE_CHECKING, Any, Final

import click

from cli.workplace import now, open_journal
from desk.errors import SettingError
from desk.shadow import SHADOW_SETTING, SHARE, ShadowPolicy, read_shadow

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from journal.environment import Environment
    from training.gate.shadow import InShadow, Share

__all__ = ["command"]

OFF: Final = "off"


@click.command("shadow")
@click.argument("version", required=False, metavar="[VERSION|off]")
@click.option("--share", type=float, help=f"Of the tickets, 0 to 1; {SHARE} unless given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def command(version: str | None, share: float | None, as_json: bool) -> None:
    """Let VERSION score a share of the tickets beside the champion, journaled and never answered.

    Without VERSION, show how the two compare so far; `off` ends it.
    """
    if share is not None and version in (None, OFF):
        raise click.UsageError("--share needs the version that is to score: `pointsman shadow VERSION --share 0.1`.")
    environment, engine = open_journal()
    if version is None:
        _show(environment, engine, as_json=as_json)
    elif version == OFF:
        _set(environment, engine, None, as_json=as_json)
    else:
        policy = read_shadow({"version": version, "share": SHARE if share is None else share})
        _check(environment, engine, version)
        _set(environment, engine, policy, as_json=as_json)


def _check(environment: "Environment", engine: "Engine", version: str) -> None:
    """See that the version can score, as before a promotion."""
    from threading import Event

    from cli.workplace import version_folder
    from journal.promotions import champion
    from serving.obtaining import check

    before = champion(engine, environment.tenant)
    if before is None or before.version == version:
        why = "is the champion" if before is not None else "has no champion to stand beside"
        raise SettingError(f"Version {version!r} {why}; choose another one that `pointsman versions` lists.")
    check(version_folder(environment, engine, version), Event())


def _set(environment: "Environment", engine: "Engine", policy: ShadowPolicy | None, *, as_json: bool) -> None:
    from journal.settings import put_setting
    from training.runs.provenance import user

    value = None if policy is None else policy.to_json()
    put = put_setting(engine, SHADOW_SETTING, value, who=user(), at=now(), tenant=environment.tenant)
    if as_json:
        click.echo(json.dumps({"revision": put.revision, "setting": value}))
    elif policy is None:
        click.echo("No version scores in shadow; what was scored stays in the journal.")
    else:
        click.echo(
            f"Version {policy.version} scores {policy.share:.0%} of the tickets in shadow; running services follow "
            "within seconds. `pointsman shadow` shows how it compares."
        )


def _show(environment: "Environment", engine: "Engine", *, as_json: bool) -> None:
    """The version in shadow, or else the one that was last."""
    from journal.settings import get_setting
    from journal.shadow import shadow_counts
    from training.gate.shadow import in_shadow

    setting = get_setting(engine, SHADOW_SETTING, environment.tenant)
    policy = read_shadow(None if setting is None else setting.value)
    counts = shadow_counts(engine, environment.tenant)
    names = [*([] if policy is None else [policy.version]), *(one.version for one in counts)]
    found = in_shadow(engine, names[0], now(), environment.tenant) if names else None
    if as_json:
        told: dict[str, Any] = {
            "setting": None if policy is None else policy.to_json(),
            "compared": None if found is None else found.to_json(),
            "kept": {one.version: one.predictions for one in counts},
        }
        click.echo(json.dumps(told))
        return
    if policy is None:
        click.echo("No version scores in shadow: `pointsman shadow VERSION` begins.")
    else:
        click.echo(f"Version {policy.version} scores {policy.share:.0%} of the tickets in shadow.")
    if found is not None:
        _show_comparison(found)


def _show_comparison(found: "InShadow") -> None:
    from rich.console import Console
    from rich.table import Table

    if not found.scored:
        click.echo("Nothing is scored yet.")
        return
    said = f"{found.scored:,} answers of version {found.version} are kept"
    said += f", {found.failed:,} of them failures" if found.failed else ""
    click.echo(f"{said}; {found.tickets:,} tickets beside version {found.champion}.")
    if found.other:
        click.echo(f"{found.other:,} tickets stood beside other versions and are left out.")
    sides = (f"{found.champion} right", f"{found.version} right")
    table = Table("head", "tickets", "agree", "judged", *sides, "only either")
    for head, one in found.heads.items():
        judged = 0 if one.champion is None else one.champion.of
        either = f"{one.only_champion:,} / {one.only_challenger:,}"
        agreed, *right = (_interval(share) for share in (one.agreed, one.champion, one.challenger))
        table.add_row(head, f"{one.agreed.of:,}", agreed, f"{judged:,}", *right, either if judged else "")
    Console().print(table)


def _interval(one: "Share | None") -> str:
    return "" if one is None else f"{one.share:.1%} ({one.low:.1%} to {one.high:.1%})"
