"""`pointsman settings [NAME]`, and `set NAME JSON`, `export FILE.toml` and `import FILE.toml` below it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli.workplace import now, open_journal
from desk.errors import SettingError
from desk.settings import SETTINGS, KnownSetting, check_setting, known_setting

if TYPE_CHECKING:
    from journal.settings import Setting

__all__ = ["command"]

NULL: Final = "none"
"""In a TOML file, which has no null."""


class _NamesToo(click.Group):
    """A group whose first word may also be a setting's name: `pointsman settings retention_days`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "show", show_one, args
        return super().resolve_command(ctx, args)


@click.group("settings", cls=_NamesToo, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show the settings that are changed without a deploy, or one: `pointsman settings NAME`."""
    if context.invoked_subcommand is not None:
        return
    from journal.settings import last_settings

    environment, engine = open_journal()
    held = last_settings(engine, environment.tenant)
    told = {known.name: _told(known, held.get(known.name)) for known in SETTINGS.values()}
    if as_json:
        click.echo(json.dumps(told))
        return
    for name, one in told.items():
        click.echo(f"{name} = {json.dumps(one['value'], ensure_ascii=False)}\n    {one['about']}; {_since(one)}")


@click.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of text.")
def show_one(name: str, as_json: bool) -> None:
    """Show the setting NAME."""
    from journal.settings import get_setting

    known = known_setting(name)
    environment, engine = open_journal()
    one = _told(known, get_setting(engine, name, environment.tenant))
    if as_json:
        click.echo(json.dumps({"name": name, **one}))
    else:
        click.echo(f"{json.dumps(one['value'], indent=2, ensure_ascii=False)}\n{one['about']}; {_since(one)}")


@command.command("set")
@click.argument("name")
@click.argument("value", metavar="JSON")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a line of text.")
def set_one(name: str, value: str, as_json: bool) -> None:
    """Let the setting NAME be a JSON value, such as 365, null or '"First line"'."""
    from journal.settings import put_setting
    from training.runs.provenance import user

    known_setting(name)
    try:
        given = json.loads(value)
    except ValueError:
        example = json.dumps(value, ensure_ascii=False)
        raise SettingError(f"{name!r} must be given as JSON, not {value!r}; a text has quotes: '{example}'.") from None
    check_setting(name, given)
    environment, engine = open_journal()
    put = put_setting(engine, name, given, who=user(), at=now(), tenant=environment.tenant)
    _say_written([put], as_json=as_json)


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_all(file: Path) -> None:
    """Write every setting, as it holds now, to a TOML file."""
    import tomli_w

    from journal.settings import last_settings

    environment, engine = open_journal()
    held = last_settings(engine, environment.tenant)
    values = {name: held[name].value if name in held else known.default for name, known in SETTINGS.items()}
    spelled = {name: NULL if value is None else value for name, value in values.items()}
    # Tables last: in TOML whatever follows one belongs to it.
    ordered = dict(sorted(spelled.items(), key=lambda pair: isinstance(pair[1], dict)))
    try:
        file.write_text(tomli_w.dumps(ordered), encoding="utf-8")
    except OSError as error:
        raise SettingError(f"{str(file)!r} cannot be written: {error.strerror}.") from None
    click.echo(f"{len(ordered)} settings are in {file}.")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a line of text.")
def import_all(file: Path, as_json: bool) -> None:
    """Set what a TOML file names, all of it or nothing; what it does not name stays as it is."""
    from journal.settings import put_settings
    from training.runs.provenance import user

    values = _read(file)
    for name, value in values.items():
        check_setting(name, value)
    environment, engine = open_journal()
    _say_written(put_settings(engine, values, who=user(), at=now(), tenant=environment.tenant), as_json=as_json)


def _read(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingError(f"{str(file)!r} is no TOML file that can be read: {error}.") from None
    return {name: None if value == NULL and known_setting(name).may_be_null else value for name, value in found.items()}


def _told(known: KnownSetting, held: "Setting | None") -> dict[str, Any]:
    if held is None:
        return {"value": known.default, "about": known.about, "revision": 0, "who": None, "at": None}
    return {
        "value": held.value,
        "about": known.about,
        "revision": held.revision,
        "who": held.who,
        "at": held.at.isoformat(),
    }


def _since(one: dict[str, Any]) -> str:
    if one["revision"] == 0:
        return "never set"
    return f"revision {one['revision']}, set by {one['who']} at {one['at']}"


def _say_written(written: "list[Setting]", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"written": {one.name: one.revision for one in written}}))
    elif written:
        named = ", ".join(f"{one.name} is at revision {one.revision}" for one in written)
        click.echo(f"{named}; running services follow within seconds.")
    else:
        click.echo("Everything was so already; nothing was written.")
