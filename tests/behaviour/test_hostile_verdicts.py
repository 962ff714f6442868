"""Twenty accounts that lie: what they cost where nothing but verdicts says what became of newer tickets."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from desk.feedback import Verdict
from desk.outcome import ResolvedTicket
from journal.database import connect, migrate, writing
from journal.environment import Environment, read_environment
from journal.predictions import record
from journal.verdicts import GivenVerdict
from journal.verdicts import record as record_verdicts
from simulation.export import write_history
from simulation.sample import SampleDesk, generate
from tests.figures import note_figures
from training.backtest.answering import answering_of, recorded
from training.evidence.evaluation import held_out_by
from training.evidence.metrics import measure
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history
from training.learning.version import learn
from training.making import placed
from training.progress import Unwatched
from training.retraining.material import material
from training.training import train

FIRST, LATER = 4_000, 2_000
HOSTILE = 0.03
TARGET = "Access"
NOT_OURS = [f"stranger {number}" for number in range(20)]
OURS = [f"specialist {number}" for number in range(12)]


@pytest.fixture(scope="module")
def rows() -> Sequence[ResolvedTicket]:
    return list(generate(SampleDesk(tickets=FIRST + LATER)))


@pytest.fixture
def desk(tmp_path: Path, rows: Sequence[ResolvedTicket]) -> Iterator[tuple[Environment, Engine]]:
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path / "home"), "POINTSMAN_ENCODER": "none"})
    engine = connect(environment.database_url)
    migrate(engine)
    write_history(rows[:FIRST], tmp_path / "history.jsonl")
    history = read_history(tmp_path / "history.jsonl", DeskConfig())
    at = rows[FIRST].ticket.created_at
    assert at is not None
    train(history, DeskConfig(), environment, engine, at=at, who="a test", progress=Unwatched())
    yield environment, engine
    engine.dispose()


def figures(environment: Environment, engine: Engine, rows: Sequence[ResolvedTicket]) -> tuple[float, float]:
    """Macro-F1 of the queue and AUROC of escalation on the golden set, of what would be learned now."""
    at = rows[-1].ticket.created_at
    assert at is not None
    found = material(environment, engine, at + timedelta(days=1))
    order = found.found.history.known_priority_order
    heard = placed(found.rows, found.found.hearsay, found.found.standing)
    learned = learn(found.rows, ("queue", "escalation"), Unwatched(), priority_order=order, **heard)
    said = held_out_by(learned.version, found.found.golden)
    queue, escalation = (measure(said[head], intervals=False) for head in ("queue", "escalation"))
    assert escalation.auroc is not None
    return queue.macro_f1, escalation.auroc


@pytest.mark.long
def test_three_hostile_verdicts_in_a_hundred_cost_less_than_two_points(
    desk: tuple[Environment, Engine], rows: Sequence[ResolvedTicket]
) -> None:
    environment, engine = desk
    chance, later = Random(11), rows[FIRST:]
    asked = [(row.ticket, row.ticket.created_at) for row in later if row.ticket.created_at is not None]
    answering = answering_of(environment, engine, "1", at=asked[0][1])
    predictions = recorded(answering, asked)
    with writing(engine) as connection:
        record(connection, predictions)
    honest, hostile = [], []
    for row, prediction in zip(later, predictions, strict=True):
        at, name = prediction.at + timedelta(hours=5), prediction.prediction_id
        if chance.random() < HOSTILE:
            lie = Verdict(name, chance.choice(NOT_OURS), at, queue=TARGET, priority="P4", escalation=False)
            hostile.append(GivenVerdict(lie, prediction))
        else:
            said = row.outcome
            verdict = Verdict(
                name, chance.choice(OURS), at, queue=said.queue, priority=said.priority, escalation=said.escalated
            )
            honest.append(GivenVerdict(verdict, prediction))
    last = asked[-1][1] + timedelta(hours=6)
    record_verdicts(engine, honest, via="file", received_at=last, secret=lambda: b"")
    without = figures(environment, engine, rows)
    record_verdicts(engine, hostile, via="file", received_at=last, secret=lambda: b"")
    after = figures(environment, engine, rows)
    lost = [100 * (before - now) for before, now in zip(without, after, strict=True)]
    told = {"points_of_queue_macro_f1_lost": round(lost[0], 2), "points_of_escalation_auroc_lost": round(lost[1], 2)}
    note_figures("learning", f"{len(hostile)} of {LATER} verdicts are hostile", told)
    assert max(lost) < 2, lost
