"""Labels whose contract is in breach: the setting `fallbacks`, which the watch writes and services follow.

By version, for each answers on evidence of its own: a new one is not held to what an older one did, and who goes back
to an older one has what was known of it. Knows neither evidence nor where settings live.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from desk.errors import SettingError
from desk.heads import CLASS_HEADS, Head

__all__ = ["FALLBACKS_SETTING", "NO_FALLBACKS", "Fallback", "Fallbacks", "read_fallbacks"]

FALLBACKS_SETTING: Final = "fallbacks"

_LONGEST: Final = 1_000
_FIELDS: Final = ("since", "why")


@dataclass(frozen=True, slots=True)
class Fallback:
    """One label's. since: aware. why: the evidence in words."""

    since: datetime
    why: str


Fallen = Mapping[Head, Mapping[str, Fallback]]


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """version -> head -> label -> since when and why it is only suggested."""

    versions: Mapping[str, Fallen] = field(default_factory=dict)

    def of(self, version: str) -> Mapping[Head, frozenset[str]]:
        """The labels that fell back, of one version."""
        return {head: frozenset(labels) for head, labels in self.versions.get(version, {}).items() if labels}

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_fallbacks` reads as the same."""
        return {
            version: {
                head: {label: {"since": one.since.isoformat(), "why": one.why} for label, one in labels.items()}
                for head, labels in heads.items()
            }
            for version, heads in self.versions.items()
        }


NO_FALLBACKS: Final = Fallbacks()


def read_fallbacks(value: Any) -> Fallbacks:
    """The fallbacks in a JSON value like `{"3": {"queue": {"Billing": {"since": "2026-11-21T10:00Z", "why": "…"}}}}`.

    None, for a setting that was never set, says nothing. Raises `SettingError`.
    """
    found: dict[str, Fallen] = {}
    for version, heads in _object({} if value is None else value, "").items():
        made: dict[Head, dict[str, Fallback]] = {}
        for name, labels in _object(heads, version).items():
            head = next((head for head in CLASS_HEADS if head == name), None)
            if head is None:
                raise _wrong(f"{version}.{name}", f"must be one of {', '.join(CLASS_HEADS)}", name)
            place = f"{version}.{name}"
            made[head] = {label: _fallback(one, f"{place}.{label}") for label, one in _object(labels, place).items()}
        found[version] = made
    return Fallbacks(found)


def _fallback(value: Any, place: str) -> Fallback:
    if not isinstance(value, dict) or sorted(value) != sorted(_FIELDS):
        raise _wrong(place, f"must be a JSON object with {' and '.join(_FIELDS)}", value)
    since, why = value["since"], value["why"]
    if not isinstance(why, str) or len(why) > _LONGEST:
        raise _wrong(f"{place}.why", f"must be a text of at most {_LONGEST} characters", why)
    try:
        moment = datetime.fromisoformat(since)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise _wrong(f"{place}.since", "must be a time with a zone, such as 2026-11-21T10:00:00Z", since)
    return Fallback(moment, why)


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(place, "must be a JSON object", value)
    return value


def _wrong(place: str, expected: str, value: Any) -> SettingError:
    name = f"{FALLBACKS_SETTING}.{place}".rstrip(".")
    return SettingError(f"{name!r} {expected}, not {value!r}.", field=place, expected=expected)
