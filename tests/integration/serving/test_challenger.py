"""A challenger takes tickets from a line and journals what it would have answered, within bounds."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from journal.database import connect, migrate, writing
from journal.predictions import RecordedPrediction, record
from journal.shadow import shadow_pairs
from models.trial import prepare_version
from models.version import Version
from serving.challenger import Challenger
from serving.champion import ChampionWatch
from serving.holding import Standing
from tests.integration.serving.conftest import make_version
from tests.integration.serving.odd_versions import nan_where_nothing_tried

STRANGE = "vpn times out"


class Other:
    """The other end: sends tickets, reads what is said, and hangs up."""

    def __init__(self, engine: Engine, version: Version) -> None:
        self.engine = engine
        self.line, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.line.setblocking(False)
        self.said: dict[str, Any] = {}

        def obtain(*_: object) -> Version:
            prepare_version(version)
            return version

        watch = ChampionWatch(
            lambda: Standing(version.name),
            obtain,
            stamp=str,
            traffic=lambda _: (),
            remembered=None,
            now=_now,
            seconds=0.05,
            role="challenger",
        )
        challenger = Challenger(watch, engine, "default", self._theirs, _now)
        self.code: list[int] = []
        self._thread = Thread(target=lambda: self.code.append(challenger.run()))
        self._thread.start()
        self.until(lambda: self.told()["version"] == version.name)

    def send(self, number: int, ticket: Ticket) -> None:
        row = {"prediction_id": f"{number:032x}", "ticket": ticket_json(ticket)}
        self.line.send(orjson.dumps(row))

    def answer(self, number: int, ticket: Ticket) -> None:
        """Let the champion's answer be in the journal."""
        row = RecordedPrediction(f"{number:032x}", "default", _now(), "1", ticket_json(ticket), {}, 0.4)
        with writing(self.engine) as connection:
            record(connection, [row])

    def told(self) -> dict[str, Any]:
        try:
            while raw := self.line.recv(65_536):
                self.said = orjson.loads(raw)
        except OSError:
            pass  # nothing more for now, or for good
        return {"version": None, **self.said}

    def counts(self) -> tuple[int, int, int]:
        told = self.told()
        return told["scored"], told["dropped"], told["failed"]

    def until(self, holds: Callable[[], bool]) -> None:
        give_up = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < give_up, self.said
            time.sleep(0.02)

    def end(self) -> int:
        self.line.shutdown(socket.SHUT_WR)
        self._thread.join(20)
        self.told()
        self.line.close()
        self._theirs.close()
        return self.code[0]


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(f"sqlite:///{tmp_path / 'journal.db'}")
    migrate(made)
    yield made
    made.dispose()


def answers(engine: Engine, version: str = "2") -> Sequence[dict[str, Any]]:
    return [pair.shadow for pair in shadow_pairs(engine, version)]


def test_what_it_would_have_answered_is_journaled_once_the_prediction_is(
    engine: Engine, sample_tickets: list[Ticket]
) -> None:
    other = Other(engine, make_version("2", 0.8))
    for number, ticket in enumerate(sample_tickets[:3]):
        other.send(number, ticket)
    other.answer(0, sample_tickets[0])
    other.until(lambda: other.counts() == (1, 0, 0))
    other.answer(1, sample_tickets[1])
    other.until(lambda: other.counts() == (2, 0, 0))
    assert other.end() == 0
    assert other.counts() == (2, 1, 0)
    assert [one["version"] for one in answers(engine)] == ["2", "2"]
    assert [one["ticket_id"] for one in answers(engine)] == [ticket.id for ticket in sample_tickets[:2]]


def test_one_whose_prediction_never_comes_is_let_go(
    engine: Engine, sample_tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.challenger.SECONDS_TO_WAIT", 0.2)
    other = Other(engine, make_version("2"))
    other.send(1, sample_tickets[0])
    other.until(lambda: other.counts() == (0, 1, 0))
    other.answer(1, sample_tickets[0])
    assert other.end() == 0
    assert answers(engine) == []


def test_what_waits_is_bounded(engine: Engine, sample_tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.challenger.MOST_BYTES", 1_000)
    other = Other(engine, make_version("2"))
    for number in range(100):
        ticket = sample_tickets[number % 75]
        other.answer(number, ticket)
        other.until(lambda number=number, ticket=ticket: _sent(other, number, ticket))
    other.until(lambda: sum(other.counts()) == 100)
    scored, dropped, failed = other.counts()
    assert scored > 0
    assert dropped > 0
    assert failed == 0
    assert other.end() == 0
    assert len(answers(engine)) == scored


def _sent(other: Other, number: int, ticket: Ticket) -> bool:
    try:
        other.send(number, ticket)
    except BlockingIOError:
        return False
    return True


def test_it_ends_at_the_first_ticket_that_its_version_fails_on(engine: Engine, sample_tickets: list[Ticket]) -> None:
    strange = Ticket(id="strange", body=STRANGE, subject="")
    tried = [one for one in sample_tickets if not one.id.startswith("Network")]
    other = Other(engine, nan_where_nothing_tried(make_version("2"), "2", STRANGE, tried))
    for number, ticket in enumerate((sample_tickets[0], strange)):
        other.answer(number, ticket)
        other.send(number, ticket)
    other.until(lambda: other.told()["is_broken"] and sum(other.counts()) == 2)
    assert other.counts() == (1, 0, 1)
    assert other.end() == 1
    assert [one["version"] for one in answers(engine)] == ["2", None]
