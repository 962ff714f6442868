"""`pointsman replay PREDICTION_ID`."""

import json
from threading import Event

import click

from cli.workplace import open_journal

__all__ = ["command"]


@click.command("replay")
@click.argument("prediction_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of lines of text.")
def command(prediction_id: str, as_json: bool) -> None:
    """Score a journaled ticket again by the version that answered, and say what differs.

    The exit code is 0 where the answer is the same to the bit, 1 where it is not.
    """
    from desk.errors import ReplayError
    from journal.identifiers import is_prediction_id
    from journal.pending import look_up
    from serving.obtaining import obtain
    from serving.replaying import replay

    environment, engine = open_journal()
    found = None
    if is_prediction_id(prediction_id):
        found = look_up(engine, environment.log, prediction_id, environment.tenant)
    if found is None:
        raise ReplayError(f"There is no prediction {prediction_id!r}: name the `prediction_id` of an answer.")
    made = replay(engine, found, lambda name: obtain(environment, name, Event()))
    if as_json:
        click.echo(json.dumps({"prediction_id": prediction_id, "version": found.version, **made.to_json()}))
    elif made.differences:
        click.echo(f"Version {found.version} now answers otherwise in {', '.join(made.differences)}.")
    else:
        by = "Without a version" if found.version is None else f"Version {found.version}"
        click.echo(f"{by}: the same answer, to the bit.")
    if made.differences:
        click.get_current_context().exit(1)
