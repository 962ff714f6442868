"""Live traffic for tests of faults: callers that send tickets over real HTTP, and what must be true of all they got.

Every ticket is sent under an id of its own, so a row that was written twice, or for a ticket that nobody sent, is seen.
Knows nothing of how the service is started or broken.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import Any, Final, Self

import httpx
from sqlalchemy import select

from desk.errors import JournalUnavailableError
from desk.prediction import published
from desk.ticket import Ticket
from journal.database import connect, reading
from journal.drain import SET_ASIDE
from journal.environment import Environment
from journal.segments import segment_paths
from journal.tables import predictions, tickets
from models.scoring import predict
from models.version import Version
from serving.launch import address_of

__all__ = ["Exchange", "Fault", "Traffic", "expected_numbers", "numbers_of", "rows_of", "until"]

TEXTS: Final = (
    "password reset does not work",
    "locked out of my account",
    "charged twice this month",
    "refund my invoice, it is wrong",
    "vpn is down since this morning",
    "wifi drops in the office",
    "the printer is on fire",
    "",
)
BATCH: Final = 8
SECONDS_FOR_AN_ANSWER: Final = 40.0
SECONDS_AFTER_A_REFUSAL: Final = 0.2


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request: when it began and ended (monotonic seconds), what came; `error` says why nothing did.

    tickets: the id of each ticket sent, and which text it had.
    """

    began: float
    ended: float
    tickets: Mapping[str, int]
    status: int | None
    error: str | None = None
    answers: Sequence[dict[str, Any]] = ()

    @property
    def is_good(self) -> bool:
        return self.status == 200

    @property
    def is_refused(self) -> bool:
        """Whether nobody listened."""
        return self.error == "ConnectError"

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(slots=True)
class Fault:
    """When something was broken and when it was well again (monotonic seconds).

    is_fatal: whoever is in flight at any time of it may lose the answer, because what would give it is gone.
    """

    began: float
    ended: float = float("inf")
    is_fatal: bool = False

    def meets(self, one: Exchange) -> bool:
        """Whether the request was under way at some time of the fault."""
        return one.ended >= self.began and one.began <= self.ended


@dataclass(slots=True)
class Traffic:
    """Callers of one service while the block lasts; each waits for its answer before it sends the next."""

    environment: Environment
    callers: int = 4
    pause: float = 0.03
    exchanges: list[Exchange] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)
    _numbers: Iterator[int] = field(default_factory=count)
    _threads: list[Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [Thread(target=self._call, args=(number,), daemon=True) for number in range(self.callers)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Send nothing more, and wait for the answers that are under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join(SECONDS_FOR_AN_ANSWER + 5)

    @contextmanager
    def fault(self, *, is_fatal: bool = False) -> Iterator[Fault]:
        """What happens in the block is a fault, which is over at its end."""
        fault = Fault(time.monotonic(), is_fatal=is_fatal)
        self.faults.append(fault)
        try:
            yield fault
        finally:
            fault.ended = time.monotonic()

    def flow(self, seconds: float) -> list[Exchange]:
        """Let it flow for so long, and return what began and ended in the meantime."""
        began = time.monotonic()
        time.sleep(seconds)
        return self.since(began)

    def since(self, began: float) -> list[Exchange]:
        """What began after this moment and has ended."""
        return [one for one in list(self.exchanges) if one.began >= began]

    @property
    def errors(self) -> list[Exchange]:
        return [one for one in self.exchanges if not one.is_good]

    @property
    def answers(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every answer with the text that it is about."""
        for one in list(self.exchanges):
            for answer in one.answers:
                yield one.tickets[answer["ticket_id"]], answer

    @property
    def acknowledged(self) -> dict[str, dict[str, Any]]:
        """The answers that promised to be in the journal, by prediction id."""
        return {answer["prediction_id"]: answer for _, answer in self.answers if answer["journaled"]}

    def check(self, versions: Mapping[str, Version]) -> None:
        """Everything that must be true whatever was broken, once the service has caught up or ended."""
        self.check_errors()
        self.check_numbers(versions)
        self.check_journal()

    def check_errors(self) -> None:
        """No 500, nothing but 200 and 503, and no error of a request that was not in flight in a fatal fault."""
        statuses = Counter(one.status for one in self.exchanges)
        assert set(statuses) <= {None, 200, 503}, statuses
        fatal = [fault for fault in self.faults if fault.is_fatal]
        unexcused = [one for one in self.errors if not any(fault.meets(one) for fault in fatal)]
        start = self.exchanges[0].began
        assert not unexcused, [
            (round(one.began - start, 2), round(one.ended - start, 2), one.status, one.error) for one in unexcused[:9]
        ] + [("faults", [(round(f.began - start, 2), round(f.ended - start, 2)) for f in self.faults])]

    def check_numbers(self, versions: Mapping[str, Version]) -> None:
        """Each answer says what the version that it names says of its text, to the last published digit."""
        wanted = {
            (name, text): expected_numbers(version, text)
            for name, version in versions.items()
            for text in range(len(TEXTS))
        }
        for text, answer in self.answers:
            if answer["version"] is None:
                assert answer["queue"]["label"] == "unassigned"
                assert "default" in answer["decided_by"]
                assert "probability" not in answer["queue"]
            else:
                assert numbers_of(answer) == wanted[answer["version"], text]

    def check_journal(self) -> None:
        """Each acknowledged answer is in the database as it left, once; no ticket twice; nothing is left in the log."""
        kept = rows_of(self.environment)
        sent = Counter(ticket for one in self.exchanges for ticket in one.tickets)
        assert set(sent.values()) == {1}
        by_ticket = Counter(ticket for ticket, _ in kept.values())
        assert not [ticket for ticket, times in by_ticket.items() if times > 1], "written twice"
        assert set(by_ticket) <= set(sent), "written, and never sent"
        lost = [name for name in self.acknowledged if name not in kept]
        assert not lost, f"{len(lost)} of {len(self.acknowledged)} acknowledged are lost"
        for name, answer in self.acknowledged.items():
            assert kept[name] == (answer["ticket_id"], answer)
        assert segment_paths(self.environment.log) == []
        assert not (self.environment.log / SET_ASIDE).exists()

    def rows(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """What the database holds now; nothing where it does not answer."""
        try:
            return rows_of(self.environment)
        except JournalUnavailableError:
            return {}

    def figures(self) -> dict[str, Any]:
        """What a reader of `docs/reliability.md` wants to know of the run."""
        good = sorted(one.seconds for one in self.exchanges if one.is_good)
        during = [
            one.seconds for one in self.exchanges if one.is_good and any(fault.meets(one) for fault in self.faults)
        ]
        said = Counter(answer["journaled"] for _, answer in self.answers)
        return {
            "requests": len(self.exchanges),
            "answers": sum(said.values()),
            "acknowledged": said[True],
            "not journaled": said[False],
            "in flight and lost": sum(not one.is_refused for one in self.errors),
            "refused": sum(one.is_refused for one in self.errors),
            "median ms": round(good[len(good) // 2] * 1000, 1) if good else None,
            "slowest ms": round(good[-1] * 1000) if good else None,
            "slowest ms in the fault": round(max(during) * 1000) if during else None,
        }

    def _call(self, number: int) -> None:
        with httpx.Client(base_url=address_of(self.environment), timeout=SECONDS_FOR_AN_ANSWER) as client:
            for turn in count():
                if self._stop.wait(self.pause):
                    return
                size = BATCH if turn % 8 == 7 else 1
                numbers = [next(self._numbers) for _ in range(size)]
                exchange = _exchange(client, {f"t{number}-{one}": one % len(TEXTS) for one in numbers})
                self.exchanges.append(exchange)
                if exchange.is_refused and self._stop.wait(SECONDS_AFTER_A_REFUSAL):
                    return


def _exchange(client: httpx.Client, sent: dict[str, int]) -> Exchange:
    bodies = [{"id": ticket, "body": TEXTS[text]} for ticket, text in sent.items()]
    path, body = ("/v1/triage/batch", {"tickets": bodies}) if len(bodies) > 1 else ("/v1/triage", {"ticket": bodies[0]})
    began = time.monotonic()
    try:
        response = client.post(path, json=body)
    except httpx.HTTPError as error:
        return Exchange(began, time.monotonic(), sent, None, type(error).__name__)
    ended = time.monotonic()
    if response.status_code != 200:
        return Exchange(began, ended, sent, response.status_code, response.text[:300])
    said = response.json()
    return Exchange(began, ended, sent, 200, None, said.get("answers", [said]))


def expected_numbers(version: Version, text: int) -> dict[str, Any]:
    """What the version says of a text, asked here and now."""
    said = predict(version, Ticket(id="asked", subject="", body=TEXTS[text]))
    tops = {
        head: [(one.label, published(one.probability)) for one in choice.top] for head, choice in said.choices.items()
    }
    return {**tops, **{head: published(risk.probability) for head, risk in said.risks.items()}}


def numbers_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an answer over HTTP."""
    tops = {
        head: [(one["label"], one["probability"]) for one in answer[head]["top"]]
        for head in ("queue", "priority")
        if "top" in answer[head]
    }
    risks = {head: answer[head]["probability"] for head in ("escalation", "breach") if "probability" in answer[head]}
    return {**tops, **risks}


def rows_of(environment: Environment) -> dict[str, tuple[str, dict[str, Any]]]:
    """Ticket id and answer of every prediction in the database, by prediction id."""
    engine = connect(environment.database_url)
    query = select(predictions.c.prediction_id, tickets.c.ticket_id, predictions.c.answer).join(
        tickets, tickets.c.digest == predictions.c.ticket_digest
    )
    with reading(engine) as connection:
        found = {row.prediction_id: (row.ticket_id, row.answer) for row in connection.execute(query)}
    engine.dispose()
    return found


def until(holds: Any, seconds: float = 30) -> float:
    """Wait until `holds()` is true, and return how long that took; fails after `seconds`."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.1)
    return time.monotonic() - began
