"""`Idempotency-Key`: a POST that is sent again gets the first answer again, byte for byte, and does nothing again.

Three places remember, in the order in which they are asked: this process for some minutes, the local log, the database
for 24 hours. A ticket waits for none of them: where the database is silent the log and this process serve, and where
they know nothing the ticket is answered anew. Everything else that writes needs the database and claims the key there
first. Only answers of success are kept. Follows draft-ietf-httpapi-idempotency-key-header but for the status of a key
that is used for another request, 409. Knows no route.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import JournalError
from journal.logged_repeats import LoggedRepeats
from journal.repeats import Repeat, claim, expire, find_repeat, release, settle
from serving.answers_of_late import AnswersOfLate, GivenAnswer
from serving.claims import Claims
from serving.operation import Operation
from serving.problems import FieldError, ProblemError
from serving.receiving import BODY, receive_json
from serving.replying import REPEAT, asked_of_journal, caller_of
from serving.triage import Desk

__all__ = ["Repeating", "is_repeatable"]

NAME: Final = b"idempotency-key"
LONGEST_KEY: Final = 255
REPLAYED: Final = {"Idempotent-Replay": "true"}

SECONDS_FOR_A_LOOK: Final = 0.5
"""That a ticket waits for the log, and for the database; one that does not answer is left alone for a while."""
SECONDS_OF_REST: Final = 5.0
SECONDS_UNDER_WAY: Final = 60.0
"""After which a request that claimed its key is taken for lost: none takes so long."""
SECONDS_BETWEEN_EXPIRIES: Final = 600.0
LARGEST_INLINE: Final = 1_000_000

Found = TypeVar("Found")
log = logging.getLogger("pointsman.repeats")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request under a key. name, digest: of the caller's key, and of what is asked."""

    operation: Operation
    desk: Desk
    request: Request
    name: str
    digest: str

    @property
    def place(self) -> tuple[str, str]:
        return self.desk.journaling.tenant, self.name


@dataclass(frozen=True, slots=True)
class _UnderWay:
    digest: str
    is_done: asyncio.Event


def is_repeatable(operation: Operation, request: Request) -> bool:
    """Whether the request carries a key and its operation writes."""
    return operation.writes is not None and NAME in dict(request.scope["headers"])


class Repeating:
    """The repeats of one process. Needs no start; its threads are made with the first key that comes."""

    def __init__(self) -> None:
        self._under_way: dict[tuple[str, str], _UnderWay] = {}
        self._of_late = AnswersOfLate()
        self._claims = Claims()
        self._logs: dict[Path, LoggedRepeats] = {}
        self._of_log = ThreadPoolExecutor(1, thread_name_prefix="repeats-log")
        self._of_database = ThreadPoolExecutor(1, thread_name_prefix="repeats-database")
        self._rests_until = 0.0
        self._expires_at = 0.0

    async def answer(self, operation: Operation, desk: Desk, request: Request) -> Response:
        """The answer to a request that carries a key: the first one again, or that of `operation`.

        Raises `ProblemError`: 400 for a key that is none, 409 where it was used for another request or the first is
        still under way elsewhere, and whatever the operation raises.
        """
        name = _name_of(request)
        if operation.takes is not None:
            request.scope[BODY] = await receive_json(request, operation.largest)
        asked = _Asked(operation, desk, request, name, await _digest_of(request))
        while (first := self._under_way.get(asked.place)) is not None:
            _check_same(first.digest, asked)
            await first.is_done.wait()
        # Where somebody was erased since, it may be their ticket: the log and the database know whether it is.
        since = desk.watch.erasure_seen if operation.writes == "log" else -inf
        given = self._of_late.find(asked.place, since)
        if given is not None:
            return _replay(given, asked)
        self._under_way[asked.place] = first = _UnderWay(asked.digest, asyncio.Event())
        try:
            return await (self._by_log(asked) if operation.writes == "log" else self._by_database(asked))
        finally:
            del self._under_way[asked.place]
            first.is_done.set()

    async def _by_log(self, asked: _Asked) -> Response:
        """The row that the log takes says under which name it may be asked for again."""
        with self._claims.held(asked.desk.environment.log, asked.name) as is_ours:
            if not is_ours:
                raise _under_way()
            found = await self._found(asked)
            if found is not None:
                return self._replayed(found, asked)
            repeat = {"name": asked.name, "request": asked.digest, "status": asked.operation.status, "batch": False}
            asked.request.scope[REPEAT] = repeat
            response = await asked.operation.answer(asked.desk, asked.request)
            self._expire(asked)
            return self._remembered(response, asked)

    async def _found(self, asked: _Asked) -> Repeat | None:
        """The log first: what leaves it meanwhile is in the database then."""
        now, folder = asked.desk.now(), asked.desk.environment.log
        logged = self._logs.setdefault(folder, LoggedRepeats(folder))
        found = await _within(SECONDS_FOR_A_LOOK, self._of_log, lambda: logged.find(*asked.place, now=now))
        if found is not None or monotonic() < self._rests_until:
            return found
        engine = asked.desk.journaling.engine
        look = _Look(lambda: find_repeat(engine, *asked.place, now=now))
        found = await _within(SECONDS_FOR_A_LOOK, self._of_database, look)
        if not look.has_answered:
            self._rests_until = monotonic() + SECONDS_OF_REST
        return found

    async def _by_database(self, asked: _Asked) -> Response:
        engine = asked.desk.journaling.engine
        found = await asked_of_journal(claim, engine, *asked.place, request=asked.digest, at=asked.desk.now())
        if found is not None:
            return self._replayed(found, asked)
        try:
            response = await asked.operation.answer(asked.desk, asked.request)
        except Exception:
            await _tried(release, engine, *asked.place)
            raise
        if response.status_code < 300:
            answer = None if asked.operation.is_secret else {"body": orjson.loads(response.body or b"null")}
            await _tried(settle, engine, *asked.place, status=response.status_code, answer=answer)
        else:
            await _tried(release, engine, *asked.place)
        self._expire(asked)
        return self._remembered(response, asked)

    def _remembered(self, response: Response, asked: _Asked) -> Response:
        if response.status_code < 300:
            self._of_late.keep(asked.place, GivenAnswer(asked.digest, response.status_code, bytes(response.body)))
        return response

    def _replayed(self, found: Repeat, asked: _Asked) -> Response:
        _check_same(found.request, asked)
        if found.status is None:
            age = (asked.desk.now() - found.at).total_seconds()
            raise _under_way() if age < SECONDS_UNDER_WAY else _lost()
        if found.answer is None:
            raise _not_kept()
        body = b"" if found.status == 204 else orjson.dumps(found.answer["body"])
        return _replay(GivenAnswer(found.request, found.status, body), asked)

    def _expire(self, asked: _Asked) -> None:
        """Now and then what is too old is forgotten, on the thread that may wait for the database."""
        if monotonic() < self._expires_at or monotonic() < self._rests_until:
            return
        self._expires_at = monotonic() + SECONDS_BETWEEN_EXPIRIES
        engine, now = asked.desk.journaling.engine, asked.desk.now()
        self._of_database.submit(expire, engine, now=now)


class _Look:
    """A call that remembers whether it came to an end."""

    def __init__(self, call: Callable[[], Repeat | None]) -> None:
        self._call = call
        self.has_answered = False

    def __call__(self) -> Repeat | None:
        found = self._call()
        self.has_answered = True
        return found


async def _within(seconds: float, thread: ThreadPoolExecutor, call: Callable[[], Found | None]) -> Found | None:
    """What `call` returns on `thread`, or None where it fails or takes longer: the caller goes on without."""
    future = asyncio.get_running_loop().run_in_executor(thread, call)
    done, _ = await asyncio.wait({future}, timeout=seconds)
    if not done:
        future.add_done_callback(lambda late: late.cancelled() or late.exception())
        log.warning("repeats_not_looked_up", extra={"fields": {"error": "too slow"}})
        return None
    try:
        return future.result()
    except Exception as error:
        # Whatever it is, a ticket is answered all the same.
        log.warning("repeats_not_looked_up", extra={"fields": {"error": type(error).__name__}})
        return None


async def _tried(call: Callable[..., None], *given: Any, **named: Any) -> None:
    """The answer leaves all the same: where the journal cannot be told, the claim stays and says that it is unknown."""
    try:
        await asyncio.to_thread(call, *given, **named)
    except JournalError as error:
        log.warning("repeat_not_kept", extra={"fields": {"error": type(error).__name__}})


def _name_of(request: Request) -> str:
    keys = [value for name, value in request.scope["headers"] if name == NAME]
    key = keys[0]
    if len(keys) > 1 or not 1 <= len(key) <= LONGEST_KEY or not all(0x20 <= byte <= 0x7E for byte in key):
        errors = (FieldError("Idempotency-Key", f"must be one text of 1 to {LONGEST_KEY} printable ASCII characters"),)
        raise ProblemError(400, "invalid-header", "1 header cannot be used.", errors)
    # Whoever asks with another API key cannot mean the same request, whatever they call it.
    return _hashed((caller_of(request).key_id or "").encode(), key)


async def _digest_of(request: Request) -> str:
    scope = request.scope
    body: bytes = scope.get(BODY, b"")
    parts = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], body)
    return await asyncio.to_thread(_hashed, *parts) if len(body) > LARGEST_INLINE else _hashed(*parts)


def _hashed(*parts: bytes) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _replay(given: GivenAnswer, asked: _Asked) -> Response:
    _check_same(given.digest, asked)
    media_type = asked.operation.media_type if given.body else None
    return Response(given.body, given.status, REPLAYED, media_type)


def _check_same(digest: str, asked: _Asked) -> None:
    if digest != asked.digest:
        raise ProblemError(
            409, "conflict", "This Idempotency-Key was used for another request; send another key with this one."
        )


def _under_way() -> ProblemError:
    detail = "The first request with this Idempotency-Key is still under way; ask again."
    return ProblemError(409, "conflict", detail, headers={"Retry-After": "1"})


def _lost() -> ProblemError:
    detail = (
        "The first request with this Idempotency-Key was lost on the way, done or not; look, then send another key."
    )
    return ProblemError(409, "conflict", detail)


def _not_kept() -> ProblemError:
    detail = "The first request with this Idempotency-Key was answered, and its answer is not kept; it is not repeated."
    return ProblemError(409, "conflict", detail)
