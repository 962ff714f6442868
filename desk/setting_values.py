"""What the values of settings have in common: members of an object, numbers within bounds, moments, time zones.

Knows no setting by name.
"""

import math
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from desk.errors import SettingError

__all__ = ["is_time_zone", "members_of", "moment_of", "numbers_of"]


def members_of(setting: str, known: Collection[str], value: Any) -> dict[str, Any]:
    """The members of a JSON object that holds none but `known` ones; of null, for a setting never set, there are none.

    Raises `SettingError`.
    """
    given = {} if value is None else value
    if not isinstance(given, dict):
        expected = f"must be a JSON object with {', '.join(known)}"
        raise SettingError(f"{setting!r} {expected}, not {value!r}.", expected=expected)
    for name in given:
        if name not in known:
            told = f"{setting!r} holds {', '.join(known)}, but came with {name!r}; take it out."
            raise SettingError(told, field=str(name), expected="is not known here")
    return given


def numbers_of(
    setting: str, bounds: Mapping[str, tuple[float, float]], value: Any, *, whole: Collection[str] = ()
) -> dict[str, Any]:
    """The members of an object of numbers, each within its bounds. whole: those that must be whole numbers.

    Raises `SettingError`.
    """
    found: dict[str, Any] = {}
    for name, one in members_of(setting, bounds, value).items():
        least, most = bounds[name]
        is_number = isinstance(one, int if name in whole else int | float) and not isinstance(one, bool)
        if not (is_number and math.isfinite(one) and least <= one <= most):
            expected = f"must be {'a whole number' if name in whole else 'a number'} from {least:g} to {most:.0f}"
            raise SettingError(f"{name!r} in {setting!r} {expected}, not {one!r}.", field=name, expected=expected)
        found[name] = one if name in whole else float(one)
    return found


def moment_of(value: Any) -> datetime | None:
    """The moment that a text names with its zone (RFC 3339); None where it names none."""
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return moment if moment.utcoffset() is not None else None


def is_time_zone(value: Any) -> bool:
    """Whether it is the name of a time zone that is known on this machine."""
    try:
        return isinstance(value, str) and (value == "UTC" or bool(ZoneInfo(value)))
    except (KeyError, ValueError, OSError):
        return False
