"""How people label in the console: the setting `console`, read strictly from JSON and written back.

Knows neither pages nor where settings live.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from desk.errors import SettingError
from desk.setting_values import is_time_zone, members_of

__all__ = ["CONSOLE_SETTING", "ConsolePolicy", "read_console_policy"]

CONSOLE_SETTING: Final = "console"

_NAMES: Final = ("minutes", "hold_minutes", "timezone")
_MOST_MINUTES: Final = 480


@dataclass(frozen=True, slots=True)
class ConsolePolicy:
    """minutes: what a person is asked for a day; they may go on. hold_minutes: how long a ticket is theirs alone.

    timezone: where a day begins, and in which times are shown.
    """

    minutes: int = 15
    hold_minutes: int = 10
    timezone: str = "UTC"

    @property
    def budget(self) -> timedelta:
        """A day's."""
        return timedelta(minutes=self.minutes)

    @property
    def hold(self) -> timedelta:
        """How long a ticket is one person's alone."""
        return timedelta(minutes=self.hold_minutes)

    @property
    def zone(self) -> tzinfo:
        """In which days and times are told."""
        return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)

    def day_of(self, now: datetime) -> datetime:
        """When the day began that `now`, aware, is in."""
        return now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_console_policy` reads as the same."""
        return {"minutes": self.minutes, "hold_minutes": self.hold_minutes, "timezone": self.timezone}


def read_console_policy(value: Any) -> ConsolePolicy:
    """The policy in a JSON value like `{"minutes": 15, "hold_minutes": 10, "timezone": "Europe/Berlin"}`.

    What is not said is as it comes; None, for a setting that was never set, says nothing at all. Raises `SettingError`
    for whatever else it cannot mean.
    """
    given = members_of(CONSOLE_SETTING, _NAMES, value)
    default = ConsolePolicy()
    return ConsolePolicy(
        _minutes(given.get("minutes", default.minutes), "minutes"),
        _minutes(given.get("hold_minutes", default.hold_minutes), "hold_minutes"),
        _timezone(given.get("timezone", default.timezone)),
    )


def _minutes(value: Any, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_MINUTES:
        return value
    raise _wrong(name, f"must be a whole number from 1 to {_MOST_MINUTES}", value)


def _timezone(value: Any) -> str:
    if not is_time_zone(value):
        raise _wrong("timezone", "must be the name of a time zone, such as Europe/Berlin", value)
    return str(value)


def _wrong(name: str, expected: str, value: Any) -> SettingError:
    return SettingError(f"{name!r} in {CONSOLE_SETTING!r} {expected}, not {value!r}.", field=name, expected=expected)
