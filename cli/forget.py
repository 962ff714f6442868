"""`pointsman forget CUSTOMER` and `pointsman forget --expired`."""

import json
from typing import TYPE_CHECKING

import click

from cli.progress import bars
from cli.workplace import now, open_journal
from desk.errors import PointsmanError

if TYPE_CHECKING:
    from journal.erasure_report import ErasureReport

__all__ = ["command"]


@click.command("forget")
@click.argument("customer", required=False)
@click.option("--expired", is_flag=True, help="Instead of a person: whatever is older than the setting retention_days.")
@click.option("--tenant", help="Whose customer it is; POINTSMAN_TENANT's unless given.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def command(customer: str | None, expired: bool, tenant: str | None, dry_run: bool, as_json: bool) -> None:
    """Erase CUSTOMER, by the id that tickets name, from journal, log, histories, versions and caches, for good."""
    if expired == (customer is not None):
        raise click.UsageError("Name the CUSTOMER to forget, or --expired for whatever is too old to keep.")
    if customer is None:
        _forget_expired(dry_run=dry_run, as_json=as_json)
        return
    from training.forgetting.person import forget
    from training.runs.provenance import user

    if not customer.strip():
        raise click.UsageError("A customer's id is not blank.")
    environment, engine = open_journal()
    with bars(quiet=as_json) as shown:
        report = forget(
            environment,
            engine,
            customer,
            who=user(),
            at=now(),
            tenant=tenant or environment.tenant,
            dry_run=dry_run,
            progress=shown,
        )
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **report.to_json()}))
    else:
        _show(report, dry_run=dry_run)
    if not report.is_complete:
        raise PointsmanError(f"Not everything could be erased: {'; '.join(report.left)}.")


def _forget_expired(*, dry_run: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from journal.forgetting import scrub
    from journal.retention import expire_all

    _, engine = open_journal()
    gone = expire_all(engine, now(), dry_run=dry_run)
    if not dry_run:
        scrub(engine)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **asdict(gone)}))
    else:
        verb = "Would delete" if dry_run else "Deleted"
        said = f"{gone.shadows:,} in shadow, {gone.verdicts:,} verdicts, {gone.outcomes:,} outcomes"
        said += f", {gone.suspects:,} suspect labels, {gone.repeats:,} kept answers"
        click.echo(f"{verb} {gone.predictions:,} predictions, {gone.tickets:,} tickets, {said}.")


def _show(report: "ErasureReport", *, dry_run: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from journal.erasure_report import PLACES

    console = Console()
    table = Table("would go" if dry_run else "erased", "what")
    table.columns[0].justify = "right"
    for place, count in report.erased.items():
        table.add_row(f"{count:,}", PLACES[place])
    console.print(table)
    if report.versions:
        console.print(f"Trained on them: version {', '.join(report.versions)}. What a version learned stays learned.")
        console.print("Train again without them and promote it, where that matters.", markup=False)
    else:
        console.print("No version was trained on them.", markup=False)
