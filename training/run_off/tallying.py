"""What people said of tickets that two versions answer otherwise, counted head by head.

Only who was asked by lot, and answered without having seen a suggestion, is counted: nobody chooses what they speak of.
Knows neither how a count is judged nor how tickets are drawn.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine

from desk.asked_votes import Asked, said_when_asked
from desk.heads import Head
from desk.run_off import FEWEST_TOLD, Tally
from desk.taxonomy import Taxonomy
from desk.votes import Vote
from journal.questions import AnsweredQuestion, answered_questions
from training.gathering.said import said_of
from training.progress import Progress
from training.run_off.asking import REASON
from training.run_off.differing import Differing, differing_since
from training.run_off.undecided import RunOff, undecided

__all__ = ["answered_in", "tallies_of", "told_since"]


def answered_in(engine: Engine, since: datetime, tenant: str) -> dict[str, AnsweredQuestion]:
    """By prediction, the questions of a run-off that were answered since then. Raises `JournalUnavailableError`."""
    found = answered_questions(engine, since=since, tenant=tenant)
    return {name: one for name, one in found.items() if one.question.is_for(REASON)}


def told_since(engine: Engine, moment: datetime | None, tenant: str) -> int:
    """How many tickets people told of since that moment that an undecided challenger answers otherwise.

    None: since it was made. Raises `JournalUnavailableError`.
    """
    found = undecided(engine, tenant)
    if found is None:
        return 0
    return len(answered_in(engine, max(found.since, moment or found.since), tenant))


def tallies_of(
    engine: Engine, run_off: RunOff, taxonomy: Taxonomy, *, at: datetime, tenant: str, progress: Progress
) -> dict[Head, Tally]:
    """What was said until `at`, by head; a head of which too little was said is not there.

    Raises `JournalUnavailableError`, `SettingError`.
    """
    answered = answered_in(engine, run_off.of.since, tenant)
    if len(answered) < FEWEST_TOLD:
        return {}
    progress.stage("Counting what people said of tickets that the two answer otherwise", 1)
    found = differing_since(engine, run_off, taxonomy, at=at, tenant=tenant)
    names = {one.question.ticket_id for one in answered.values()}
    votes = said_of(engine, tenant, (), taxonomy, only=names).votes({})
    progress.step()
    asked = {name: one.who for name, one in answered.items()}
    tallies = {head: _tally(found, head, asked, votes) for head in found.by_head}
    return {head: one for head, one in tallies.items() if one.told >= FEWEST_TOLD}


def _tally(
    found: Differing,
    head: Head,
    asked: Asked,
    votes: Mapping[str, Sequence[Vote]],
) -> Tally:
    told = champion = challenger = 0
    for ticket, (mine, theirs) in found.by_head[head].items():
        label = said_when_asked(head, asked, votes.get(ticket, ()))
        if label is not None:
            told += 1
            champion += label == mine
            challenger += label == theirs
    return Tally(found.tickets, len(found.by_head[head]), told, champion, challenger)
