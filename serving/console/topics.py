"""A burst of similar tickets about something unknown, as one card: which queue they belong to, or a name of their own.

A specialist says where those on the card belong; a lead makes the topic a queue (a record of the taxonomy) or a tag
(the setting `topics`) from today on, or drops it. Knows not how bursts are found.
"""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from desk.errors import SettingConflictError, SettingError
from desk.feedback import Verdict
from desk.question import Question
from desk.settings import check_setting
from desk.taxonomy import NO_CHANGES, Record
from desk.taxonomy_setting import TAXONOMY_SETTING, read_taxonomy, taxonomy_json, with_record
from desk.topics import TOPICS_SETTING, Topic, read_topics, topics_json, with_topic
from journal.predictions import RecordedPrediction, find_all
from journal.questions import pass_on, questions, settle
from journal.settings import get_setting, put_setting
from serving.console.day import Day
from serving.console.keeping import keep
from serving.console.queues import chosen_queue, known_queues
from serving.console.visit import Visit
from serving.problems import ProblemError
from serving.replying import asked_of_journal

__all__ = ["answer_belongs", "answer_decided", "answer_topic"]

EXEMPLARS: Final = 5
LONGEST_NAME: Final = 256


@dataclass(frozen=True, slots=True)
class Card:
    """A topic. tickets: how many it was found in. shown: exemplars, which an answer is about."""

    topic: str
    name: str
    words: tuple[str, ...]
    tickets: int
    shown: tuple[RecordedPrediction, ...]


async def answer_topic(visit: Visit, question: Question, day: Day, done: dict[str, Any] | None) -> Response:
    """The card of the question's topic."""
    card, queues = await asked_of_journal(_card, visit, question.topic or "")
    return _page(visit, card, queues, day=day, done=done)


async def answer_belongs(visit: Visit) -> Response:
    """`POST /console/topic`: those on the card belong to a queue, or are left to others."""
    sealed = _sealed(visit)
    if visit.form.get("act") == "pass":
        for name in sealed["ps"][:1]:
            await asked_of_journal(pass_on, visit.engine, name, visit.person, tenant=visit.tenant)
        return visit.to_console()
    card, queues = await asked_of_journal(_card, visit, sealed["t"])
    queue = chosen_queue(visit.form.get("typed", ""), queues) if visit.form.get("typed") else None
    if queue is None:
        return _page(visit, card, queues, wrong="Say which queue they belong to; choose one of the list.")
    # The card shows no suggestion.
    await keep(visit, [Verdict(name, visit.person, visit.now, queue, saw_suggestion=False) for name in sealed["ps"]])
    return visit.to_console()


async def answer_decided(visit: Visit) -> Response:
    """`POST /console/topic/decision`: a lead's word on the topic."""
    sealed, act = _sealed(visit), visit.form.get("act", "")
    name, description = visit.form.get("name", "")[:LONGEST_NAME], visit.form.get("description", "")
    try:
        if act == "queue":
            await asked_of_journal(_add_queue, visit, name, description)
            said = [Verdict(one, visit.person, visit.now, name, saw_suggestion=False) for one in sealed["ps"]]
            await keep(visit, said)
        elif act == "tag":
            await asked_of_journal(_add_tag, visit, name, tuple(sealed["ps"]))
        elif act != "drop":
            raise ProblemError(400, "invalid-body", "Say what the topic is to become.")
    except (SettingError, SettingConflictError) as error:
        card, queues = await asked_of_journal(_card, visit, sealed["t"])
        return _page(visit, card, queues, wrong=_words(error), name=name, description=description)
    await asked_of_journal(_settle_all, visit, sealed["t"])
    return visit.to_console()


def _page(
    visit: Visit,
    card: Card,
    queues: tuple[str, ...],
    *,
    day: Day | None = None,
    done: dict[str, Any] | None = None,
    wrong: str | None = None,
    name: str | None = None,
    description: str = "",
) -> Response:
    sealed = {"t": card.topic, "ps": [one.prediction_id for one in card.shown], "w": visit.person}
    return visit.page(
        "topic.html",
        200 if wrong is None else 422,
        card=card,
        name=card.name if name is None else name,
        description=description,
        queues=queues,
        seal=visit.seal.sign("topic", sealed),
        day=day,
        done=done,
        wrong=wrong,
        more=visit.more,
    )


def _sealed(visit: Visit) -> dict[str, Any]:
    sealed = visit.seal.read("topic", visit.form.get("seal", ""))
    if sealed is None or sealed["w"] != visit.person:
        raise ProblemError(400, "invalid-body", "This form is of another page. Open the console and try again.")
    return sealed


def _card(visit: Visit, topic: str) -> tuple[Card, tuple[str, ...]]:
    found = questions(visit.engine, visit.tenant, topic=topic)
    if not found:
        raise ProblemError(404, "not-found", "This topic was settled meanwhile.")
    told: dict[str, Any] = {}
    for one in reversed([reason for question in found for reason in question.reasons]):
        if one.get("reason") == "topic":
            told = dict(one)
    there = find_all(visit.engine, [one.prediction_id for one in found[:EXEMPLARS]], visit.tenant)
    words = told.get("words")
    card = Card(
        topic,
        str(told.get("name") or ""),
        tuple(str(one) for one in words) if isinstance(words, list) else (),
        told["tickets"] if isinstance(told.get("tickets"), int) else len(found),
        tuple(there[one.prediction_id] for one in found[:EXEMPLARS] if one.prediction_id in there),
    )
    return card, tuple(known_queues(visit.desk))


def _add_queue(visit: Visit, name: str, description: str) -> None:
    """A queue more, from now on. Raises `SettingError` where there is one of this name, or no description."""
    if not name:
        raise SettingError("A queue needs a name.", expected="needs a name")
    if name.casefold() in (one.casefold() for one in known_queues(visit.desk)):
        raise SettingError("There is such a queue.", expected="is a queue already: say that they belong to it")
    held = get_setting(visit.engine, TAXONOMY_SETTING, visit.tenant)
    before = NO_CHANGES if held is None else read_taxonomy(held.value)
    record = Record(visit.now, "added", (), (name,), {name: description})
    value = taxonomy_json(with_record(before, record))
    check_setting(TAXONOMY_SETTING, value)
    _put(visit, TAXONOMY_SETTING, value, 0 if held is None else held.revision)


def _add_tag(visit: Visit, name: str, exemplars: tuple[str, ...]) -> None:
    """A tag more, from now on. Raises `SettingError` where there is one of this name."""
    held = get_setting(visit.engine, TOPICS_SETTING, visit.tenant)
    before = () if held is None else read_topics(held.value)
    value = topics_json(with_topic(before, Topic(name, visit.now, exemplars)))
    check_setting(TOPICS_SETTING, value)
    _put(visit, TOPICS_SETTING, value, 0 if held is None else held.revision)


def _put(visit: Visit, setting: str, value: Any, seen: int) -> None:
    put_setting(visit.engine, setting, value, who=visit.who, at=visit.now, expected=seen, tenant=visit.tenant)


def _settle_all(visit: Visit, topic: str) -> None:
    names = [one.prediction_id for one in questions(visit.engine, visit.tenant, topic=topic)]
    settle(visit.engine, names, visit.person, at=visit.now, tenant=visit.tenant)


def _words(error: Exception) -> str:
    if isinstance(error, SettingError):
        return f"This name or description cannot be used: it {error.expected}."
    return "Somebody changed the desk's queues in the same moment. Look again."
