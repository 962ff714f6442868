"""The challenger in shadow, as the process that answers sees it: a child process, and a line that never waits.

A ticket goes down the line once its answer has left; where the line is full it is dropped and counted. Whatever goes
wrong with the challenger ends it, is logged once and touches no answer. Knows neither versions nor what is scored: that
is `serving.challenger`, in the child.
"""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson

from desk.shadow import ShadowPolicy, is_in_shadow
from journal.environment import Environment
from serving.champion import ChampionWatch
from serving.child import CODE
from serving.ending import PARENT
from serving.launch import serve_variables
from serving.rounds import Rounds

__all__ = ["OUTCOMES", "Shadow"]

OUTCOMES: Final = ("scored", "dropped", "failed")
SECONDS_TO_END: Final = 3.0
"""For what was scored to be journaled; afterwards the child is killed."""
BYTES_ON_THE_LINE: Final = 4_000_000
"""Asked for; the system may grant less. A hundred tickets and more wait here while the child has no turn."""
LONGEST_REPORT: Final = 65_536

log = logging.getLogger("pointsman.shadow")


@dataclass(frozen=True, slots=True)
class _Line:
    """Where tickets go, to which version, and which share of them."""

    socket: socket.socket
    version: str
    share: float


class _Child:
    """A challenger's process. Raises `OSError` where none can be started."""

    def __init__(self, environment: Environment, tenant: str, version: str) -> None:
        self.version = version
        # Datagrams in their order: one is taken whole or not at all, and nothing here ever waits.
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BYTES_ON_THE_LINE)
        variables = {**serve_variables(environment), "POINTSMAN_TENANT": tenant, PARENT: str(os.getpid())}
        with theirs:
            try:
                self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                    [sys.executable, "-m", "serving.challenger", version, str(theirs.fileno())],
                    cwd=CODE,
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                )
            except OSError:
                self.socket.close()
                raise

    def report(self) -> Mapping[str, Any] | None:
        """The last of what it said since it was asked last."""
        last = None
        with suppress(OSError):
            while raw := self.socket.recv(LONGEST_REPORT):
                last = orjson.loads(raw)
        return last

    def end(self) -> Mapping[str, Any] | None:
        """Hang up, let it journal what it has scored, and return its last report."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        try:
            self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        last = self.report()
        self.socket.close()
        return last


class Shadow:
    """Follows the setting `shadow` of one tenant, between `start` and `stop`; `offer` takes what was answered."""

    def __init__(self, environment: Environment, tenant: str, watch: ChampionWatch, seconds: float) -> None:
        self._environment, self._tenant, self._watch = environment, tenant, watch
        self._line: _Line | None = None
        self._child: _Child | None = None
        self._stopped: tuple[ShadowPolicy | None, int] | None = None
        self._trouble: str | None = None
        self._before = dict.fromkeys(OUTCOMES, 0)  # counted for children that have ended
        self._counted = self._before
        self._unsent = 0
        self._told = self._before
        self._rounds = Rounds("shadow", self.look, seconds)

    def start(self) -> None:
        """Begin to follow the setting."""
        self._rounds.start()

    def stop(self) -> None:
        """End the child too."""
        self._rounds.stop()
        self._end_child()

    def offer(self, row: Mapping[str, Any]) -> None:
        """Have the challenger score what was just answered, if the ticket is one of its share.

        row: the journal's. Call it on the loop's thread. The ticket goes in the loop's next round, behind the answer.
        """
        line = self._line
        if line is not None and is_in_shadow(row["ticket"]["id"], line.share):
            asyncio.get_running_loop().call_soon(self._send, line, row)

    def newly_counted(self) -> dict[str, int]:
        """Tickets scored and journaled, dropped, and failed on, since this was asked last; for the loop's thread."""
        counted = {**self._counted, "dropped": self._counted["dropped"] + self._unsent}
        before, self._told = self._told, counted
        return {outcome: counted[outcome] - before[outcome] for outcome in OUTCOMES}

    def told(self) -> dict[str, Any] | None:
        """Who scores in shadow, and what is wrong with it; None where nobody is to."""
        wanted, _ = self._watch.shadow
        if wanted is None:
            return None
        line = self._line
        is_scoring = line is not None and line.version == wanted.version
        return {"version": wanted.version, "share": wanted.share, "scores": is_scoring, "trouble": self._trouble}

    def look(self) -> None:
        """One look: start the challenger that is wanted, end one that is not, hear what it says."""
        wanted, revision = self._watch.shadow
        version = self._wanted_version(wanted)
        if self._child is not None and self._child.version != version:
            self._end_child()
        if wanted is None or version is None or (wanted, revision) == self._stopped:
            return
        if self._child is None:
            self._stopped = self._trouble = None
            try:
                self._child = _Child(self._environment, self._tenant, version)
            except OSError as error:
                self._give_up(f"Its process cannot be started: {error.strerror}.")
                return
        self._hear(self._child, wanted)

    def _wanted_version(self, wanted: ShadowPolicy | None) -> str | None:
        """The version that should score now: none where it is the champion, or nobody answers yet."""
        champion = self._watch.current.version
        if wanted is None or champion is None or wanted.share == 0 or wanted.version == champion.name:
            return None
        return wanted.version

    def _hear(self, child: _Child, wanted: ShadowPolicy) -> None:
        code = child.process.poll()
        report = child.report()
        if report is not None:
            self._note(report)
            is_ready = report["version"] == wanted.version
            self._line = _Line(child.socket, wanted.version, wanted.share) if is_ready else None
        elif self._line is not None and self._line.share != wanted.share:
            self._line = _Line(child.socket, wanted.version, wanted.share)
        if code is None:
            return
        said = self._trouble
        self._end_child()
        if code != -signal.SIGTERM:  # from outside, as at the end of a service: it is started again
            if report is None or not report["is_broken"]:
                self._count({"failed": 1})
                said = f"Its process ended with {code}."
            self._give_up(said or "It failed.")

    def _note(self, report: Mapping[str, Any]) -> None:
        self._trouble = report["trouble"]
        self._counted = {outcome: self._before[outcome] + report[outcome] for outcome in OUTCOMES}

    def _count(self, found: Mapping[str, int]) -> None:
        self._before = self._counted = {one: self._before[one] + found.get(one, 0) for one in OUTCOMES}

    def _give_up(self, why: str) -> None:
        self._stopped = wanted, _ = self._watch.shadow
        self._trouble = f"{why} It scores no more until the setting 'shadow' is set anew."
        fields = {"version": None if wanted is None else wanted.version, "error": why}
        log.error("shadow_stopped", extra={"fields": fields})

    def _end_child(self) -> None:
        child, self._child, self._line, self._trouble = self._child, None, None, None
        if child is None:
            return
        report = child.end()
        if report is not None:
            self._note(report)
            self._trouble = None
        self._before = self._counted

    def _send(self, line: _Line, row: Mapping[str, Any]) -> None:
        try:
            line.socket.send(orjson.dumps({"prediction_id": row["prediction_id"], "ticket": row["ticket"]}))
        except OSError:
            self._unsent += 1  # full, too large for it, or just hung up
