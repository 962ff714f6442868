"""`pointsman train HISTORY`."""

import json
from pathlib import Path
from typing import Any

import click

from cli.progress import bars
from cli.workplace import now, open_journal

__all__ = ["command"]


@click.command("train")
@click.argument("history", type=click.Path(path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), help="The desk's TOML file: column names, label rules.")
@click.option("--allow-leakage", multiple=True, metavar="COLUMN", help="Use a column that the leakage check refuses.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
def command(history: Path, config: Path | None, allow_leakage: tuple[str, ...], as_json: bool) -> None:
    """Learn a version from HISTORY: CSV, JSON Lines or Parquet, gzipped or not."""
    from training.histories.desk_config import read_desk_config
    from training.histories.reading import read_history
    from training.runs.provenance import user
    from training.training import train

    desk = read_desk_config(config)
    environment, engine = open_journal(adds_tenant=True)
    with bars(quiet=as_json) as shown:
        shown.stage("Reading the history", 1)
        rows = read_history(history, desk)
        trained = train(
            rows, desk, environment, engine, at=now(), who=user(), progress=shown, allowed_leakage=allow_leakage
        )
    learned = trained.record.history  # without the tickets of people who were erased
    result = {
        "version": trained.version,
        "champion": trained.is_champion,
        "run_id": trained.run_id,
        "history": {"digest": learned.digest, "rows": len(learned.rows), "notes": list(learned.notes)},
        "heads": {head: one.to_json() for head, one in trained.record.heads.items()},
        "skipped": dict(trained.record.skipped),
        "unjudged": list(trained.record.unjudged),
        "new_queues": list(trained.record.new_queues),
        "moved": [{"was": one.was, "now": one.now, "read_anew": len(one.tickets)} for one in trained.record.moves],
        "rare_labels": {head: dict(labels) for head, labels in trained.record.rare_labels.items()},
        "growing": {head: one.to_json() for head, one in trained.record.growing.items()},
        "leakage": trained.record.leakage.to_json(),
        "seconds": dict(trained.record.seconds),
    }
    if as_json:
        click.echo(json.dumps(result))
    else:
        _show(result, trained.record)


def _show(result: dict[str, Any], record: Any) -> None:
    from rich.console import Console

    from cli.figures import figures_table
    from training.runs.model_card import new_queue_note, unjudged_note

    console = Console()
    notes = [*record.history.notes, f"held out: {record.split}"]
    notes += [f"{head} is skipped: {reason}" for head, reason in record.skipped.items()]
    notes += [f"{finding.column!r} {finding.reason}" for finding in record.leakage.warned]
    notes += [_rare(head, labels) for head, labels in record.rare_labels.items()]
    console.print(figures_table(record.heads))
    notes += [one.learned.words for one in record.heads.values() if not one.learned.something]
    notes += [doubt for one in record.heads.values() for doubt in one.doubts]
    notes += [note for one in record.growing.values() for note in one.notes()]
    notes += [unjudged_note(head) for head in record.unjudged]
    notes += [new_queue_note(queue) for queue in record.new_queues]
    notes += [move.words for move in record.moves]
    for note in notes:
        console.print(f"  · {note}", highlight=False, markup=False, soft_wrap=True)
    number = result["version"]
    if result["champion"]:
        ending = f"Version {number} is the champion: `pointsman serve` answers with it."
    else:
        ending = f"Version {number} waits: `pointsman promote {number}` makes it the champion."
    console.print(ending, markup=False, soft_wrap=True)


def _rare(head: str, labels: dict[str, int]) -> str:
    few = [f"{label} ({count})" for label, count in list(labels.items())[:5]]
    more = f" and {len(labels) - 5} more" if len(labels) > 5 else ""
    return f"{len(labels)} {head} labels have fewer than five rows, and less certain answers: {', '.join(few)}{more}"
