"""Which version scores in shadow, and on which tickets: the setting `shadow`, read strictly.

Who is scored follows from the ticket's id alone, so that every process decides alike and a ticket that grows is scored
again each time. Knows neither versions nor where settings live.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from desk.errors import SettingError

__all__ = ["SHADOW_SETTING", "SHARE", "ShadowPolicy", "is_in_shadow", "read_shadow"]

SHADOW_SETTING: Final = "shadow"
SHARE: Final = 0.1
"""Of tickets, unless the setting says otherwise."""

_VERSION: Final = re.compile(r"[1-9][0-9]{0,8}")
_HASHES: Final = 2**64
_MEMBERS: Final = ("version", "share")


@dataclass(frozen=True, slots=True)
class ShadowPolicy:
    """The version of this name scores `share` of the tickets (0 to 1) beside the champion."""

    version: str
    share: float = SHARE

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_shadow` reads as the same."""
        return {"version": self.version, "share": self.share}


def read_shadow(value: Any) -> ShadowPolicy | None:
    """The policy in a JSON value like `{"version": "5", "share": 0.1}`; None for null: nobody is in shadow.

    Raises `SettingError` that names what it cannot mean.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        expected = "must be null or a JSON object with version and share"
        raise SettingError(f"{SHADOW_SETTING!r} {expected}, not {value!r}.", expected=expected)
    for name in value:
        if name not in _MEMBERS:
            told = f"{SHADOW_SETTING!r} holds {' and '.join(_MEMBERS)}, but came with {name!r}; take it out."
            raise SettingError(told, field=str(name), expected="is not known here")
    return ShadowPolicy(_version(value.get("version")), _share(value.get("share", SHARE)))


def is_in_shadow(ticket_id: str, share: float) -> bool:
    """Whether the ticket is one of the `share` (0 to 1) that is scored in shadow.

    A greater share scores whomever a smaller one does. Nothing to do with who is held back from automation.
    """
    digest = blake2b(ticket_id.encode("utf-8", "surrogatepass"), digest_size=8, person=b"shadow").digest()
    return int.from_bytes(digest, "big") < share * _HASHES


def _version(value: Any) -> str:
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return value
    expected = 'must be a version\'s number as text, such as "5"'
    raise SettingError(
        f"'version' in {SHADOW_SETTING!r} {expected}, not {value!r}.", field="version", expected=expected
    )


def _share(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    expected = "must be a number from 0 to 1"
    raise SettingError(f"'share' in {SHADOW_SETTING!r} {expected}, not {value!r}.", field="share", expected=expected)
