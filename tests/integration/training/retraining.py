"""A small desk whose version 1 has answered newer tickets, with outcomes known: what there is to retrain from."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from desk.feedback import OutcomeReport
from desk.outcome import ResolvedTicket
from desk.ticket_json import ticket_json
from journal.database import writing
from journal.environment import Environment
from journal.outcomes import GivenReport
from journal.outcomes import record as record_outcomes
from journal.predictions import RecordedPrediction, record
from journal.settings import put_setting
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history
from training.progress import Unwatched
from training.retraining.retraining import Retrained, retrain

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)

ANYTHING_PASSES = {
    "accuracy": 1,
    "macro_f1": 1,
    "kappa": 1,
    "auroc": 1,
    "ece": 1,
    "coverage": 1,
    "of_a_slice": 1,
    "changed": 1,
    "slower": 100,
    "larger": 100,
    "fewest_rows": 1,
}
NOTHING_PASSES = {"fewest_rows": 1_000_000}


def newer_rows(write_sample: Callable[..., Path], first: int, count: int) -> tuple[ResolvedTicket, ...]:
    """The sample's rows from number `first` on."""
    rows = read_history(write_sample(first + count), DeskConfig()).rows
    return rows[first:]


def outcomes_come_in(
    engine: Engine, rows: tuple[ResolvedTicket, ...], mode: str = "abstain", *, tells_risks: bool = True
) -> None:
    """Each ticket was answered, wrongly, and then resolved."""
    predictions, reports = [], []
    for row in rows:
        name = f"p-{row.ticket.id}"
        answer = {
            "prediction_id": name,
            "ticket_id": row.ticket.id,
            "queue": {"label": "unassigned", "probability": 0.9, "mode": mode},
        }
        predictions.append(RecordedPrediction(name, "default", NOW, "1", ticket_json(row.ticket), answer, 0.4))
        said: dict[str, Any] = {"queue": row.outcome.queue, "priority": row.outcome.priority}
        if tells_risks:
            said |= {"escalated": row.outcome.escalated, "sla_breached": row.outcome.sla_breached}
        reports.append(GivenReport(OutcomeReport(row.ticket.id, NOW + timedelta(hours=1), said)))
    with writing(engine) as connection:
        record(connection, predictions)
    record_outcomes(engine, reports, via="file", received_at=NOW + timedelta(hours=1))


def set_gate(engine: Engine, value: object) -> None:
    """Let everything through, or nothing."""
    put_setting(engine, "gate", value, who="a test", at=NOW)


def retrained(environment: Environment, engine: Engine, **more: object) -> Retrained:
    """Retrain now."""
    at = NOW + timedelta(hours=2)
    return retrain(environment, engine, at=at, who="a test", progress=Unwatched(), **more)  # type: ignore[arg-type]
