"""One round: what is worth asking people about is found, put in order and left in the journal for whoever asks.

Under a lease, so that of any number of workers one does it. Knows no screen, and no clock: the time is an argument.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Engine

from desk.asking_policy import AskingPolicy
from desk.question import Question
from desk.shadow import SHADOW_SETTING, read_shadow
from desk.taxonomy import Taxonomy
from journal.decided import taxonomy_in
from journal.questions import prepare, questions, settled_topics
from journal.recent_answers import RecentAnswer, shadow_answers
from journal.settings import get_setting
from models.queue_names import labels_today, names_of
from models.version import Version
from training.asking.gathering import asking_policy, resolved_in, suggested_queue, unlabelled
from training.asking.ranking import Candidates, interleaved, ranked
from training.asking.scoring import Scored, score
from training.asking.topics import Topic, topics_in
from training.progress import Progress
from training.retraining.keeping import holding
from training.run_off.asking import run_off_questions
from training.run_off.differing import differing_since
from training.run_off.tallying import answered_in
from training.run_off.undecided import RunOff

__all__ = ["LEASE", "Prepared", "prepare_questions", "questions_of"]

LEASE: Final = "asking"

log = logging.getLogger("pointsman.asking")


@dataclass(frozen=True, slots=True)
class Prepared:
    """tickets: without a label, that were looked at. questions: that wait now. topics: bursts among them."""

    tickets: int
    questions: int
    topics: int


def prepare_questions(
    engine: Engine,
    version: Version,
    *,
    at: datetime,
    tenant: str,
    progress: Progress,
    run_off: RunOff | None = None,
) -> Prepared:
    """Find what is worth asking about at `at` by `version`, the champion, in place of what waits.

    run_off: where a challenger waits for a proof, what would tell the two apart is asked about first.
    Raises `LeaseHeldError` where somebody is at it already, `SettingError`,
    `JournalUnavailableError`.
    """
    with holding(engine, LEASE, tenant):
        policy, taxonomy = asking_policy(engine, tenant), taxonomy_in(engine, tenant).as_of(at)
        scored = _scored(engine, version, policy, taxonomy, at, tenant, progress)
        topics = _topics(engine, scored, version, tenant) if policy.most else []
        asked = questions_of(scored, topics, policy, taxonomy)
        if run_off is not None and policy.most:
            worth = 1 + max((one.worth for one in asked), default=0.0)
            asked = _first(_deciding(engine, run_off, taxonomy, worth, at, tenant, progress), asked, policy.random)
        waiting = prepare(engine, asked, at=at, tenant=tenant)
    found = Prepared(len(scored.answers), waiting, len(topics))
    fields = {"version": version.name, "tickets": found.tickets, "questions": waiting, "topics": found.topics}
    log.info("questions_prepared", extra={"fields": fields})
    return found


def _deciding(
    engine: Engine,
    run_off: RunOff,
    taxonomy: Taxonomy,
    worth: float,
    at: datetime,
    tenant: str,
    progress: Progress,
) -> list[Question]:
    progress.stage("Looking for what tells champion and challenger apart", 1)
    found = differing_since(engine, run_off, taxonomy, at=at, tenant=tenant)
    progress.step()
    answered = answered_in(engine, run_off.of.since, tenant)
    return run_off_questions(found, answered, taxonomy, challenger=run_off.of.challenger, worth=worth)


def _first(deciding: Sequence[Question], asked: Sequence[Question], random: float) -> list[Question]:
    """What decides a run-off goes before all else, but for what is drawn by chance: that keeps its share.

    What people say of the former speaks of two versions only, what they say of the latter of every one.
    """
    by_chance = [one for one in asked if one.is_for("random")]
    share = random / (1 - random) if random < 1 else len(by_chance)
    drawn = by_chance[: round(len(deciding) * share)]
    apart = {one.prediction_id for one in drawn}
    return [*interleaved(deciding, drawn), *(one for one in asked if one.prediction_id not in apart)]


def questions_of(scored: Scored, topics: Sequence[Topic], policy: AskingPolicy, taxonomy: Taxonomy) -> list[Question]:
    """The questions in order: a card of each burst, then single tickets, then the rest of the bursts.

    The first of a burst is its card; the others are with it, and are asked about last, should nobody take the card.
    """
    apart = {place for topic in topics for place in topic.places}
    alone = np.array([place for place in range(len(scored.answers)) if place not in apart], dtype=np.int64)
    asked = ranked(_taken(scored.candidates, alone), replace(policy, most=max(policy.most - len(topics), 0)))
    worth = max((one.worth for one in asked), default=0.0)
    cards = [
        _question(scored, topic.places[0], taxonomy, worth + len(topic.places), [topic.reason()], topic.id)
        for topic in topics
    ]
    single = [_question(scored, int(alone[one.place]), taxonomy, one.worth, one.reasons) for one in asked]
    rest = [_question(scored, place, taxonomy, 0.0, [], topic.id) for topic in topics for place in topic.places[1:]]
    return [*cards, *single, *rest]


def _scored(
    engine: Engine,
    version: Version,
    policy: AskingPolicy,
    taxonomy: Taxonomy,
    at: datetime,
    tenant: str,
    progress: Progress,
) -> Scored:
    known = {*labels_today(version, names_of(version, taxonomy)), *taxonomy.described()}
    found: list[RecentAnswer] = []
    if policy.most:
        found = unlabelled(engine, policy, taxonomy, known=known, resolved=resolved_in(version), at=at, tenant=tenant)
    setting = get_setting(engine, SHADOW_SETTING, tenant)
    shadow = read_shadow(None if setting is None else setting.value)
    theirs: Mapping[str, Mapping[str, Any]] = {}
    if shadow is not None:
        theirs = shadow_answers(engine, shadow.version, [one.prediction_id for one in found], tenant)
    progress.stage("Looking for what is worth asking", len(found))
    return score(version, found, taxonomy, theirs, "" if shadow is None else shadow.version, progress.step)


def _topics(engine: Engine, scored: Scored, version: Version, tenant: str) -> list[Topic]:
    """The bursts on which nobody has decided: what became a tag, or was dropped, is asked about ticket by ticket."""
    waits = {one.ticket_id: one.topic for one in questions(engine, tenant) if one.topic is not None}
    settled = settled_topics(engine, tenant)
    decided = {*settled.values()} - {*waits.values()}
    return [one for one in topics_in(scored, version.encoder.words, {**settled, **waits}) if one.id not in decided]


def _taken(candidates: Candidates, places: Any) -> Candidates:
    challenger, vectors = candidates.challenger, candidates.vectors
    return replace(
        candidates,
        ids=[candidates.ids[place] for place in places],
        probabilities=candidates.probabilities[places],
        challenger=None if challenger is None else challenger[places],
        vectors=None if vectors is None else vectors[places],
        distances=candidates.distances[places],
        copies=[candidates.copies[place] for place in places],
    )


def _question(
    scored: Scored,
    place: int,
    taxonomy: Taxonomy,
    worth: float,
    reasons: Iterable[Mapping[str, Any]],
    topic: str | None = None,
) -> Question:
    one = scored.answers[place]
    return Question(one.prediction_id, one.ticket_id, suggested_queue(one, taxonomy), worth, tuple(reasons), topic)
