"""One training from end to end: a history that is given becomes a registered version, and is remembered.

Brings together what the other modules do; knows no screen. Champion is the first version of a desk; any later one waits
for `promote`, or for `training.retraining` to judge it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from desk.errors import PointsmanError, PromotionConflictError
from desk.gate_policy import GATE_SETTING, read_gate_policy
from desk.taxonomy import Taxonomy
from journal.decided import demands_in, taxonomy_in
from journal.environment import Environment
from journal.promotions import champion, promote
from journal.settings import get_setting
from journal.tables import DEFAULT_TENANT
from models.registry import mirror_alias
from training.gate.contestants import contestant
from training.gate.on_held_out import Rival
from training.gathering.gathering import gathered
from training.gathering.said import said_of
from training.golden_set import golden_rule_for
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.keeping import keep
from training.histories.read_through import through
from training.histories.unerased import without_erased
from training.making import Source, make_version
from training.progress import Progress
from training.runs.record import Training
from training.taught import taught

__all__ = ["Trained", "promote_first", "train"]


@dataclass(frozen=True, slots=True)
class Trained:
    """version: its number in the registry. is_champion: whether it answers from now on. record: all that was found."""

    version: str
    run_id: str
    is_champion: bool
    record: Training


def train(
    history: History,
    config: DeskConfig,
    environment: Environment,
    engine: Engine,
    *,
    at: datetime,
    who: str,
    progress: Progress,
    allowed_leakage: Collection[str] = (),
) -> Trained:
    """Train a version from `history` and register it.

    engine: of the migrated journal. Tickets of people who were erased are left out, and so are labels that only the
    machine has set; queues are called as they are at `at`. Where a champion answers, the version is compared with it on
    held-out rows that taught neither; that promotes nobody. Raises as `training.making.make_version` does, and
    `SettingError` where the taxonomy or the gate's margins cannot be read.
    """
    history = without_erased(history, environment, engine)
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(at)
    history = through(history, taxonomy, config.columns.get("queue"))
    rule = golden_rule_for(len(history.rows))
    said = said_of(engine, environment.tenant, (row.ticket.id for row in history.rows), taxonomy)
    found = gathered(history, config, said, rule, given_at=at, adds_tickets=False)
    teaching = replace(found.history, digest=history.digest)
    rival = _rival(environment, engine, taxonomy)
    source = Source(
        teaching,
        found.golden,
        hearsay=found.hearsay,
        standing=found.standing,
        allowed_leakage=allowed_leakage,
        checked=found.given,
        awaits="nobody" if rival is None else "promotion",
        rival=rival,
    )

    def keep_first(*_: object) -> None:
        """A version never names a history that is not kept."""
        keep(engine, environment, history, config, at=at, golden=rule.to_json(), allowed_leakage=tuple(allowed_leakage))

    made = make_version(source, config, environment, engine, at=at, progress=progress, learned_first=keep_first)
    return Trained(made.version, made.run_id, promote_first(engine, environment, made.version, who, at), made.record)


def _rival(environment: Environment, engine: Engine, taxonomy: Taxonomy) -> Rival | None:
    """The champion, and what taught it; a training does not fail for a champion that cannot be read."""
    held = champion(engine, environment.tenant)
    if held is None:
        return None
    policy = get_setting(engine, GATE_SETTING, environment.tenant)
    gate = read_gate_policy(None if policy is None else policy.value)
    demands = demands_in(engine, environment.tenant)
    try:
        version = contestant(environment, held.version).version
    except PointsmanError:
        return Rival(held.version, None, (), demands, gate, taxonomy, "its files cannot be read")
    learned = frozenset(taught(environment, engine, version, taxonomy).labels)
    if not learned:
        why = "what it learned from is not on this machine any more, so no ticket is known that did not teach it"
        return Rival(held.version, None, (), demands, gate, taxonomy, why)
    return Rival(held.version, version, learned, demands, gate, taxonomy)


def promote_first(engine: Engine, environment: Environment, version: str, who: str, at: datetime) -> bool:
    """Make the version champion if there is none yet; whether it is."""
    if champion(engine, environment.tenant) is not None:
        return False
    try:
        promote(engine, version, who=who, why="the first version", at=at, expected=None, tenant=environment.tenant)
    except PromotionConflictError:
        return False
    if environment.tenant == DEFAULT_TENANT:  # whose champion the alias shows
        mirror_alias(environment.mlflow_uri, version)
    return True
