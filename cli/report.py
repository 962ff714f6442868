"""`pointsman report [VERSION]`."""

import json
from pathlib import Path

import click

from cli.progress import bars
from cli.workplace import now, open_journal, version_folder

__all__ = ["command"]


@click.command("report")
@click.argument("version", required=False)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="The file; report-VERSION.html unless given."
)
@click.option(
    "--minutes-per-transfer",
    "minutes",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 600),
    help="People's work that a transfer is taken to cost.",
)
@click.option("--json", "as_json", is_flag=True, help="The story as one JSON object on stdout; a page only with --out.")
def command(version: str | None, out: Path | None, minutes: float, as_json: bool) -> None:
    """Write what VERSION would do by itself, for the operations lead, as one HTML page; the champion unless given.

    Counted on tickets that it never learned from: right and wrong, transfers and hours saved, what it would not touch.
    """
    from models.storage import load_version
    from training.story.material import story_of
    from training.story.page.frame import render_page

    environment, engine = open_journal()
    loaded = load_version(version_folder(environment, engine, version))
    with bars(quiet=as_json) as shown:
        story = story_of(environment, engine, loaded, at=now(), progress=shown, minutes=minutes)
    path = Path(f"report-{story.version}.html") if out is None and not as_json else out
    if path is not None:
        _write(path, render_page(story))
    if as_json:
        click.echo(json.dumps({**story.to_json(), "page": None if path is None else str(path)}))
    else:
        click.echo(f"{path} tells the story of version {story.version}: open it in a browser, send it, print it.")


def _write(path: Path, page: str) -> None:
    from desk.errors import SettingError

    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise SettingError(
            f"{str(path)!r} cannot be written ({error.strerror}); give another file with --out."
        ) from error
