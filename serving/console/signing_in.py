"""Signing in by key, and out. Where keys are off a name is enough, for callers on this machine alone.

A key that is for one person signs that person in; with another its holder says who they are.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.votes import person_of
from journal.keys import LONGEST_NAME
from journal.sessions import end_session
from serving.console.forms import read_form
from serving.console.guarding import HEADERS, check_origin, is_over_tls
from serving.console.rendering import page_response
from serving.console.session import begin, clear_cookie, set_cookie
from serving.console.visit import Console, Visit, may_label
from serving.doors import Caller
from serving.operation import FEEDBACK
from serving.problems import ProblemError
from serving.replying import asked_of_journal

__all__ = ["answer_sign_in", "answer_sign_in_form", "answer_sign_out"]

HOME: Final = "/console"


async def answer_sign_in_form(console: Console, request: Request) -> Response:
    """`GET /console/sign-in`."""
    if await console.session_of(request) is not None:
        return RedirectResponse(HOME, 303, headers=dict(HEADERS))
    return _form(console)


async def answer_sign_in(console: Console, request: Request) -> Response:
    """`POST /console/sign-in`."""
    check_origin(request)
    fields = await read_form(request)
    address = request.client.host if request.client else ""
    wait = console.throttle.seconds_to_wait(address)
    if wait:
        words = f"Too many keys that do not hold. Try again in {wait:.0f} seconds."
        response = _form(console, 429, words, fields.get("person", ""))
        response.headers["Retry-After"] = str(int(wait) + 1)
        return response
    try:
        caller = _caller(console, request, fields.get("key", ""))
    except ProblemError as refused:
        console.throttle.failed(address)
        return _form(console, refused.status, _words(refused), fields.get("person", ""))
    person = person_of(caller.person or fields.get("person", ""))
    wrong = _what_is_wrong(console, caller, person)
    if wrong is not None:
        return _form(console, 422, wrong, person)
    session = begin(caller.key_id, person, console.now())
    response = RedirectResponse(HOME, 303, headers=dict(HEADERS))
    set_cookie(response, session, await console.seal(), is_secure=is_over_tls(request))
    return response


async def answer_sign_out(visit: Visit) -> Response:
    """`POST /console/sign-out`: ends the session for whoever holds a copy of its cookie, too."""
    session = visit.session
    await asked_of_journal(end_session, visit.engine, session.name, until=session.until, tenant=visit.tenant)
    response = RedirectResponse("/console/sign-in", 303, headers=dict(HEADERS))
    clear_cookie(response)
    return response


def _caller(console: Console, request: Request, key: str) -> Caller:
    if console.keyed is None:
        return console.house.doors.admit(request, (FEEDBACK,))
    return console.keyed.holder_of(key)


def _words(refused: ProblemError) -> str:
    is_unknown = "Authorization" in refused.detail
    return "This key does not hold. Look whether all of it was copied." if is_unknown else refused.detail


def _what_is_wrong(console: Console, caller: Caller, person: str) -> str | None:
    if not may_label(caller):
        return f"This key may not label: that takes one with the scope `{FEEDBACK}`. Ask who made it."
    if not person or len(person) > LONGEST_NAME or not person.isprintable():
        return "Say who you are, as the desk's system names you: this key is nobody's in particular."
    is_own = caller.person is not None
    if not is_own and console.keyed is not None and console.keyed.has_own_key(person, caller.tenant):
        return "This person has a key of their own: sign in with that one."
    return None


def _form(console: Console, status: int = 200, wrong: str | None = None, person: str = "") -> Response:
    return page_response("sign_in.html", status, keyed=console.keyed is not None, wrong=wrong, person=person)
