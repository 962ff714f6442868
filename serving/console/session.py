"""A session: who signed in, until when, and the cookie that says so.

The cookie holds no key, and is no key: it opens the pages below `/console` alone. Knows neither whether its key still
holds nor whether somebody signed out: both are asked anew at every request (`serving.console.visit`).
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from serving.console.sealing import Seal

__all__ = ["COOKIE", "LASTING", "Session", "begin", "clear_cookie", "read_session", "set_cookie"]

COOKIE: Final = "pointsman_console"
PATH: Final = "/console"
LASTING: Final = timedelta(hours=12)
"""A day at work: whoever comes tomorrow signs in again."""

_PURPOSE: Final = "session"
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Session:
    """key_id: by which they signed in, None where keys are off. nonce: makes the tokens of its forms its own."""

    key_id: str | None
    person: str
    nonce: str
    until: datetime

    @property
    def name(self) -> str:
        """By which the journal knows that it was ended; nobody can make its nonce of it."""
        return blake2b(self.nonce.encode(), digest_size=16, person=b"console session").hexdigest()


def begin(key_id: str | None, person: str, now: datetime) -> Session:
    """A new session of `person`."""
    return Session(key_id, person, secrets.token_urlsafe(16), now + LASTING)


def read_session(request: Request, seal: Seal, now: datetime) -> Session | None:
    """The session that the request's cookie tells of; None without one, and where it is over or was altered."""
    text = request.cookies.get(COOKIE, "")
    told = seal.read(_PURPOSE, text) if len(text) <= _LONGEST else None
    if told is None:
        return None
    until = datetime.fromtimestamp(told["until"], UTC)
    return Session(told["key"], told["person"], told["nonce"], until) if now < until else None


def set_cookie(response: Response, session: Session, seal: Seal, *, is_secure: bool) -> None:
    """Let the response bring the session to the browser."""
    until = int(session.until.timestamp())
    told = {"key": session.key_id, "person": session.person, "nonce": session.nonce, "until": until}
    response.set_cookie(
        COOKIE,
        seal.sign(_PURPOSE, told),
        max_age=int(LASTING.total_seconds()),
        path=PATH,
        secure=is_secure,
        httponly=True,
        samesite="strict",
    )


def clear_cookie(response: Response) -> None:
    """Let the response end the session in the browser."""
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
