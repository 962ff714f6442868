"""Tickets to answers: scored by the champion, journaled, and never held up by a failure of ours.

Where the version fails on a ticket, the desk's default queue is the answer; where nothing durable can be written, the
answer says so. Knows no HTTP.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter
from typing import Any, Final

from desk.answer import answer_of
from desk.prediction import Extras, Prediction
from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from journal.environment import Environment
from journal.identifiers import prediction_id
from models.factors import signs_of
from models.scoring import NO_EXTRAS, predict
from models.trial import check_probabilities
from models.version import Version
from serving.champion import Champion, ChampionWatch
from serving.journaling import Journaling
from serving.metrics import Metrics
from serving.overload import Backlog
from serving.past_versions import PastVersions
from serving.shadow import Shadow

__all__ = ["Desk", "Question", "answer_by", "answered", "triage", "triage_many"]

TICKETS_IN_A_SLICE: Final = 16
"""Of a batch: between slices, batches of several callers take turns."""

log = logging.getLogger("pointsman.triage")


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a request of one tenant needs.

    `aside` is a thread for what would hold the loop up, `backlog` what waits for it; `beside` is one for what compiled
    code does meanwhile, where there is a core to spare; `now` gives aware times; `environment` says where things lie;
    `metrics` is what the process counts, `past` keeps versions that answered earlier, for replays; `shadow` has a
    challenger score some of what was answered.
    """

    watch: ChampionWatch
    journaling: Journaling
    aside: Executor
    now: Callable[[], datetime]
    environment: Environment
    metrics: Metrics = field(default_factory=Metrics)
    backlog: Backlog = field(default_factory=Backlog)
    past: PastVersions = field(default_factory=PastVersions)
    beside: Executor | None = None
    shadow: Shadow | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a ticket besides the answer, in which request, and as which repeat of one (for the journal)."""

    extras: Extras = NO_EXTRAS
    request_id: str | None = None
    repeat: dict[str, Any] | None = None


PLAIN: Final = Question()


async def triage(desk: Desk, ticket: Ticket, question: Question = PLAIN) -> dict[str, Any]:
    """The answer to one ticket, scored here and now, with the extras that were asked for.

    `journaled` says whether its row is durable.
    """
    champion = desk.watch.current
    answer, row = answered(champion, ticket, question, desk.now(), desk.beside)
    answer["journaled"] = await desk.journaling.keep(row)
    desk.metrics.count_answers((answer,), question.extras, has_version=champion.version is not None)
    if desk.shadow is not None and answer["journaled"]:
        desk.shadow.offer(row)
    return answer


async def triage_many(desk: Desk, tickets: Sequence[Ticket], question: Question = PLAIN) -> list[dict[str, Any]]:
    """The answers to many tickets, in their order and all by one version, scored in slices beside the loop.

    Raises `ProblemError` where others came before and it would take too long.
    """
    champion, of_each = desk.watch.current, replace(question, repeat=None)
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    with desk.backlog.room_for(len(tickets)) as room:
        for start in range(0, len(tickets), TICKETS_IN_A_SLICE):
            room.check()
            part = tickets[start : start + TICKETS_IN_A_SLICE]
            found += await asyncio.get_running_loop().run_in_executor(
                desk.aside, room.timed, len(part), _answers, desk, champion, part, of_each
            )
    rows = [row for _, row in found]
    if question.repeat is not None:
        # The last row is written last: where it is there, all are, and they can be answered again as a whole.
        rows[-1]["repeat"] = {**question.repeat, "predictions": [row["prediction_id"] for row in rows]}
    journaled = await asyncio.to_thread(desk.journaling.keep_all, rows)
    answers = [{**answer, "journaled": journaled} for answer, _ in found]
    for start in range(0, len(answers), TICKETS_IN_A_SLICE):
        some = answers[start : start + TICKETS_IN_A_SLICE]
        desk.metrics.count_answers(some, question.extras, has_version=champion.version is not None)
        if desk.shadow is not None and journaled:
            for row in rows[start : start + TICKETS_IN_A_SLICE]:
                desk.shadow.offer(row)
        await asyncio.sleep(0)  # a single ticket need not wait for the count of a thousand
    return answers


def _answers(
    desk: Desk, champion: Champion, tickets: Sequence[Ticket], question: Question
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [answered(champion, ticket, question, desk.now(), desk.beside) for ticket in tickets]


def answered(
    champion: Champion, ticket: Ticket, question: Question, at: datetime, beside: Executor | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answer as if it were journaled already, and the journal's row, which holds it.

    beside: as in `models.scoring.predict`.
    """
    started = perf_counter()
    answer = answer_by(champion, ticket, question.extras, prediction_id(at), beside)
    row = {
        "prediction_id": answer["prediction_id"],
        "at": at,
        "version": answer["version"],
        "ticket": ticket_json(ticket),
        "answer": dict(answer),
        "latency_ms": round((perf_counter() - started) * 1000, 3),
        "request_id": question.request_id,
        "asked": {"explain": question.extras.explain, "similar": question.extras.similar},
        "basis": champion.basis,
        "repeat": question.repeat,
    }
    return answer, row


def answer_by(
    champion: Champion, ticket: Ticket, extras: Extras, name: str, beside: Executor | None = None
) -> dict[str, Any]:
    """The champion's answer under this name, as if it were journaled already."""
    return answer_of(
        ticket,
        _prediction(champion, ticket, extras, beside),
        champion.terms,
        prediction_id=name,
        journaled=True,
        default_queue=champion.default_queue,
        policy=champion.policy,
    )


def _prediction(champion: Champion, ticket: Ticket, extras: Extras, beside: Executor | None) -> Prediction:
    if champion.version is None:
        return _without_version(ticket, extras.similar)
    prediction = _tried(champion, champion.version, ticket, extras, beside)
    if prediction is None and extras != NO_EXTRAS:
        # What was asked for besides is no reason to go without the answer itself.
        prediction = _tried(champion, champion.version, ticket, NO_EXTRAS, None)
    # A version that fails on one ticket has said nothing of it: the answer names no version.
    return _without_version(ticket, extras.similar) if prediction is None else prediction


def _tried(
    champion: Champion, version: Version, ticket: Ticket, extras: Extras, beside: Executor | None
) -> Prediction | None:
    try:
        prediction = predict(version, ticket, extras=extras, beside=beside, names=champion.names)
        check_probabilities(prediction)
    except Exception as error:
        fields = {"error": type(error).__name__, "version": version.name, "ticket_id": ticket.id}
        log.error("version_failed", exc_info=True, extra={"fields": fields})
        return None
    return prediction


def _without_version(ticket: Ticket, similar: int) -> Prediction:
    """What the ticket says by itself: its own signs, which give a priority; of similar ones none is known."""
    like = () if similar else None
    try:
        return Prediction(version=None, signs=signs_of(ticket), similar=like)
    except Exception as error:
        log.error("signs_failed", exc_info=True, extra={"fields": {"error": type(error).__name__}})
        return Prediction(version=None, similar=like)
