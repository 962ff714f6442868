"""`pointsman retrain`."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click

from cli.progress import bars
from cli.workplace import now, open_journal

if TYPE_CHECKING:
    from training.retraining.retraining import Retrained

__all__ = ["EXIT_CODES", "command", "told"]

EXIT_CODES: Final = {"promoted": 0, "nothing_to_do": 0, "refused": 3, "overtaken": 4}
"""By outcome, for cron and systemd; 5 where somebody else is at it."""

_AT_IT: Final = 5


@click.command("retrain")
@click.option("--why", default="asked for by hand", show_default=True, help="The reason, kept in the journal.")
@click.option("--force", is_flag=True, help="Learn also where no label is new.")
@click.option("--allow-leakage", multiple=True, metavar="COLUMN", help="Use a column that the leakage check refuses.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def command(why: str, force: bool, allow_leakage: tuple[str, ...], as_json: bool) -> int:
    """Learn the next version from history, outcomes and feedback, and promote it if it is no worse.

    The gate judges it beside the champion on the same tickets. Exit code 0: promoted, or nothing to do; 3: refused;
    4: somebody else promoted meanwhile; 5: somebody else is at it.
    """
    from desk.errors import LeaseHeldError
    from training.retraining.retraining import retrain
    from training.runs.provenance import user

    environment, engine = open_journal()
    try:
        with bars(quiet=as_json) as shown:
            done = retrain(
                environment,
                engine,
                at=now(),
                who=user(),
                why=why,
                force=force,
                allowed_leakage=allow_leakage,
                progress=shown,
            )
    except LeaseHeldError as error:
        click.echo(f"pointsman: {error}", err=True)
        return _AT_IT
    click.echo(json.dumps(asdict(done)) if as_json else told(done))
    return EXIT_CODES[done.outcome]


def told(done: "Retrained") -> str:
    """What became of it, in lines."""
    if done.outcome == "nothing_to_do":
        return f"Nothing to do: {done.reasons[0]}."
    first = {
        "promoted": f"Version {done.version} is the champion.",
        "refused": f"Version {done.version} is refused; {done.champion} stays the champion. "
        f"`pointsman promote {done.version}` makes it the champion all the same.",
        "overtaken": f"Version {done.version} passed, but somebody else promoted {done.champion} meanwhile.",
    }[done.outcome]
    lines = [first, *(f"  · {reason}" for reason in done.reasons)]
    return "\n".join([*lines, *(f"  · let pass: {note}" for note in done.notes)])
