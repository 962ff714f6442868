"""The setting `priority_factors`, one number of it changed or taken back: what the journal shall hold next.

Keeps what was never set unsaid, so that it follows the defaults. Knows no journal; `desk.factors` says what it means.
"""

from collections.abc import Mapping
from typing import Any, Final

from desk.errors import SettingError
from desk.factors import FACTORS, policy_of

__all__ = ["with_number", "without_number"]

_NUMBERS: Final = (*FACTORS, "business_impact")
_GROUPS: Final = ("tiers", "levels")


def with_number(setting: Mapping[str, Any] | None, what: str, number: float) -> dict[str, Any]:
    """The setting with `number` for `what`: a factor, `business_impact`, `tiers.NAME` or `levels.NAME`.

    setting: None where it was never set. Raises `SettingError` where it cannot be read, for a number out of bounds and
    for a name that is none.
    """
    given, group, name = _taken_apart(setting, what)
    changed = {**given, name: number} if group is None else {**given, group: {**given.get(group, {}), name: number}}
    policy_of(changed)
    return changed


def without_number(setting: Mapping[str, Any] | None, what: str) -> dict[str, Any]:
    """The setting without what it says of `what`, named as in `with_number`.

    Raises `SettingError` likewise, and where nothing is said of it.
    """
    given, group, name = _taken_apart(setting, what)
    held = given if group is None else given.get(group, {})
    if name not in held:
        raise SettingError(f"Nothing was set for {what!r}, so there is nothing to take back.")
    left = {key: value for key, value in held.items() if key != name}
    changed = left if group is None else {**given, group: left}
    policy_of(changed)
    return changed


def _taken_apart(setting: Mapping[str, Any] | None, what: str) -> tuple[dict[str, Any], str | None, str]:
    """The setting with names in lower case, and which group and name are meant."""
    given = dict(setting or {})
    policy_of(given)
    for group in _GROUPS:
        if group in given:
            given[group] = {_plain(name): number for name, number in given[group].items()}
    group, dot, name = what.partition(".")
    if what in _NUMBERS:
        return given, None, what
    if group in _GROUPS and dot and _plain(name):
        return given, group, _plain(name)
    raise SettingError(
        f"What counts is one of {', '.join(_NUMBERS)}, tiers.NAME and levels.NAME, not {what!r}: "
        "`pointsman priority set tiers.partner 70`."
    )


def _plain(name: str) -> str:
    return name.strip().casefold()
