"""What a training sets out to do: which heads the history can teach, what the desk demands, where meanings come from.

Everything that can be known to go wrong before hours of learning is found here. Knows no screen and learns nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from desk.demands import Demands
from desk.errors import HistoryError
from desk.heads import HEADS, Head
from desk.run_policy import RunPolicy
from desk.taxonomy_setting import demands_today
from journal.decided import demands_in, run_policy_in
from journal.environment import Environment
from models.registry_client import open_client
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.labels import head_readiness
from training.histories.read_through import queues_today
from training.learning.meanings import Encoders, encoders_of

__all__ = ["Plan", "plan_of"]


@dataclass(frozen=True, slots=True)
class Plan:
    """config: the desk's, its queues described as they are called today.

    heads: to be learned, at least one. readiness: every head -> why it cannot be, None where it can.
    policy: what may be shown of texts.
    """

    config: DeskConfig
    heads: tuple[Head, ...]
    readiness: Mapping[Head, str | None]
    demands: Demands
    encoders: Encoders | None
    policy: RunPolicy


def plan_of(history: History, config: DeskConfig, environment: Environment, engine: Engine) -> Plan:
    """The plan for `history`, which has been read through the records of changed queues.

    What the desk says of queues, in its file and in those records, is put under the names of today.

    Raises `HistoryError` where no head can be taught, `SettingError` where the demands on contracts or what runs may
    show cannot be read, `RegistryError` where MLflow is away.
    """
    config = replace(config, queues=queues_today(config.queues, history.read_through))
    encoders = encoders_of(environment)
    readiness = head_readiness(history, meanings=encoders is not None, described=config.queues)
    heads = tuple(head for head in HEADS if readiness[head] is None)
    demands = demands_today(demands_in(engine, environment.tenant), history.read_through)
    if not heads:
        raise HistoryError(_nothing_to_learn(history, readiness))
    open_client(environment.mlflow_uri)
    return Plan(config, heads, readiness, demands, encoders, run_policy_in(engine, environment.tenant))


def _nothing_to_learn(history: History, readiness: Mapping[Head, str | None]) -> str:
    reasons = "; ".join(f"{head}: {reason}" for head, reason in readiness.items())
    return (
        f"{len(history.rows)} rows teach no head ({reasons}). Until they do, the service answers with the default queue"
    )
