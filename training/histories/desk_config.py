"""The desk's own TOML file: names of columns, what escalated means, how priorities are ordered, what queues are for.

Knows the file's form and the canonical columns; whether a history has the columns it names is for reading to say.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from desk.errors import DeskConfigError
from training.histories.columns import CANONICAL, nearest

__all__ = ["DeskConfig", "read_desk_config"]

SETTINGS: Final[dict[str, tuple[str, ...]]] = {
    "columns": tuple(CANONICAL),
    "labels": ("escalated", "priority_order"),
    "ignore": ("columns",),
}
"""The tables of the file and the keys that each may hold; `[queues]` has the desk's own queues for keys."""

_QUEUES: Final = "queues"


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """What the desk says about its history.

    columns: canonical column -> the file's name for it.
    escalated: a CEL expression over outcome columns, or None to use the history's own column.
    priority_order: the priorities, the most urgent first; empty where the desk does not say.
    ignored: the file's columns to leave out altogether.
    queues: queue -> what it is for, in a line; of queues with tickets and of new ones.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    escalated: str | None = None
    priority_order: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    queues: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The dictionary that a version's manifest keeps; `from_json` gives the same config back."""
        return {
            "columns": dict(self.columns),
            "escalated": self.escalated,
            "priority_order": list(self.priority_order),
            "ignored": list(self.ignored),
            "queues": dict(self.queues),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "DeskConfig":
        """The config that `to_json` wrote; raises `DeskConfigError` where it holds something else."""
        labels = {name: value.get(name) for name in SETTINGS["labels"] if value.get(name)}
        ignore = {"columns": value.get("ignored", [])}
        tables = {"columns": value.get("columns", {}), "labels": labels, "ignore": ignore}
        return _config(tables | {_QUEUES: value.get("queues", {})}, "The kept desk config")


def read_desk_config(path: Path | None) -> DeskConfig:
    """Read the desk's TOML file; without a path the config that changes nothing.

    Raises `DeskConfigError`: the file cannot be read, is no TOML, holds an unknown table or key, a value of the wrong
    type, or an expression that CEL cannot parse.
    """
    if path is None:
        return DeskConfig()
    return _config(_tables(path), str(path))


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise DeskConfigError(f"Cannot read the desk config {str(path)!r}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DeskConfigError(
            f"{path}: TOML must be UTF-8; byte {error.start} is not. Save the file as UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise DeskConfigError(f"{path} is not valid TOML: {error}.") from error


def _config(tables: Mapping[str, Any], source: str) -> DeskConfig:
    for table, keys in tables.items():
        _check_table(table, keys, source)
    labels = tables.get("labels", {})
    return DeskConfig(
        columns=_columns(tables.get("columns", {}), source),
        escalated=_expression(labels.get("escalated"), source),
        priority_order=_distinct(labels.get("priority_order", []), "[labels] priority_order", source),
        ignored=_distinct(tables.get("ignore", {}).get("columns", []), "[ignore] columns", source),
        queues=_described(tables.get(_QUEUES, {}), source),
    )


def _check_table(table: str, keys: Any, source: str) -> None:
    valid = (*SETTINGS, _QUEUES)
    if table not in valid:
        raise DeskConfigError(f"{source}: no table [{table}]; there are {_names(valid)}.{nearest(table, valid)}")
    if not isinstance(keys, Mapping):
        raise DeskConfigError(f"{source}: {table!r} must be a table, [{table}], not {keys!r}.")
    for key in keys:
        if table != _QUEUES and key not in SETTINGS[table]:
            known = SETTINGS[table]
            raise DeskConfigError(
                f"{source}: [{table}] has no key {key!r}; it may hold {', '.join(known)}.{nearest(key, known)}"
            )


def _columns(given: Mapping[str, Any], source: str) -> dict[str, str]:
    taken: dict[str, str] = {}
    for canonical, name in given.items():
        if not isinstance(name, str) or not name.strip():
            raise DeskConfigError(f"{source}: [columns] {canonical} must be the name of a column, not {name!r}.")
        if name in taken:
            raise DeskConfigError(
                f"{source}: [columns] gives {name!r} to both {taken[name]!r} and {canonical!r}; "
                f"a column can be one thing."
            )
        taken[name] = canonical
    return {canonical: name for name, canonical in taken.items()}


def _described(given: Mapping[str, Any], source: str) -> dict[str, str]:
    described: dict[str, str] = {}
    for name, line in given.items():
        queue = name.strip()
        if not isinstance(line, str) or not line.strip():
            raise DeskConfigError(
                f"{source}: [queues] {name!r} must say in a line of text what the queue is for, not {line!r}."
            )
        if not queue or queue in described:
            raise DeskConfigError(f"{source}: [queues] {name!r} must be the name of a queue, and each be named once.")
        described[queue] = " ".join(line.split())
    return described


def _expression(given: Any, source: str) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not given.strip():
        raise DeskConfigError(f"{source}: [labels] escalated must be an expression in quotes, not {given!r}.")
    try:
        import cel  # slow to import, as it brings a command line of its own, and few have an expression

        cel.compile(given)
    except ValueError as error:
        reason = str(error).partition("ERROR: ")[2].splitlines() or ["it is no expression"]
        raise DeskConfigError(
            f"{source}: [labels] escalated is not valid CEL: {given!r}: {reason[0].removeprefix('<input>:')}."
        ) from error
    return given


def _distinct(given: Any, name: str, source: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(one, str | int) and one is not True for one in given):
        raise DeskConfigError(f"{source}: {name} must be a list of names, not {given!r}.")
    names = tuple(str(one).strip() for one in given)
    if twice := [one for one in names if names.count(one) > 1]:
        raise DeskConfigError(f"{source}: {name} holds {twice[0]!r} twice; name it once.")
    return names


def _names(tables: Iterable[str]) -> str:
    return ", ".join(f"[{name}]" for name in tables)
