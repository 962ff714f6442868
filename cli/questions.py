"""`pointsman questions`."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.workplace import now, open_journal, version_folder

if TYPE_CHECKING:
    from desk.question import Question

__all__ = ["command"]


@click.command("questions")
@click.option("--prepare", "prepares", is_flag=True, help="Put them in order anew first, as `pointsman work` does.")
@click.option("--most", type=click.IntRange(min=1), default=20, show_default=True, help="Lines to show.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object on stdout, with all of them, instead of a table."
)
def command(prepares: bool, most: int, as_json: bool) -> None:
    """Show which answers people are asked about, the most worth asking first, and why; never a ticket's text.

    How many, of which days, how many by chance and how many without the suggestion is the setting `asking`.
    """
    from journal.questions import questions, waiting

    environment, engine = open_journal()
    if prepares:
        from cli.progress import bars
        from models.storage import load_version
        from training.asking.preparing import prepare_questions
        from training.run_off.undecided import run_off_of

        version = load_version(version_folder(environment, engine, None))
        run_off = run_off_of(environment, engine, at=now())
        with bars(quiet=as_json) as shown:
            tenant = environment.tenant
            prepare_questions(engine, version, at=now(), tenant=tenant, progress=shown, run_off=run_off)
    found, state = questions(engine, environment.tenant), waiting(engine, at=now(), tenant=environment.tenant)
    if as_json:
        at = None if state.prepared_at is None else state.prepared_at.isoformat()
        told = {"prepared_at": at, "held": state.held, "questions": [_told(one) for one in found]}
        click.echo(json.dumps(told))
    elif not found:
        click.echo("No question waits: `pointsman work` prepares them, `pointsman questions --prepare` at once.")
    else:
        _show(found[:most])
        rest = f", of which {most:,} are shown" if len(found) > most else ""
        click.echo(f"{len(found):,} questions wait{rest}; {state.held:,} are with somebody.")


def _told(one: "Question") -> dict[str, Any]:
    """Without the words of a topic, which are of tickets' text."""
    reasons = [{name: told for name, told in each.items() if name not in ("name", "words")} for each in one.reasons]
    return {
        "prediction_id": one.prediction_id,
        "ticket_id": one.ticket_id,
        "queue": one.queue,
        "worth": one.worth,
        "reasons": reasons,
        "topic": one.topic,
    }


def _show(found: Sequence["Question"]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("ticket", "suggested", "why", "prediction")
    for one in found:
        why = "; ".join(map(_in_words, one.reasons)) or f"of the topic {one.topic}"
        table.add_row(one.ticket_id, one.queue or "", why, one.prediction_id)
    Console().print(table)


def _in_words(reason: Mapping[str, Any]) -> str:
    name = reason["reason"]
    if name == "margin":
        return f"in two minds ({reason['gap']:.2f} apart)"
    if name == "disagreement":
        return f"version {reason['challenger']} says {reason['label']}"
    if name == "novelty":
        return f"like none with a label ({reason['distance']:.2f} away)"
    if name == "rarity":
        return f"{reason['label']} has {reason['rows']:,} rows"
    if name == "random":
        return "by chance"
    if name == "differing":
        return f"its {reason['head']} tells whether version {reason['challenger']} is better"
    if name == "topic":
        of = f" of {reason['customers']:,} customers" if "customers" in reason else ""
        return f"{reason['tickets']:,} tickets{of} about something new"
    return "without the suggestion" if name == "unaided" else str(name)
