"""Processes that score side by side: begun while tickets are still being read, fed as tickets come, heard in order.

Knows neither files nor verbs. Whoever imports this imports nothing that scores: that is for the processes themselves.
"""

import os
import signal
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from desk.demands import Demands
from desk.errors import LostProcessError
from desk.factors import DEFAULT_POLICY, FactorPolicy
from desk.fallbacks import NO_FALLBACKS, Fallbacks
from desk.prediction import Extras
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.ticket import Ticket

__all__ = ["Asked", "Scorers", "count_for", "scorers"]

CHUNK: Final = 100
"""Tickets that are handed over at once: few, so that at the end no process waits long for the last of another."""

WORTH_A_PROCESS: Final = 2_000_000
"""Bytes of tickets for each process, some 2,500 tickets: below that a second one costs more to start than it saves."""

_AHEAD: Final = 2  # pieces that a process has: one to answer, one to go on with
_FURTHEST: Final = 32  # pieces between the one that is due and the last that was handed out: what may have to be kept
_PACKED: Final = {b"\x1f\x8b": 6, b"PA": 4}  # first bytes of gzip and of Parquet: how much more of it comes out, about
_PATIENCE: Final = 5  # seconds until a process that closed its end has an exit code


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about every ticket.

    folder, manifest: the version, its hashes checked. demands, traffic, holdback, taxonomy, fallbacks: what the modes
    follow from beside the version, as in `models.terms`. policy: what the factors of the priority score count. extras:
    what to say beside the answer.
    """

    folder: Path
    manifest: Mapping[str, Any]
    demands: Demands = field(default_factory=Demands)
    traffic: Sequence[float] = ()
    holdback: float = 0.0
    policy: FactorPolicy = DEFAULT_POLICY
    extras: Extras = field(default_factory=Extras)
    taxonomy: Taxonomy = NO_CHANGES
    fallbacks: Fallbacks = NO_FALLBACKS


def count_for(tickets: Path) -> int:
    """How many processes beside this one pay for a file of tickets, by its size; none where this one alone will do."""
    try:
        with tickets.open("rb") as file:
            packed = _PACKED.get(file.read(2), 1)
        size = tickets.stat().st_size * packed
    except OSError:
        return 0  # whoever reads it will say what is wrong with it
    count = min(os.cpu_count() or 1, size // WORTH_A_PROCESS)
    return count if count > 1 else 0


@contextmanager
def scorers(count: int) -> Iterator["Scorers"]:
    """As many processes, ready to be asked; they end with the block. None: this one answers."""
    started: list[_Scorer] = []
    try:
        while len(started) < count:
            started.append(_Scorer())
        yield Scorers(started)
    finally:
        for scorer in started:
            scorer.end()


class Scorers:
    """Processes that answer tickets; without any, this one does."""

    def __init__(self, started: Sequence["_Scorer"]) -> None:
        self._started = started

    def ask(self, asked: Asked) -> None:
        """Say what is asked about every ticket, so that they make ready; called once, before any `answers`."""
        self._asked = asked
        for scorer in self._started:
            scorer.give(asked)

    def answers(self, tickets: Iterable[Ticket]) -> Iterator[tuple[int, bytes]]:
        """Pieces of the answers, JSON a line, in the order of the tickets: how many tickets, and their lines.

        Tickets are drawn as they are needed. Raises what went wrong in a process, and `LostProcessError` where one is
        gone.
        """
        all_tickets = iter(tickets)
        pieces = iter(lambda: list(islice(all_tickets, CHUNK)), [])
        return _shared(self._started, pieces) if self._started else _alone(self._asked, pieces)


def _alone(asked: Asked, pieces: Iterator[list[Ticket]]) -> Iterator[tuple[int, bytes]]:
    from cli.scoring import answerer  # what scores takes half a second to import

    answer = answerer(asked)
    return ((len(piece), answer(piece)) for piece in pieces)


def _shared(scorers: Sequence["_Scorer"], pieces: Iterator[list[Ticket]]) -> Iterator[tuple[int, bytes]]:
    sizes: list[int] = []
    answered: dict[int, bytes] = {}
    due = 0
    while True:
        while len(sizes) - due < _FURTHEST and (free := min(scorers, key=_busy)).busy < _AHEAD:
            piece = next(pieces, None)
            if piece is None:
                break
            free.give((len(sizes), piece))
            free.busy += 1
            sizes.append(len(piece))
        if due == len(sizes):
            return
        for ready in wait([scorer.connection for scorer in scorers if scorer.busy]):
            scorer = next(one for one in scorers if one.connection is ready)
            number, lines = scorer.heard()
            scorer.busy -= 1
            answered[number] = lines
        while due in answered:
            yield sizes[due], answered.pop(due)
            due += 1


def _busy(scorer: "_Scorer") -> int:
    return scorer.busy


class _Scorer:
    """One process and the line to it. busy: pieces that it has and has not answered."""

    def __init__(self) -> None:
        # A fresh process: a fork would copy the locks of other threads and of the libraries that read files.
        context = get_context("spawn")
        self.busy = 0
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_score, args=(theirs,), daemon=True)
        # Ctrl-C reaches every process of a terminal; this one ends the others, which shall not speak of it.
        resource_tracker.ensure_running()  # by itself it would begin with the first process, and lift what is blocked
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.process.start()
        finally:
            theirs.close()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def give(self, what: object) -> None:
        try:
            self.connection.send(what)
        except OSError as error:
            raise self._lost() from error

    def heard(self) -> tuple[int, bytes]:
        try:
            number, found = self.connection.recv()
        except (EOFError, OSError) as error:
            raise self._lost() from error
        if isinstance(found, Exception):
            raise found
        return number, found

    def end(self) -> None:
        self.process.terminate()
        self.process.join()
        self.connection.close()

    def _lost(self) -> LostProcessError:
        self.process.join(_PATIENCE)
        return LostProcessError(
            f"A process that scored tickets ended in the middle of it (exit code {self.process.exitcode}). A negative "
            "code is the signal that ended it, -9 often a lack of memory: see that there is more, and score again."
        )


def _score(connection: Connection) -> None:
    """The life of a process: hear what is asked, make ready, then answer piece by piece until nobody listens."""
    heard: SimpleQueue[Any] = SimpleQueue()
    # Always listening: were both ends to send at once, each would wait for the other.
    Thread(target=_listen, args=(connection, heard), daemon=True).start()
    failed: Exception | None = None
    try:
        from cli.scoring import answerer, import_the_rest

        import_the_rest()
        answer = answerer(heard.get())
    except Exception as error:
        failed = _told(error)
    while True:
        number, piece = heard.get()
        found: bytes | Exception
        try:
            found = failed or answer(piece)
        except Exception as error:
            found = _told(error)
        try:
            connection.send((number, found))
        except OSError:
            os._exit(0)  # who asked is gone


def _listen(connection: Connection, heard: "SimpleQueue[Any]") -> None:
    try:
        while True:
            heard.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)  # who asked is gone


def _told(error: Exception) -> Exception:
    error.add_note(f"In a process that scored tickets:\n{traceback.format_exc()}")
    return error
