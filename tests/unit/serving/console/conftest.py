"""The console over a real journal: keys, people who sign in, questions to be asked."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from desk.question import Question
from desk.taxonomy_setting import TAXONOMY_SETTING
from journal.keys import Key, make_key, revoke_key
from journal.predictions import find_all
from journal.questions import prepare
from journal.secret import installation_secret
from journal.settings import put_setting
from journal.verdicts import RecordedVerdict, recorded_verdicts
from serving.app import build_app
from serving.doors import KeyedDoors
from serving.house import Desks, House
from serving.journaling import read_known
from serving.key_ring import KeyRing
from serving.triage import Desk
from tests.unit.serving.conftest import desk_in

QUEUES = ("Access", "Billing", "Orders")
ADDRESS = "http://console.test"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Clock:
    """What time it is; `ahead` is moved by the tests."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Browser:
    """One person's browser, without scripts. `page` is what it shows."""

    client: TestClient
    page: Any = None

    def get(self, path: str) -> Any:
        self.page = self.client.get(path)
        return self.page

    def send(self, path: str, headers: Mapping[str, str] = OURS, **fields: str) -> Any:
        """Send a form with what the shown page has hidden in its own form for that address, and these fields."""
        self.page = self.client.post(path, data={**self.hidden(path), **fields}, headers=headers)
        return self.page

    def hidden(self, path: str) -> dict[str, str]:
        shown = "" if self.page is None else self.page.text
        forms = re.findall(rf'<form[^>]*action="{re.escape(path)}".*?</form>', shown, re.DOTALL)
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', forms[0] if forms else "")
        return {name: unescape(value) for name, value in found}

    def sign_in(self, key: str, person: str = "") -> Any:
        self.get("/console")
        return self.send("/console/sign-in", key=key, person=person)

    @property
    def words(self) -> str:
        """What the page says, without marks."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.page.text)).split())


@dataclass
class Place:
    """A desk with keys, and its browsers."""

    desk: Desk
    ring: KeyRing
    house: House
    clock: Clock
    clients: ExitStack
    api: TestClient
    made: list[str] = field(default_factory=list)

    def key(self, *scopes: str, person: str | None = None) -> tuple[Key, str]:
        secret = installation_secret(self.desk.environment)
        made = make_key(
            self.desk.journaling.engine, secret, "a test", scopes, who="a test", at=self.clock(), person=person
        )
        self.ring.look()
        return made

    def revoke(self, key: Key) -> None:
        revoke_key(self.desk.journaling.engine, key.key_id, who="a test", at=self.clock())
        self.ring.look()

    def browser(self) -> Browser:
        return Browser(self.clients.enter_context(TestClient(build_app(self.house), base_url=ADDRESS)))

    def signed_in(self, person: str, *scopes: str) -> Browser:
        browser = self.browser()
        assert browser.sign_in(self.key("feedback", *scopes, person=person)[1]).status_code == 200
        return browser

    def score(self, *tickets: dict[str, Any]) -> list[str]:
        """Ids of the answers to these tickets, once they are in the database."""
        header = {"Authorization": f"Bearer {self.key('predict')[1]}"}
        names = []
        for ticket in tickets:
            answer = self.api.post("/v1/triage", json={"ticket": ticket}, headers=header).json()
            names.append(str(answer["prediction_id"]))
        while len(find_all(self.desk.journaling.engine, names)) < len(names):
            time.sleep(0.01)
        return names

    def ask(self, *tickets: dict[str, Any], reasons: tuple[dict[str, Any], ...] = (), topic: str | None = None) -> Any:
        """Score these tickets and prepare a question of each, in this order."""
        names = self.score(*tickets)
        listed = [
            Question(name, str(one["id"]), "unassigned", 1.0, reasons, topic)
            for name, one in zip(names, tickets, strict=True)
        ]
        prepare(self.desk.journaling.engine, listed, at=self.clock())
        return names

    def said(self, name: str) -> list[RecordedVerdict]:
        return recorded_verdicts(self.desk.journaling.engine, prediction_id=name)

    def set(self, name: str, value: Any) -> None:
        put_setting(self.desk.journaling.engine, name, value, who="a test", at=self.clock())


@pytest.fixture
def make_place(tmp_path: Path) -> Iterator[Callable[[], Place]]:
    with ExitStack() as stack:

        def make() -> Place:
            clock = Clock()
            desk = replace(stack.enter_context(desk_in(tmp_path)), now=clock)
            engine = desk.journaling.engine
            ring = KeyRing(lambda: read_known(engine), remembered=tmp_path / "keys.json", seconds=60)
            ring.look()
            doors = KeyedDoors(ring, installation_secret(desk.environment), clock)
            house = House(doors, Desks(lambda _: desk), desk.metrics)
            api = stack.enter_context(TestClient(build_app(house)))
            return Place(desk, ring, house, clock, stack, api)

        yield make


@pytest.fixture
def place(make_place: Callable[[], Place]) -> Place:
    """Three queues are known, by their descriptions; there is no version."""
    made = make_place()
    at = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    added = [{"at": at, "kind": "added", "into": [one], "descriptions": {one: f"about {one}"}} for one in QUEUES]
    made.set(TAXONOMY_SETTING, {"records": added})
    return made
