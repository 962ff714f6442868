"""Verdicts that are kept and taken back, with what follows for the questions. Knows no pages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from desk.feedback import Verdict
from journal.label_decisions import let_go_with
from journal.predictions import RecordedPrediction
from journal.questions import find_questions, give_back, reopen, settle, take, take_next
from journal.secret import installation_secret
from journal.verdicts import GivenVerdict, KeptVerdict, record, recorded_verdicts
from serving.console.visit import Visit
from serving.problems import ProblemError
from serving.replying import asked_of_journal

__all__ = ["keep", "take_back"]

A_MOMENT: Final = timedelta(microseconds=1)


async def keep(visit: Visit, said: Sequence[Verdict]) -> None:
    """Keep verdicts, and let nobody be asked again what they answer.

    Raises `ProblemError` 404 where none could be kept, since all its customers were erased.
    """
    kept = await asked_of_journal(_kept, visit, said)
    if not any(one is not None for one, _ in kept):
        raise ProblemError(404, "not-found", "This ticket is not there any more: nothing was kept.")
    for verdict, (one, found) in zip(said, kept, strict=True):
        if one is not None and one.is_new and found is not None:
            visit.desk.metrics.count_verdict(verdict, found.answer)


def _kept(visit: Visit, said: Sequence[Verdict]) -> list[tuple[KeptVerdict | None, RecordedPrediction | None]]:
    found = {one.prediction_id: visit.desk.journaling.look_up(one.prediction_id) for one in said}
    there = [(one, prediction) for one in said if (prediction := found[one.prediction_id]) is not None]
    kept = _record(visit, [GivenVerdict(one, prediction) for one, prediction in there])
    by_verdict = {one: was for (one, _), was in zip(there, kept, strict=True)}
    settle(visit.engine, [one.prediction_id for one in said], visit.person, at=visit.now, tenant=visit.tenant)
    return [(by_verdict.get(one), found[one.prediction_id]) for one in said]


def take_back(visit: Visit, name: str) -> bool:
    """Take back the visitor's last word on a prediction: what they said before it, if anything, holds again.

    A suspect label on which that word decided is open again.

    False where there is none. Asks the journal.
    """
    told = recorded_verdicts(visit.engine, visit.tenant, prediction_id=name)
    mine = [one.verdict for one in told if one.verdict.who == visit.person]
    standing = _standing(mine)
    found = visit.desk.journaling.look_up(name)
    if not standing or found is None:
        return False
    at = max(visit.now, standing[-1].at + A_MOMENT)
    said = [Verdict(name, visit.person, at, withdraws=True)]
    if len(standing) > 1:
        said.append(replace(standing[-2], at=at + A_MOMENT))
    _record(visit, [GivenVerdict(one, found) for one in said])
    if standing[-1].is_final:
        let_go_with(visit.engine, name, who=visit.who, tenant=visit.tenant)
    _open_again(visit, name)
    return True


def _record(visit: Visit, given: Sequence[GivenVerdict]) -> list[KeptVerdict | None]:
    return record(
        visit.engine,
        given,
        via=visit.via,
        received_at=visit.now,
        secret=partial(installation_secret, visit.desk.environment),
        tenant=visit.tenant,
    )


def _standing(mine: list[Verdict]) -> list[Verdict]:
    """What was said since it was last taken back. mine: the oldest first."""
    since: datetime | None = max((one.at for one in mine if one.withdraws), default=None)
    return [one for one in mine if not one.withdraws and (since is None or one.at > since)]


def _open_again(visit: Visit, name: str) -> None:
    """Ask the visitor the question again, and give back what they hold instead."""
    hold, at = visit.policy.hold, visit.now
    reopen(visit.engine, name, visit.person, tenant=visit.tenant)
    if name not in find_questions(visit.engine, [name], visit.tenant):
        return
    held = take_next(visit.engine, visit.person, at=at, lasting=hold, tenant=visit.tenant)
    if held is not None and held.question.prediction_id != name:
        give_back(visit.engine, held.question.prediction_id, visit.person, tenant=visit.tenant)
    take(visit.engine, name, visit.person, at=at, lasting=hold, tenant=visit.tenant)
