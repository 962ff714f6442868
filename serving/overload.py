"""How much one process takes on at once, and how it turns away what is too much.

Scoring runs on the loop, so whoever is let in waits for all who were let in before: the bound on requests under way
bounds that wait. They take turns, one in each round of the loop, because a round takes up one new connection, answers
probes and sends what is done: it must be short. A refusal is made once and costs a fraction of an answer. Knows neither
routes' answers nor sockets.
"""

import asyncio
import math
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final, ParamSpec, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.problems import ProblemError, problem_response
from serving.request_log import BEGAN, HEADER, request_id_in

__all__ = ["NEVER_REFUSED", "Backlog", "Gate", "Refusal", "Seat", "overloaded"]

Given = ParamSpec("Given")
Found = TypeVar("Found")

MOST_TICKETS: Final = 256
"""Requests for triage under way: at half a millisecond to two of work each, the last waits for an eighth of a second to
half of one. A hundred callers who ask without pause are never turned away."""

LONGEST_TURN: Final = 1.0
"""Seconds: while somebody has waited for as long, nobody more is let in, however few there are."""

MOST_OTHERS: Final = 64
"""Requests for anything else: they may wait for the database, and must not take the places of tickets."""

MOST_WAITING: Final = 1_024
"""Requests whose body is still under way. They cost memory, not time."""

MOST_BYTES: Final = 64_000_000
"""Of large bodies under way, by what their callers say: four of the largest batches."""

LARGE: Final = 64_000
"""Bytes from which a body counts against `MOST_BYTES`: the smaller ones of all seats together are a quarter of that."""

UNSAID: Final = 1_000_000
"""What a body counts whose caller does not say its length."""

LONGEST_DRAINED: Final = 1_000_000
"""Bytes of a refused body that are read and dropped, so that the connection serves on; beyond, it is closed."""

LONGEST_WAIT: Final = 10.0
LONGEST_IN_ALL: Final = 15.0
"""Seconds for a batch, below `serving.request_log`'s for any request."""

FIRST_GUESS: Final = 0.001
"""Seconds that a ticket of a batch takes, until one was measured."""

NEWCOMERS_IN_A_ROW: Final = 16
"""Rounds of the loop, with a new connection each, that are let pass before one in which a request is worked on."""

BEFORE_A_REFUSAL: Final = 0.25
"""Seconds, or as many as the first in line has waited: callers who ask again at once, whatever `Retry-After` says,
would take the time of those who are answered."""

NEVER_REFUSED: Final = frozenset(("/livez", "/healthz", "/readyz", "/metrics"))
TRIAGE: Final = "/v1/triage"


def overloaded(seconds: float = 1.0) -> ProblemError:
    """What is said to whoever is turned away; `seconds` is when to try again."""
    detail = "The service has more to do than it can answer in time; try again."
    return ProblemError(503, "overloaded", detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})


class Refusal:
    """An ASGI app that turns away after a pause: its bytes are ready, and the body is not looked at."""

    def __init__(self, problem: ProblemError, pause: Callable[[], float], *, close: bool = False) -> None:
        self._pause = pause
        response = problem_response(problem)
        self._status = response.status_code
        self._headers = [*response.raw_headers, *([(b"connection", b"close")] if close else [])]
        self._body = {"type": "http.response.body", "body": response.body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - unread
        """Turn one request away."""
        await asyncio.sleep(self._pause())
        headers = [*self._headers, (HEADER, request_id_in(scope))]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send(self._body)


class Turns:
    """Who waits to be worked on, the first first, one in each round of the loop."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._is_taken = False
        self._has_newcomer = False
        self._passed = 0

    def greet(self) -> None:
        """A connection was taken up in this round: there may be more, and to take one up is quickly done."""
        self._has_newcomer = True

    @property
    def longest(self) -> float:
        """Seconds for which the first has waited."""
        return perf_counter() - self._waiting[0][0] if self._waiting else 0.0

    async def take(self) -> None:
        """Return when it is the caller's turn: at once where nobody came before in this round."""
        loop = asyncio.get_running_loop()
        if not self._is_taken:
            self._is_taken = True
            loop.call_soon(self._next, loop)
            return
        turn = loop.create_future()
        self._waiting.append((perf_counter(), turn))
        await turn

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._has_newcomer and self._waiting and self._passed < NEWCOMERS_IN_A_ROW:
            self._has_newcomer = False
            self._passed += 1
            loop.call_soon(self._next, loop)
            return
        self._passed = 0
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                loop.call_soon(self._next, loop)
                return
        self._is_taken = False


class Gate:
    """Counts what is under way in this process, and gives a seat to what may join."""

    def __init__(
        self,
        tickets: int = MOST_TICKETS,
        others: int = MOST_OTHERS,
        most_bytes: int = MOST_BYTES,
        before_a_refusal: float = BEFORE_A_REFUSAL,
    ) -> None:
        self._most = {True: tickets, False: others}
        self._most_bytes = most_bytes
        self.working = {True: 0, False: 0}
        self.waiting = 0
        self.held = 0
        self.refused: Counter[str] = Counter()
        self.turns = Turns()
        self._before_a_refusal = before_a_refusal
        self._refusal = Refusal(overloaded(), self._pause)
        self._closing = Refusal(overloaded(), self._pause, close=True)

    def let_in(self, scope: Scope, app: ASGIApp) -> ASGIApp:
        """What answers the request: `app` from a `Seat` of its own, or a `Refusal`."""
        path = scope["path"]
        if path in NEVER_REFUSED:
            return app
        is_triage = path.startswith(TRIAGE)
        size = _said_size(scope)
        weight = 0 if size <= LARGE else size
        if (
            self.working[is_triage] >= self._most[is_triage]
            or self.waiting >= MOST_WAITING
            or self.turns.longest >= LONGEST_TURN
        ):
            return self._turned_away("overload", size)
        if weight and self.held and self.held + weight > self._most_bytes:
            return self._turned_away("bytes", size)
        return Seat(self, app, is_triage=is_triage, weight=weight)

    def _pause(self) -> float:
        return max(self._before_a_refusal, min(self.turns.longest, LONGEST_TURN))

    def _turned_away(self, why: str, size: int) -> ASGIApp:
        self.refused[why] += 1
        return self._closing if size > LONGEST_DRAINED else self._refusal


class Seat:
    """One request under way: it works, or waits for the rest of its body, and then for free."""

    __slots__ = ("_app", "_gate", "_is_triage", "_is_waiting", "_weight")

    def __init__(self, gate: Gate, app: ASGIApp, *, is_triage: bool, weight: int) -> None:
        self._gate, self._app, self._is_triage, self._weight = gate, app, is_triage, weight
        self._is_waiting = False
        gate.working[is_triage] += 1
        gate.held += weight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request when it is its turn, and leave."""
        scope[BEGAN] = perf_counter()
        try:
            await self._gate.turns.take()
            await self._app(scope, receive, send)
        finally:
            self.work()
            self._gate.working[self._is_triage] -= 1
            self._gate.held -= self._weight

    def wait(self) -> None:
        """The body is not all there yet."""
        if not self._is_waiting:
            self._is_waiting = True
            self._gate.working[self._is_triage] -= 1
            self._gate.waiting += 1

    def work(self) -> None:
        """It is."""
        if self._is_waiting:
            self._is_waiting = False
            self._gate.working[self._is_triage] += 1
            self._gate.waiting -= 1


class Backlog:
    """The tickets that wait for the thread beside the loop, and how long one takes there. Slices of batches take turns.

    longest_wait: seconds until a batch would be answered, from which it is refused; longest_in_all: the same with what
    it has waited already, from which it is given up, so that those who came before are answered.
    """

    def __init__(self, longest_wait: float = LONGEST_WAIT, longest_in_all: float = LONGEST_IN_ALL) -> None:
        self._longest_wait, self._longest_in_all = longest_wait, longest_in_all
        self._rooms: list[Room] = []
        self.seconds = FIRST_GUESS
        self.refused = 0

    @property
    def tickets(self) -> int:
        """How many wait now."""
        return sum(room.left for room in self._rooms)

    def check(self, tickets: int = 1) -> None:
        """Raises `ProblemError` 503 where others stand before so many tickets and they would wait too long."""
        if self._rooms and self._wait(self._rooms, tickets) + tickets * self.seconds > self._longest_wait:
            raise self._refusal()

    @contextmanager
    def room_for(self, tickets: int) -> Iterator["Room"]:
        """Holds room for so many tickets. Raises as `check` does."""
        self.check(tickets)
        room = Room(self, tickets)
        self._rooms.append(room)
        try:
            yield room
        finally:
            self._rooms.remove(room)

    def check_again(self, room: "Room") -> None:
        """Raises as `check` does where it takes longer than it seemed, and others stand before this room."""
        before = self._rooms[: self._rooms.index(room)]
        still = self._wait(before, room.left) + room.left * self.seconds
        if before and perf_counter() - room.began + still > self._longest_in_all:
            raise self._refusal()

    def _wait(self, rooms: list["Room"], tickets: int) -> float:
        """Seconds that so many tickets wait for others: as they take turns, for no more than as many of each."""
        return self.seconds * sum(min(room.left, tickets) for room in rooms)

    def _refusal(self) -> ProblemError:
        self.refused += 1
        return overloaded(self.tickets * self.seconds)


class Room:
    """What one batch has still to do."""

    def __init__(self, backlog: Backlog, left: int) -> None:
        self._backlog = backlog
        self.left = left
        self.began = perf_counter()

    def check(self) -> None:
        """Raises `ProblemError` 503 where the batch would take too long by now, and others came before it."""
        self._backlog.check_again(self)

    def timed(self, tickets: int, call: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
        """What `call` returns, which does the work of so many of the tickets, on the thread beside the loop."""
        started = perf_counter()
        found = call(*given, **named)
        spent = (perf_counter() - started) / tickets
        self._backlog.seconds += 0.1 * (spent - self._backlog.seconds)
        self.left -= tickets
        return found


def _said_size(scope: Scope) -> int:
    """Bytes of the body by what the caller says of it; no more than matters."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < 12 else UNSAID
        if name == b"transfer-encoding":
            return UNSAID
    return 0
