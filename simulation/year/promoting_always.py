"""A loop without a gate: export what was resolved, learn from all of it, promote whatever comes.

What a desk does that retrains by hand and trusts every label: beside it the year shows what gate, origins and votes are
worth. Answers that nobody touched count as labels here, and of verdicts nothing is asked but that they came last.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine

from desk.feedback import OutcomeReport, Verdict
from desk.outcome_reports import merged
from journal.environment import Environment
from journal.outcomes import outcomes
from journal.predictions import find_all, names
from journal.promotions import champion, promote
from journal.verdicts import verdicts
from simulation.year.changes import NEW_QUEUE, NEW_QUEUE_IS_FOR, names_in
from simulation.year.loop import Loop
from simulation.year.settings import SampleYear
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history
from training.progress import Progress
from training.training import train

__all__ = ["HISTORY_FILE", "promoting_always"]

HISTORY_FILE = "history.jsonl"
"""In the home: what version 1 learned from, in canonical columns."""

PLAIN = ("id", "created_at", "channel", "language", "region", "subject", "body", "product", "tags")


@dataclass(frozen=True, slots=True)
class _Done:
    outcome: str
    version: str | None
    reasons: tuple[str, ...]


def promoting_always(year: SampleYear) -> Loop:
    """The loop for this year. It knows of renamed and new queues because the year's plan says so."""

    def retrain(
        environment: Environment,
        engine: Engine,
        *,
        at: datetime,
        who: str,
        progress: Progress,
        due: bool,
    ) -> _Done | None:
        if not due:
            return None
        path = environment.home / "resolved.jsonl"
        count = _export(environment, engine, at, path, _names_at(year, at))
        if not count:
            return _Done("nothing_to_do", None, ("nothing was resolved since the history",))
        config = DeskConfig(queues={NEW_QUEUE: NEW_QUEUE_IS_FOR} if at > year.begin_of(year.new_queue) else {})
        trained = train(read_history(path, config), config, environment, engine, at=at, who=who, progress=progress)
        before = champion(engine, environment.tenant)
        why = f"learned from {count:,} more tickets; nobody compared it"
        promote(
            engine,
            trained.version,
            who=who,
            why=why,
            at=at,
            expected=None if before is None else before.version,
            tenant=environment.tenant,
        )
        return _Done("promoted", trained.version, (why,))

    return Loop("promotes whatever comes", retrain)


def _names_at(year: SampleYear, at: datetime) -> Mapping[str, str]:
    return names_in(year, year.rename) if at > year.begin_of(year.rename) else {}


def _export(environment: Environment, engine: Engine, at: datetime, path: Path, current: Mapping[str, str]) -> int:
    """Write the history and every resolved ticket that was answered since; how many these are."""
    count = 0
    with path.open("wb") as file, (environment.home / HISTORY_FILE).open("rb") as history:
        for line in history:
            row = orjson.loads(line)
            file.write(orjson.dumps({**row, "queue": current.get(row["queue"], row["queue"])}) + b"\n")
        for row in _resolved(engine, environment.tenant, at):
            file.write(orjson.dumps({**row, "queue": current.get(row["queue"], row["queue"])}) + b"\n")
            count += 1
    return count


def _resolved(engine: Engine, tenant: str, at: datetime) -> Iterator[dict[str, Any]]:
    reports: dict[str, list[OutcomeReport]] = defaultdict(list)
    for report in outcomes(engine, tenant):
        reports[report.ticket_id].append(report)
    said: dict[str, Verdict] = {verdict.prediction_id: verdict for verdict in verdicts(engine, tenant)}
    for name, row in find_all(engine, names(engine, at, tenant), tenant).items():
        ticket = row.ticket
        if str(ticket["id"]) in reports:
            yield _history_row(ticket, reports[str(ticket["id"])], said.get(name))


def _history_row(ticket: Mapping[str, Any], reports: list[OutcomeReport], verdict: Verdict | None) -> dict[str, Any]:
    outcome, customer = merged(reports), ticket.get("customer", {})
    row = {name: ticket.get(name) for name in PLAIN}
    return {
        **row,
        "customer_id": customer.get("id"),
        "customer_tier": customer.get("tier"),
        **ticket.get("attributes", {}),
        "queue": (verdict and verdict.queue) or outcome.queue,
        "priority": (verdict and verdict.priority) or outcome.priority,
        "escalated": outcome.escalated if verdict is None or verdict.escalation is None else verdict.escalation,
        "sla_breached": outcome.sla_breached,
        "first_response_at": outcome.first_response_at,
        "resolved_at": outcome.resolved_at,
        "reassignment_count": outcome.reassignment_count,
        "reopen_count": outcome.reopen_count,
        "satisfaction": outcome.satisfaction,
        "resolver": outcome.resolver,
        "resolution": outcome.resolution,
    }
