"""Tickets to answers and their journal rows, by a version on the desk's terms, just as the service gives them.

For whoever has many tickets of the past to answer: what is journaled here looks like what was answered over HTTP. Knows
neither HTTP nor what anybody does with an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from desk.answer import DEFAULT_QUEUE, answer_of
from desk.factors import FactorPolicy
from desk.modes import Terms
from desk.taxonomy_setting import default_queue_today
from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from journal.decided import demands_in, factor_policy_in, fallbacks_in, holdback_in, taxonomy_in
from journal.environment import Environment
from journal.predictions import RecordedPrediction
from journal.settings import get_setting
from journal.traffic import escalation_scores
from models.queue_names import QueueNames, names_of
from models.registry import fetch
from models.scoring import predict
from models.storage import load_version
from models.terms import version_terms
from models.version import Version

__all__ = ["Answering", "answering_of", "name_of", "recorded"]

MILLISECOND_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Answering:
    """A version, and the terms on which it answers at one moment."""

    version: Version
    terms: Terms
    policy: FactorPolicy
    default_queue: str
    tenant: str
    names: QueueNames | None = None

    def answer(self, ticket: Ticket, prediction_id: str | None = None) -> dict[str, Any]:
        """The API's answer; under a name as if it were journaled."""
        return answer_of(
            ticket,
            predict(self.version, ticket, names=self.names),
            self.terms,
            prediction_id=prediction_id,
            journaled=prediction_id is not None,
            default_queue=self.default_queue,
            policy=self.policy,
        )


def answering_of(environment: Environment, engine: Engine, version: str, *, at: datetime) -> Answering:
    """The version of this number on the terms that hold now, its queues as they are called `at` this moment.

    It is fetched from the registry where it is not on this machine. Raises `UnknownVersionError`, `DamagedVersionError`
    and, for a setting that cannot be read, `SettingError`.
    """
    folder: Path = environment.versions / version
    if not folder.is_dir():
        fetch(environment.mlflow_uri, version, folder)
    loaded, tenant = load_version(folder), environment.tenant
    queue, taxonomy = get_setting(engine, "default_queue", tenant), taxonomy_in(engine, tenant).as_of(at)
    default = queue.value if queue is not None and isinstance(queue.value, str) else DEFAULT_QUEUE
    return Answering(
        loaded,
        version_terms(
            loaded,
            demands_in(engine, tenant),
            escalation_scores(engine, version, at, tenant),
            holdback_in(engine, tenant),
            taxonomy,
            fallbacks_in(engine, tenant),
        ),
        factor_policy_in(engine, tenant),
        default_queue_today(default, taxonomy),
        tenant,
        names_of(loaded, taxonomy),
    )


def recorded(answering: Answering, tickets: Sequence[tuple[Ticket, datetime]]) -> list[RecordedPrediction]:
    """The journal's rows of the answers to these tickets, each given at the time beside it, in their order."""
    rows = []
    for ticket, at in tickets:
        name = name_of(ticket, at, answering.tenant)
        rows.append(
            RecordedPrediction(
                prediction_id=name,
                tenant=answering.tenant,
                at=at,
                version=answering.version.name,
                ticket=ticket_json(ticket),
                answer=answering.answer(ticket, name),
                latency_ms=0.0,
            )
        )
    return rows


def name_of(ticket: Ticket, at: datetime, tenant: str) -> str:
    """The prediction id of the answer to a ticket at a time: the same whenever it is answered again.

    In the form of `journal.identifiers.prediction_id`, but with digits of a digest where that has random ones.
    """
    digest = blake2b(f"{tenant}\0{ticket.id}".encode("utf-8", "surrogatepass"), digest_size=10, person=b"backtest")
    return f"{int(at.timestamp() * 1000):0{MILLISECOND_DIGITS}x}{digest.hexdigest()}"
