"""Small values that leave with a page and come back unaltered: sessions, and what a form was shown with.

Signed with the installation's secret (HMAC, RFC 2104, with SHA-256), each for one purpose; anybody may read them. Knows
neither cookies nor forms.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any, Final

import orjson

__all__ = ["Seal"]

_USE: Final = b"pointsman console 1"
"""What the key is derived for: nothing that is signed elsewhere with the same secret holds here."""


class Seal:
    """Signs JSON objects, and reads what it signed."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _USE, sha256)

    def sign(self, purpose: str, value: dict[str, Any]) -> str:
        """The value with its signature, in characters that a cookie and a form take."""
        payload = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        return f"{_spelled(payload)}.{_spelled(self._mac(purpose, payload))}"

    def read(self, purpose: str, text: str) -> dict[str, Any] | None:
        """What was signed for this purpose; None where it was not, or was altered since."""
        payload, _, mac = text.partition(".")
        try:
            told = urlsafe_b64decode(payload.encode("ascii") + b"=" * (-len(payload) % 4))
            given = mac.encode("ascii")
        except (binascii.Error, ValueError):
            return None
        # Base64 has several spellings of the same bytes; ours is one.
        is_ours = hmac.compare_digest(given, _spelled(self._mac(purpose, told)).encode())
        if not is_ours or payload != _spelled(told):
            return None
        value: dict[str, Any] = orjson.loads(told)
        return value

    def token(self, nonce: str) -> str:
        """What a form of the session with this nonce carries, and nobody else can know."""
        return _spelled(self._mac("form", nonce.encode()))

    def _mac(self, purpose: str, payload: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + payload, sha256)


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
