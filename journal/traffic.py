"""What was answered in the last weeks, drawn from the predictions. Knows nothing of what is made of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, func, select

from journal.database import reading
from journal.tables import DEFAULT_TENANT, predictions

__all__ = ["DAYS", "escalation_scores"]

DAYS: Final = 30

_DRAWN: Final = 10_000
"""Rows at most, about: a quantile of ten thousand lies within a point of the quantile of them all."""

_DIGITS: Final = 6


def escalation_scores(engine: Engine, version: str, at: datetime, tenant: str = DEFAULT_TENANT) -> tuple[float, ...]:
    """Probabilities of escalation that `version` gave on the 30 whole days (UTC) before the day of `at`.

    One a ticket, the last that was given, from low to high; of much traffic a draw that is the same for whoever asks
    again. Whole days, so that every process and every command of one day finds the same. Takes up to a second for a
    million rows. Raises `JournalUnavailableError`.
    """
    mine = _answered_by(version, at, tenant)
    scores: dict[str, float] = {}
    with reading(engine) as connection:
        rows = connection.scalar(select(func.count()).where(mine)) or 0
        query = select(predictions.c.ticket_digest, predictions.c.answer).where(mine, _drawn(rows))
        for digest, answer in connection.execute(query.order_by(predictions.c.at)):
            probability = _probability(answer)
            if probability is not None:
                scores[digest] = probability
    return tuple(sorted(scores.values()))


def _answered_by(version: str, at: datetime, tenant: str) -> ColumnElement[bool]:
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        (predictions.c.tenant == tenant)
        & (predictions.c.at >= today - timedelta(days=DAYS))
        & (predictions.c.at < today)
        & (predictions.c.version == version)
    )


def _drawn(rows: int) -> ColumnElement[bool]:
    """True of about `_DRAWN` of so many rows: a prediction's name ends in random digits."""
    below = min(16**_DIGITS * _DRAWN // max(rows, 1), 16**_DIGITS - 1)
    return func.substr(predictions.c.prediction_id, 33 - _DIGITS, _DIGITS) <= f"{below:0{_DIGITS}x}"


def _probability(answer: Any) -> float | None:
    """Of escalation; None where the version had no such head."""
    value = answer.get("escalation", {}).get("probability") if isinstance(answer, dict) else None
    return float(value) if isinstance(value, int | float) else None
