"""The service's side of a connection: uvicorn's own, which also turns away what is too much and ends what is too slow.

uvicorn closes an idle connection, but not one whose request never ends, nor one whose answer is never taken. What it
does not offer as a setting is done here by a class of its own; `serving.service` names it to uvicorn. Knows no routes.
"""

import asyncio
import resource
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from serving.heads import BoundedHeads, whole_answer
from serving.overload import Gate, Seat, overloaded
from serving.problems import ProblemError

__all__ = ["Connections", "PatientProtocol", "raise_file_limit"]

MOST_CONNECTIONS: Final = 4_096
SPARE_FILES: Final = 128
"""Of a process: for the journal, the log, versions, and what they open for a moment."""

SEAT: Final = "pointsman.seat"
"""Where the scope keeps the request's seat."""


@dataclass(slots=True)
class Connections:
    """What the connections of a process share: bounds in seconds, and counts.

    for_a_head: until a request's head is there, or the rest of a body that nobody waits for. for_an_answer: until an
    answer is taken. With the second between two looks both are gone within 15 seconds; a body that is waited for has 15
    of its own (`serving.receiving`).
    """

    gate: Gate = field(default_factory=Gate)
    most: int = MOST_CONNECTIONS
    for_a_head: float = 10.0
    for_an_answer: float = 13.0
    between_looks: float = 1.0
    opened: int = 0
    cut_off: int = 0


class PatientProtocol(BoundedHeads):
    """One connection."""

    shared: ClassVar[Connections] = Connections()

    _began: float | None = None
    """When the message began that is not all there."""
    _untaken: tuple[RequestResponseCycle | None, float] | None = None
    """The answer that has not been taken, and when that was first seen."""
    _look_again: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to look after a connection, or refuse it where there are too many."""
        super().connection_made(transport)
        shared = self.shared
        shared.opened += 1
        shared.gate.turns.greet()
        self._began = self.loop.time()
        self._look_again = self.loop.call_later(shared.between_looks, self._look)
        if shared.opened > shared.most:
            shared.gate.refused["connections"] += 1
            self._close_with(TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.shared.opened -= 1
        if self._look_again is not None:
            self._look_again.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a request."""
        if self._began is None:
            self._began = self.loop.time()
        super().data_received(data)
        cycle = self.cycle
        if cycle is not None and cycle.more_body and not cycle.response_complete:
            seat: Seat | None = cycle.scope.get(SEAT)  # type: ignore[assignment]  # our own key
            if seat is not None:
                seat.wait()

    def on_message_complete(self) -> None:
        """All of a request is there."""
        self._began = None
        super().on_message_complete()
        seat: Seat | None = self.cycle.scope.get(SEAT)  # type: ignore[assignment]  # our own key
        if seat is not None:
            seat.work()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # Here and not where a head is complete: of what waits behind another request none holds a seat.
        scope: Any = cycle.scope
        seat: Any = self.shared.gate.let_in(scope, app)
        if isinstance(seat, Seat):
            scope[SEAT] = seat
        super()._start_asgi_task(cycle, seat)

    def _should_upgrade(self) -> bool:
        return False  # nothing here speaks anything but HTTP/1.1

    def _unsupported_upgrade_warning(self) -> None:
        """Whoever offers another protocol is answered in this one, without a line in the log."""

    def _look(self) -> None:
        """End the connection where its caller is too slow."""
        now, shared = self.loop.time(), self.shared
        is_asked_nothing = self.cycle is None or self.cycle.response_complete
        if self._is_untaken(now):
            shared.cut_off += 1
            self.transport.abort()
            return
        if is_asked_nothing and self._began is not None and now - self._began >= shared.for_a_head:
            shared.cut_off += 1
            self._began = None
            self._close_with(TOO_SLOW if self.cycle is None else b"")
        self._look_again = self.loop.call_later(shared.between_looks, self._look)

    def _is_untaken(self, now: float) -> bool:
        if not self.transport.get_write_buffer_size():
            self._untaken = None
        elif self._untaken is None or self._untaken[0] is not self.cycle:
            self._untaken = (self.cycle, now)
        else:
            return now - self._untaken[1] >= self.shared.for_an_answer
        return False

    def _close_with(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def raise_file_limit() -> None:
    """Let this process open as many files as it may, and bound its connections by that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_FILES
    if soft < wanted and soft != resource.RLIM_INFINITY:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft != resource.RLIM_INFINITY:
        PatientProtocol.shared.most = max(1, min(MOST_CONNECTIONS, soft - SPARE_FILES))


TOO_MANY: Final = whole_answer(overloaded())
TOO_SLOW: Final = whole_answer(ProblemError(408, "too-slow", "The request did not arrive in time."))
