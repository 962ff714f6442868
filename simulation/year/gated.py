"""The loop as a desk has it: the watch every week, retraining when it is due or the watch finds something, the gate.

Knows nothing of the year but what the desk says of its queues.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from desk.taxonomy import Record
from desk.taxonomy_setting import TAXONOMY_SETTING, taxonomy_json, with_record
from journal.decided import taxonomy_in
from journal.environment import Environment
from journal.promotions import champion
from journal.settings import put_setting
from simulation.year.loop import Loop
from training.gate.contestants import contestant
from training.progress import Progress
from training.retraining.retraining import retrain
from training.retraining.schedule import run_off_due
from training.watch.watch import watch

__all__ = ["GATED"]

_WHO = "the sample year"


@dataclass(frozen=True, slots=True)
class _Done:
    outcome: str
    version: str | None
    reasons: tuple[str, ...]


def _retrain(
    environment: Environment, engine: Engine, *, at: datetime, who: str, progress: Progress, due: bool
) -> _Done | None:
    """What `pointsman work` does: look, and make the next version where it is due or what was seen is a reason."""
    standing = champion(engine, environment.tenant)
    found: tuple[str, ...] = ()
    if standing is not None:
        found = watch(environment, engine, contestant(environment, standing.version).version, at=at).reasons
    decides = run_off_due(environment, engine, tried=None)
    if not due and not found and decides is None:
        return None
    why = f"the watch found: {'; '.join(found)}" if found else "due by the clock" if due else str(decides)
    may_learn = due or bool(found)
    done = retrain(environment, engine, at=at, who=who, why=why, may_learn=may_learn, progress=progress)
    return _Done(done.outcome, done.version, (f"because {why}", *done.reasons, *done.notes))


def _rename(environment: Environment, engine: Engine, old: str, new: str, at: datetime) -> None:
    _tell(environment, engine, Record(at, "renamed", (old,), (new,)))


def _add(environment: Environment, engine: Engine, queue: str, is_for: str, at: datetime) -> None:
    _tell(environment, engine, Record(at, "added", (), (queue,), {queue: is_for}))


def _tell(environment: Environment, engine: Engine, record: Record) -> None:
    """Write the record down, once however often it is told."""
    before = taxonomy_in(engine, environment.tenant)
    if record not in before.records:
        value = taxonomy_json(with_record(before, record))
        put_setting(engine, TAXONOMY_SETTING, value, who=_WHO, at=record.at, tenant=environment.tenant)


GATED = Loop("watches every week and retrains through the gate", _retrain, _rename, _add)
