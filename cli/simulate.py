"""`pointsman simulate`: a year of the sample desk, week by week, with the learning loop and without."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.progress import bars

if TYPE_CHECKING:
    from simulation.year.settings import SampleYear

__all__ = ["command"]


@click.command("simulate")
@click.option("--seeds", default="7", show_default=True, metavar="N[,N…]", help="One year for each of these seeds.")
@click.option("--weeks", default=52, show_default=True, type=click.IntRange(1, 520), help="How long a year is.")
@click.option("--every", default=4, show_default=True, type=click.IntRange(1, 52), help="Weeks between retrainings.")
@click.option("--tickets", default=500, show_default=True, type=click.IntRange(50, 5000), help="Tickets a week.")
@click.option(
    "--home",
    default="simulated",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to work in, and to go on in after an interruption; never a desk's own.",
)
@click.option("--encoder", default="none", show_default=True, help="As POINTSMAN_ENCODER; with one a year takes a day.")
@click.option("--blind", is_flag=True, help="A loop that promotes whatever it learns, without origins, votes and gate.")
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="Draw the year here (PNG, SVG, PDF).")
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write the year here, as markdown.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a week on stdout instead of lines and tables.")
def command(
    seeds: str,
    weeks: int,
    every: int,
    tickets: int,
    home: Path,
    encoder: str,
    blind: bool,
    picture: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Live through a year of the sample desk that changes as it goes, and show what learning from it is worth.

    Version 1 learns from the twelve weeks before. Then tickets are answered, outcomes and verdicts come back late, and
    every few weeks the loop retrains; beside it version 1 answers for ever. Judged by the simulator's truth. Every week
    is written as soon as it is over: called again with the same words, it goes on where it stood.
    """
    from simulation.year.page import page as whole_page
    from simulation.year.page import tables
    from simulation.year.results import read_results
    from simulation.year.settings import SampleYear

    years = [SampleYear(seed=seed, weeks=weeks, tickets_a_week=tickets) for seed in _numbers(seeds)]
    where = _own(home)
    found = [
        read_results(_lived(year, every, where / f"seed-{year.seed}", encoder, blind=blind, as_json=as_json))
        for year in years
    ]
    headings = [heading for heading, _ in found]
    lines = [line for _, one in found for line in one if line["week"] <= weeks]
    if not as_json:
        click.echo("\n" + "\n".join(tables(lines)))
    if page is not None:
        page.write_text("\n".join(whole_page(headings, lines)) + "\n", encoding="utf-8")
        click.echo(f"written to {page}", err=True)
    if picture is not None:
        from simulation.year.picture import save

        save(lines, picture)
        click.echo(f"drawn in {picture}", err=True)


def _numbers(seeds: str) -> list[int]:
    from desk.errors import SettingError

    try:
        return list(dict.fromkeys(int(one) for one in seeds.split(",")))
    except ValueError as error:
        raise SettingError(f"--seeds takes whole numbers with commas between them, not {seeds!r}.") from error


def _own(home: Path) -> Path:
    """The folder, unless a desk works there."""
    from desk.errors import SettingError
    from journal.environment import read_environment

    found = home.absolute()
    if (found / "journal.db").exists() or found == read_environment().home:
        raise SettingError(f"{str(home)!r} is a desk's home; simulate needs a folder of its own, such as `simulated`.")
    return found


def _lived(year: "SampleYear", every: int, home: Path, encoder: str, *, blind: bool, as_json: bool) -> Path:
    """Live through one year in its own journal and registry, whatever the environment says of the desk's."""
    from journal.database import connect, migrate
    from journal.environment import read_environment
    from simulation.year.gated import GATED
    from simulation.year.habits import Habits
    from simulation.year.promoting_always import promoting_always
    from simulation.year.replay import replay

    home.mkdir(parents=True, exist_ok=True)
    environment = read_environment({}, POINTSMAN_HOME=str(home), POINTSMAN_ENCODER=encoder)
    engine = connect(environment.database_url)
    migrate(engine)
    try:
        with bars(quiet=as_json) as shown:
            return replay(
                year,
                environment,
                engine,
                promoting_always(year) if blind else GATED,
                habits=Habits(),
                every=every,
                progress=shown,
                told=_print_json if as_json else _print_line,
            )
    finally:
        engine.dispose()


def _print_json(week: dict[str, Any]) -> None:
    click.echo(json.dumps(week))


def _print_line(week: dict[str, Any]) -> None:
    queue, without = (week[which]["queue_accuracy"]["value"] for which in ("given", "given_without"))
    done = week["retrained"]
    came = f"  retrained: {done['outcome'].replace('_', ' ')}" if done else ""
    changes = f"  {', '.join(week['changes']).replace('_', ' ')}" if week["changes"] else ""
    asked = week["fed_back"]["asked"]
    click.echo(
        f"seed {week['seed']} week {week['week']:>2}  version {week['version']:>2}  queue {queue:.3f} "
        f"(without {without:.3f})  asked {asked:>2}{changes}{came}"
    )
