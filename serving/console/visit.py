"""Who visits the console: their session, their key as it holds now, the desk that is theirs. Knows no page.

A key that was revoked ends its sessions with the next request, for the key ring is asked anew each time; who signs out
ends theirs at once and in every process, for the journal is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.console_setting import CONSOLE_SETTING, ConsolePolicy, read_console_policy
from desk.errors import SettingError
from journal.secret import installation_secret
from journal.sessions import is_ended
from journal.settings import get_setting
from serving.console.guarding import HEADERS
from serving.console.rendering import page_response
from serving.console.sealing import Seal
from serving.console.session import Session, read_session
from serving.console.throttle import Throttle
from serving.doors import CALLER, Caller, KeyedDoors
from serving.house import House
from serving.operation import ADMIN, FEEDBACK
from serving.problems import ProblemError
from serving.replying import asked_of_journal
from serving.triage import Desk

__all__ = ["Console", "Visit", "may_label"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who signed in. form: its fields, empty where none was sent."""

    request: Request
    desk: Desk
    caller: Caller
    session: Session
    seal: Seal
    policy: ConsolePolicy
    now: datetime
    form: Mapping[str, str]

    @property
    def engine(self) -> Engine:
        """Of the journal."""
        return self.desk.journaling.engine

    @property
    def tenant(self) -> str:
        """Whose desk it is."""
        return self.desk.journaling.tenant

    @property
    def person(self) -> str:
        """Who speaks."""
        return self.session.person

    @property
    def is_lead(self) -> bool:
        """Whether they answer for the desk. Where keys are off, whoever is let in may do anything."""
        return self.caller.key_id is None or ADMIN in self.caller.scopes

    @property
    def via(self) -> str:
        """By what the journal says that a verdict came."""
        return f"{self.caller.who}, console"

    @property
    def who(self) -> str:
        """For the journal: who changed something."""
        return f"{self.person} ({self.caller.who})"

    def asked(self, name: str) -> str:
        """A parameter of the address, empty where it is not there."""
        return self.request.query_params.get(name, "").replace("\0", "").strip()

    @property
    def more(self) -> str:
        """`1` where the visitor goes on though their minutes are over."""
        return "1" if self.asked("more") or self.form.get("more") else ""

    def to_console(self, **query: str) -> Response:
        """Leads to what comes next."""
        told = urlencode({**query, **({"more": "1"} if self.more else {})})
        return self.to(f"/console?{told}" if told else "/console")

    def to(self, address: str) -> Response:
        """Leads to another page."""
        return RedirectResponse(address, 303, headers=dict(HEADERS))

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page for whoever signed in."""
        shown = {"person": self.person, "is_lead": self.is_lead, "path": self.request.url.path}
        token = self.seal.token(self.session.nonce)
        return page_response(template, status, visit=shown, token=token, zone=self.policy.zone, **values)


class Console:
    """What the visits of one process share."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.throttle = Throttle()
        self._seal: Seal | None = None

    @property
    def keyed(self) -> KeyedDoors | None:
        """The doors where they ask for keys; None where keys are off."""
        return self.house.doors if isinstance(self.house.doors, KeyedDoors) else None

    async def seal(self) -> Seal:
        """Made of the installation's secret, which is read when it is first wanted."""
        if self._seal is None:
            desk = self.house.desks(self.house.doors.tenant)
            self._seal = Seal(await asked_of_journal(installation_secret, desk.environment))
        return self._seal

    def now(self) -> datetime:
        """By the desk's clock."""
        return self.house.desks(self.house.doors.tenant).now()

    async def session_of(self, request: Request) -> tuple[Session, Caller] | None:
        """Who signed in, and what their key may now; None for nobody, for a key that ended, and once they signed out.

        Raises `ProblemError` 503 where the journal does not say whether they did.
        """
        session = read_session(request, await self.seal(), self.now())
        if session is None:
            return None
        try:
            caller = self._caller(request, session)
        except ProblemError:
            return None
        if not may_label(caller):
            return None
        engine = self.house.desks(caller.tenant).journaling.engine
        return None if await asked_of_journal(is_ended, engine, session.name, caller.tenant) else (session, caller)

    def _caller(self, request: Request, session: Session) -> Caller:
        if self.keyed is None:
            return self.house.doors.admit(request, (FEEDBACK,))
        # One that was given while keys were off opens nothing now.
        return self.keyed.still(session.key_id or "")

    async def visit(self, request: Request, session: Session, caller: Caller, form: Mapping[str, str]) -> Visit:
        """The visit of who signed in."""
        request.scope[CALLER] = caller
        desk = self.house.desks(caller.tenant)
        policy = await asked_of_journal(_policy, desk)
        return Visit(request, desk, caller, session, await self.seal(), policy, desk.now(), form)


def may_label(caller: Caller) -> bool:
    """Whether the console is for them."""
    return caller.key_id is None or FEEDBACK in caller.scopes


def _policy(desk: Desk) -> ConsolePolicy:
    setting = get_setting(desk.journaling.engine, CONSOLE_SETTING, desk.journaling.tenant)
    try:
        return read_console_policy(None if setting is None else setting.value)
    except SettingError:  # written by a newer build
        return ConsolePolicy()
