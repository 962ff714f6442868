"""`pointsman taxonomy`, and `rename`, `merge`, `split`, `retire`, `add`, `import` and `export` below it."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.workplace import now, open_journal
from desk.errors import SettingError
from desk.settings import DEFAULT_QUEUE_SETTING
from desk.taxonomy import NO_CHANGES, Record, Taxonomy
from desk.taxonomy_setting import TAXONOMY_SETTING, read_taxonomy, taxonomy_json, with_record

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from journal.environment import Environment
    from models.version import Version

__all__ = ["command"]

Change = Callable[[Taxonomy], Taxonomy]


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime:  # noqa: ARG001 - click's own
    """`--at`; a time without a zone is one of UTC."""
    if value is None:
        return now()
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"expected a day or a time such as 2026-03-01 or 2026-03-01T08:00Z, not {value!r}."
        ) from None
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


AT = click.option("--at", callback=_moment, metavar="TIME", help="Since when; now unless given. Days begin in UTC.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")


@click.group("taxonomy", invoke_without_command=True)
@AS_JSON
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show how the desk's queues changed, as records by date, and what the champion makes of it."""
    if context.invoked_subcommand is not None:
        return
    environment, engine = open_journal()
    revision, value = _held(environment, engine)
    _show(_champion(environment, engine), revision, read_taxonomy(value), as_json=as_json)


@command.command("rename")
@click.argument("old")
@click.argument("new")
@click.option("--description", help="What the queue is for, in a line.")
@AT
@AS_JSON
def rename(old: str, new: str, description: str | None, at: datetime, as_json: bool) -> None:
    """The queue OLD is called NEW."""
    _record(Record(at, "renamed", (old,), (new,), _said(new, description)), as_json=as_json)


@command.command("merge")
@click.argument("queues", nargs=-1, required=True)
@click.option("--into", required=True, help="One of them, another queue, or a new one.")
@click.option("--description", help="What it is for, in a line.")
@AT
@AS_JSON
def merge(queues: tuple[str, ...], into: str, description: str | None, at: datetime, as_json: bool) -> None:
    """QUEUES become one."""
    _record(Record(at, "merged", queues, (into,), _said(into, description)), as_json=as_json)


@command.command("split")
@click.argument("queue")
@click.option(
    "--into",
    "parts",
    nargs=2,
    multiple=True,
    required=True,
    metavar="PART DESCRIPTION",
    help="Each part, what it is for.",
)
@AT
@AS_JSON
def split(queue: str, parts: tuple[tuple[str, str], ...], at: datetime, as_json: bool) -> None:
    """QUEUE becomes several, one of which may keep its name."""
    _record(Record(at, "split", (queue,), tuple(part for part, _ in parts), dict(parts)), as_json=as_json)


@command.command("retire")
@click.argument("queue")
@click.option("--into", help="The queue that takes its tickets over.")
@AT
@AS_JSON
def retire(queue: str, into: str | None, at: datetime, as_json: bool) -> None:
    """QUEUE is no more, and never answered again."""
    _record(Record(at, "retired", (queue,), () if into is None else (into,)), as_json=as_json)


@command.command("add")
@click.argument("queue")
@click.option("--description", required=True, help="What it is for, in a line: it is answered by that at first.")
@AT
@AS_JSON
def add(queue: str, description: str, at: datetime, as_json: bool) -> None:
    """QUEUE is new; the next training learns it from its description."""
    _record(Record(at, "added", (), (queue,), {queue: description}), as_json=as_json)


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write all records to a TOML file."""
    import tomli_w

    _, value = _held(*open_journal())
    records = taxonomy_json(read_taxonomy(value))["records"]
    spelled = [{**one, "at": datetime.fromisoformat(one["at"])} for one in records]
    try:
        file.write_text(tomli_w.dumps({"records": spelled}), encoding="utf-8")
    except OSError as error:
        raise SettingError(f"{str(file)!r} cannot be written: {error.strerror}.") from None
    click.echo(f"{len(spelled)} records are in {file}.")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@AS_JSON
def import_all(file: Path, as_json: bool) -> None:
    """Let the records be those of a TOML file, all of them or none; what it does not hold is forgotten."""
    import tomllib

    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingError(f"{str(file)!r} is no TOML file that can be read: {error}.") from None
    records = found.get("records")
    if isinstance(records, list):
        found["records"] = [_with_text(one) for one in records]
    given = read_taxonomy(found)
    _write(lambda _: given, as_json=as_json)


def _with_text(record: Any) -> Any:
    """A record of TOML, whose times are no texts."""
    at = record.get("at") if isinstance(record, dict) else None
    return {**record, "at": at.isoformat()} if isinstance(at, datetime) else record


def _said(queue: str, description: str | None) -> dict[str, str]:
    return {} if description is None else {queue: description}


def _record(record: Record, *, as_json: bool) -> None:
    _write(lambda taxonomy: with_record(taxonomy, record), record, as_json=as_json)


def _write(change: Change, record: Record | None = None, *, as_json: bool) -> None:
    """Write the setting as changed, if nobody changed it meanwhile, and say what comes of it."""
    from desk.settings import check_setting
    from journal.settings import put_setting
    from training.runs.provenance import user

    environment, engine = open_journal()
    revision, value = _held(environment, engine)
    try:
        before = read_taxonomy(value)
    except SettingError:
        if record is not None:
            raise
        before = NO_CHANGES  # one that cannot be read any more can be replaced as a whole
    after = change(before)
    check_setting(TAXONOMY_SETTING, taxonomy_json(after))
    _check_default_queue(environment, engine, before, after)
    version = _champion(environment, engine)
    if record is not None and record.kind == "renamed":
        _check_name(version, before, record)
    put = put_setting(
        engine,
        TAXONOMY_SETTING,
        taxonomy_json(after),
        who=user(),
        at=now(),
        expected=revision,
        tenant=environment.tenant,
    )
    _show(version, put.revision, after, as_json=as_json)


def _held(environment: "Environment", engine: "Engine") -> tuple[int, Any]:
    """The revision of the setting, 0 before the first, and its value."""
    from journal.settings import get_setting

    setting = get_setting(engine, TAXONOMY_SETTING, environment.tenant)
    return (0, None) if setting is None else (setting.revision, setting.value)


def _check_default_queue(environment: "Environment", engine: "Engine", before: Taxonomy, after: Taxonomy) -> None:
    """See that tickets without a version's answer still have a queue to go to."""
    from journal.settings import get_setting

    setting = get_setting(engine, DEFAULT_QUEUE_SETTING, environment.tenant)
    queue = None if setting is None else setting.value
    if isinstance(queue, str) and before.latest(queue) is not None and after.latest(queue) is None:
        raise SettingError(
            f"{queue!r} is the queue of tickets that no version answers: give it a successor with --into, or set "
            f"another first (`pointsman settings set {DEFAULT_QUEUE_SETTING} …`)."
        )


def _check_name(version: "Version | None", before: Taxonomy, record: Record) -> None:
    from models.queue_names import labels_today, names_of

    (old,), (new,) = record.queues, record.into
    if version is not None and new in labels_today(version, names_of(version, before.as_of(now()))):
        raise SettingError(
            f"Version {version.name} knows a queue {new!r} already, and there cannot be two of one name: "
            f"`pointsman taxonomy merge {old!r} --into {new!r}` makes them one."
        )


def _champion(environment: "Environment", engine: "Engine") -> "Version | None":
    """None before there is one."""
    from cli.workplace import version_folder
    from journal.promotions import champion
    from models.storage import load_version

    if champion(engine, environment.tenant) is None:
        return None
    return load_version(version_folder(environment, engine, None))


def _show(version: "Version | None", revision: int, taxonomy: Taxonomy, *, as_json: bool) -> None:
    from models.queue_names import effect_json

    told: Mapping[str, Any] = {
        "revision": revision,
        "setting": taxonomy_json(taxonomy),
        **effect_json(version, taxonomy.as_of(now())),
    }
    if as_json:
        click.echo(json.dumps(told))
        return
    from cli.taxonomy_words import told_in_words

    for line in told_in_words(taxonomy, told, now()):
        click.echo(line)
