"""`pointsman demo`: a sample desk from its history to three answers over HTTP."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli.progress import bars
from cli.workplace import now, open_journal
from journal.environment import Environment

__all__ = ["command"]


@click.command("demo")
@click.option("--once", is_flag=True, help="End after the three answers instead of serving until Ctrl-C.")
def command(once: bool) -> None:
    """Write a sample desk's history, train on it, start the service and score three new tickets over HTTP."""
    from rich.console import Console

    from serving.launch import address_of, check_port, running_service

    console = Console()
    # Whoever tries it out needs no key; on an address that others reach this is refused.
    environment, engine = open_journal(adds_tenant=True, POINTSMAN_KEYS="off")
    check_port(environment)
    _prepare(environment, engine, console)
    engine.dispose()
    console.print("\nStarting the service …")
    log = environment.home / "service.log"
    with log.open("ab") as output, running_service(environment, output):
        address = address_of(environment)
        _wait_until_ready(address)
        for ticket in _new_tickets():
            _show(console, ticket, _ask(address, ticket))
        _say_where(console, environment, address, log)
        if not once:
            console.print("\nServing until Ctrl-C.")
            _sleep_until_interrupted()


def _prepare(environment: Environment, engine: Any, console: Any) -> None:
    """History and version 1, where they are not there from an earlier demo."""
    from journal.promotions import champion
    from simulation.export import write_history
    from simulation.sample import SampleDesk, generate
    from training.histories.desk_config import DeskConfig
    from training.histories.reading import read_history
    from training.runs.provenance import user
    from training.training import train

    standing = champion(engine, environment.tenant)
    if standing is not None:
        console.print(f"Version {standing.version} is the champion already; it will answer.")
        return
    desk = SampleDesk()
    path = environment.home / "sample" / "history.jsonl.gz"
    with bars(quiet=False) as shown:
        shown.stage("Writing the sample desk's history", desk.tickets)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_history(_counted(generate(desk), shown), path)
        shown.stage("Reading the history", 1)
        history = read_history(path, DeskConfig())
        trained = train(history, DeskConfig(), environment, engine, at=now(), who=user(), progress=shown)
    from cli.figures import figures_table

    console.print(f"\nA year of a sample desk: {len(history.rows):,} resolved tickets in {path}")
    console.print(figures_table(trained.record.heads))
    console.print(f"Registered in MLflow as version {trained.version}, the champion.")


def _counted(rows: Any, shown: Any) -> Any:
    for row in rows:
        yield row
        shown.step()


def _new_tickets() -> list[dict[str, Any]]:
    from desk.ticket_json import ticket_json
    from simulation.newcomers import new_tickets
    from simulation.sample import SampleDesk

    return [ticket_json(ticket) for ticket in new_tickets(SampleDesk(), 3)]


def _ask(address: str, ticket: Mapping[str, Any]) -> dict[str, Any]:
    import httpx

    answer = httpx.post(f"{address}/v1/triage", json={"ticket": ticket}, timeout=10)
    answer.raise_for_status()
    return dict(answer.json())


def _wait_until_ready(address: str) -> None:
    import httpx

    give_up = time.monotonic() + 30
    while httpx.get(f"{address}/readyz", timeout=10).status_code != 200 and time.monotonic() < give_up:
        time.sleep(0.1)


def _show(console: Any, ticket: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    from rich.panel import Panel
    from rich.text import Text

    text = Text()
    text.append(f"{ticket.get('subject') or '(no subject)'}\n", style="bold")
    body = " ".join(str(ticket.get("body", "")).split())
    text.append(f"{body[:300]}{'…' if len(body) > 300 else ''}\n")
    text.append(f"{_from(ticket)}\n\n", style="dim")
    for head in ("queue", "priority"):
        text.append(f"{head:<12}", style="cyan")
        text.append(f"{_choice(answer[head])}\n")
    for head, words in (("escalation", "will escalate"), ("breach", "will miss its SLA")):
        text.append(f"{head:<12}", style="cyan")
        text.append(f"{_risk(answer[head], words)}\n")
    title = f"ticket {answer['ticket_id']} → version {answer['version']}"
    console.print(Panel(text, title=title, title_align="left", subtitle=answer["prediction_id"]))


def _from(ticket: Mapping[str, Any]) -> str:
    customer = ticket.get("customer") or {}
    known = [customer.get("tier"), ticket.get("channel"), ticket.get("product"), ticket.get("region")]
    known += [f"{name}: {value}" for name, value in ticket.get("attributes", {}).items()]
    return " · ".join(str(one) for one in known if one)


def _choice(answer: Mapping[str, Any]) -> str:
    if "top" not in answer:
        return f"{answer.get('label', 'no answer')} ({answer['why']})"
    others = ", ".join(f"{one['label']} {one['probability']:.0%}" for one in answer["top"][1:])
    return f"{answer['label']} {answer['probability']:.0%}" + (f"   else {others}" if others else "")


def _risk(answer: Mapping[str, Any], words: str) -> str:
    return f"{answer['probability']:.0%} {words}" if "probability" in answer else f"no answer ({answer['why']})"


def _say_where(console: Any, environment: Environment, address: str, log: Path) -> None:
    console.print(f"\nservice   {address}", highlight=False, soft_wrap=True)
    console.print(f"console   {address}/console", highlight=False, soft_wrap=True)
    console.print(f"API       {address}/docs", highlight=False, soft_wrap=True)
    console.print(f"log       {log}", highlight=False, soft_wrap=True)
    start = f"MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false .venv/bin/mlflow ui --backend-store-uri {environment.mlflow_uri}"
    console.print(f"MLflow    {start} --port 5000", highlight=False, soft_wrap=True)


def _sleep_until_interrupted() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("\nStopped.")
