"""All that people said of answers, with the answers it was said of: what votes are counted from.

Knows not how they are counted (`desk.votes`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, select

from desk.feedback import Verdict
from desk.past_answers import PastAnswer, past_answer
from desk.read_through import answer_today, verdict_today
from desk.taxonomy import NO_CHANGES, Taxonomy
from journal.database import snapshot
from journal.statements import AT_ONCE
from journal.tables import DEFAULT_TENANT, predictions
from journal.verdicts import verdicts

__all__ = ["Heard", "heard"]


@dataclass(frozen=True, slots=True)
class Heard:
    """answers: by prediction id, those of which anything was said and which are still kept."""

    verdicts: Sequence[Verdict]
    answers: Mapping[str, PastAnswer]


def heard(engine: Engine, tenant: str = DEFAULT_TENANT, taxonomy: Taxonomy = NO_CHANGES) -> Heard:
    """Every verdict of the tenant. taxonomy: records that have come about, through which queues are read.

    Raises `JournalUnavailableError`.
    """
    told = [verdict_today(one, taxonomy) for one in verdicts(engine, tenant)]
    names = sorted({one.prediction_id for one in told})
    answers: dict[str, PastAnswer] = {}
    with snapshot(engine) as connection:
        for start in range(0, len(names), AT_ONCE):
            query = select(predictions.c.prediction_id, predictions.c.answer, predictions.c.at).where(
                predictions.c.tenant == tenant, predictions.c.prediction_id.in_(names[start : start + AT_ONCE])
            )
            for row in connection.execute(query):
                answers[row.prediction_id] = answer_today(past_answer(row.answer, row.at), taxonomy)
    return Heard(told, answers)
