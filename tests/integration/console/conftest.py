"""A real service with keys and a small version, and a real Chromium before it; both start once."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from desk.fallbacks import FALLBACKS_SETTING
from desk.feedback import Verdict
from desk.question import Question
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.keys import make_key
from journal.predictions import find_all
from journal.promotions import promote
from journal.questions import prepare
from journal.secret import installation_secret
from journal.settings import put_setting
from journal.suspects import SuspectLabel, put_suspects
from journal.verdicts import GivenVerdict, record, verdicts
from journal.watch_reports import WatchReport, put_report
from serving.launch import address_of, running_service
from tests.integration.serving.conftest import free_port, labelled_tickets, write_small_version

CHROMIUM = Path("/usr/bin/chromium")
NAME = "desk.test"
"""Which the browser takes for this machine: to it, plain HTTP to there is not to be trusted."""

HOSTILE_TEXT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
PEOPLE = ("ann", "bob", "eve", "lena")


@dataclass(frozen=True)
class Service:
    """A running service, and its journal from behind. keys: each person's; `lena` is a lead."""

    environment: Environment
    engine: Engine
    keys: Mapping[str, str]
    machine: str

    @property
    def address(self) -> str:
        return address_of(self.environment)

    def score(self, *tickets: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The answers to these tickets, once they are in the database."""
        headers = {"Authorization": f"Bearer {self.machine}"}
        answers = [
            httpx.post(f"{self.address}/v1/triage", json={"ticket": one}, headers=headers, timeout=20).json()
            for one in tickets
        ]
        names = [one["prediction_id"] for one in answers]
        while len(find_all(self.engine, names)) < len(names):
            time.sleep(0.01)
        return answers

    def ask(
        self, *tickets: Mapping[str, Any], reasons: tuple[dict[str, Any], ...] = (), topic: str | None = None
    ) -> Any:
        """Score these tickets and let these alone be asked about, in this order; their ids."""
        # Whatever an earlier test left open is nobody's any more.
        prepare(self.engine, [], at=datetime.now(UTC) + timedelta(days=1))
        answers = self.score(*tickets)
        listed = [
            Question(one["prediction_id"], one["ticket_id"], one["queue"]["label"], 1.0, reasons, topic)
            for one in answers
        ]
        prepare(self.engine, listed, at=datetime.now(UTC))
        return [one["prediction_id"] for one in answers]

    def said(self, name: str) -> list[Verdict]:
        return verdicts(self.engine, prediction_id=name)

    def say(self, *said: Verdict) -> None:
        """Keep verdicts as they come by another way."""
        found = find_all(self.engine, {one.prediction_id for one in said})
        given = [GivenVerdict(one, found[one.prediction_id]) for one in said]
        secret = installation_secret(self.environment)
        record(self.engine, given, via="file", received_at=datetime.now(UTC), secret=lambda: secret)

    def watch(self) -> None:
        """Let the watch have looked, and found something to tell of each kind."""
        queue = {
            "measured": {
                "": {"rows": 90, "accuracy": 0.9, "low": 0.82, "high": 0.95, "expected": 0.91, "p": 0.4},
                "Access": {"rows": 30, "accuracy": 0.8, "low": 0.63, "high": 0.9, "expected": 0.91, "p": 0.04},
            },
            "expected": {"": {"rows": 400, "accuracy": 0.91, "low": 0.88, "high": 0.93}},
        }
        drift = {
            "name": "Access",
            "what": "Access",
            "before": 0.2,
            "now": 0.4,
            "p": 0.001,
            "psi": 0.2,
            "is_drift": True,
        }
        report = {
            "heads": {"queue": queue},
            "answered": [drift],
            "reasons": ["Access 20 % → 40 %"],
            "notes": ["a note"],
        }
        put_report(self.engine, WatchReport(datetime.now(UTC), "1", {}, report))
        breach = {"since": datetime.now(UTC).isoformat(), "why": "0.96 demanded; 3 of 30 wrong"}
        value = {"1": {"queue": {"Billing": breach}}}
        put_setting(self.engine, FALLBACKS_SETTING, value, who="the watch", at=datetime.now(UTC))

    def suspect(self, *tickets: str) -> None:
        """Let the queues of these tickets be suspect; they stand in a history with a hostile text."""
        shown = {"subject": f"{HOSTILE_TEXT} {{}}", "body": HOSTILE_TEXT * 30, "channel": "email", "language": "en"}
        listed = [
            SuspectLabel(
                "queue",
                one,
                "Billing",
                "Access",
                0.02,
                0.9,
                0.1,
                opened_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
                words=f"words of {one}",
                shown={**shown, "subject": shown["subject"].format(one)},
            )
            for one in tickets
        ]
        secret = installation_secret(self.environment)
        put_suspects(self.engine, "1", listed, at=datetime.now(UTC), secret=lambda: secret)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Each person's key is made before it starts."""
    home = tmp_path_factory.mktemp("console")
    variables = {"POINTSMAN_HOME": str(home), "POINTSMAN_PORT": str(free_port()), "POINTSMAN_ENCODER": "none"}
    environment = replace(read_environment(variables), are_keys_required=True)
    folder = tmp_path_factory.mktemp("version") / "1"
    shutil.copytree(write_small_version(folder, [one for one, _ in labelled_tickets()]), environment.versions / "1")
    engine, now = connect(environment.database_url), datetime.now(UTC)
    migrate(engine)
    promote(engine, "1", who="the tests", why="they need one", at=now)
    secret = installation_secret(environment)

    def key(name: str, *scopes: str, person: str | None = None) -> str:
        return make_key(engine, secret, name, scopes, who="the tests", at=now, person=person)[1]

    people = {one: key(one, "feedback", *(["admin"] if one == "lena" else []), person=one) for one in PEOPLE}
    machine = key("helpdesk", "predict")
    with (home / "service.log").open("wb") as output, running_service(environment, output):
        while httpx.get(f"{address_of(environment)}/readyz", timeout=20).status_code != 200:
            time.sleep(0.1)
        yield Service(environment, engine, people, machine)
    engine.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by playwright, whose event loop must be over before other tests want one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not here: `pip install playwright`")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not here: `apt-get install chromium`")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
        )
        yield browser
        browser.close()


def is_complaint(message: Any) -> bool:
    """Whether the browser complains, and not only of an answer that says what is wrong."""
    return bool(message.type == "error" and "status of 4" not in message.text)


@pytest.fixture
def visit(chromium: Any, service: Service) -> Iterator[Callable[..., Any]]:
    """Opens a browser in which somebody signed in; it must ask nobody else for anything, and complain of nothing."""
    contexts, complaints, elsewhere = [], [], []

    def open_it(person: str, **settings: Any) -> Any:
        context = chromium.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda one: complaints.append(one.text) if is_complaint(one) else None)
        page.on("pageerror", lambda one: complaints.append(str(one)))
        page.on("dialog", lambda one: complaints.append(one.message) or one.dismiss())
        page.on("request", lambda one: None if one.url.startswith(service.address) else elsewhere.append(one.url))
        page.goto(f"{service.address}/console")
        page.fill("#key", service.keys[person])
        page.press("#key", "Enter")
        page.wait_for_url("**/console")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
    assert elsewhere == []
