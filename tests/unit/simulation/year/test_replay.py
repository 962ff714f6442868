"""A short year lived through with a version that was trained before, and a loop that promotes a copy of it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from desk.votes import person_of
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.outcomes import outcomes
from journal.predictions import count
from journal.promotions import champion, promote
from journal.verdicts import verdicts
from simulation.year.changes import NEW_QUEUE, NEW_QUEUE_IS_FOR, RENAMED
from simulation.year.habits import Habits
from simulation.year.loop import Loop
from simulation.year.replay import replay
from simulation.year.results import read_results
from simulation.year.settings import SampleYear
from training.progress import Progress, Unwatched

YEAR = SampleYear(
    weeks=5,
    tickets_a_week=60,
    history_weeks=1,
    begins=datetime(2026, 11, 30, tzinfo=UTC),  # after version 1 was trained
    launch=2,
    new_queue=3,
    rename=4,
    hostile=(5, 5),
)


@dataclass
class Done:
    outcome: str
    version: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass
class StandIn:
    """Promotes a copy at the end of week 2, refuses one at the end of week 4; remembers what it was told."""

    told: list[tuple[str, ...]] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)

    def retrain(
        self,
        environment: Environment,
        engine: Engine,
        *,
        at: datetime,
        who: str,
        progress: Progress,  # noqa: ARG002 - asked as any loop is
        due: bool,
    ) -> Done | None:
        if not due:
            return None
        self.asked.append(at)
        name = str(len(self.asked) + 1)
        shutil.copytree(environment.versions / "1", environment.versions / name, dirs_exist_ok=True)
        if name != "2":
            return Done("refused", name, ("no better",))
        promote(engine, name, who=who, why="a copy", at=at)
        return Done("promoted", name, ("a copy",))

    def rename(self, *told: Any) -> None:
        _, _, old, new, at = told
        self.told.append(("rename", old, new, f"{at:%F}"))

    def add_queue(self, *told: Any) -> None:
        _, _, queue, said, at = told
        self.told.append(("add", queue, said, f"{at:%F}"))

    def loop(self) -> Loop:
        return Loop("copies", self.retrain, self.rename, self.add_queue)


@dataclass
class Lived:
    environment: Environment
    engine: Engine
    stand_in: StandIn
    weeks: list[dict[str, Any]]


@pytest.fixture(scope="module")
def lived(trained_home: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """The year, lived through once."""
    home = tmp_path_factory.mktemp("year") / "home"
    shutil.copytree(trained_home.home, home)
    environment = read_environment({"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none"})
    engine, stand_in = connect(environment.database_url), StandIn()
    migrate(engine)
    yield Lived(environment, engine, stand_in, live(environment, engine, stand_in))
    engine.dispose()


def live(environment: Environment, engine: Engine, stand_in: StandIn, year: SampleYear = YEAR) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    path = replay(
        year,
        environment,
        engine,
        stand_in.loop(),
        habits=Habits(corrects=0.5, hostile_share=0.1),
        every=2,
        progress=Unwatched(),
        told=seen.append,
    )
    assert read_results(path)[1] == seen
    return seen


def without_seconds(weeks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "retrained": one["retrained"] and {**one["retrained"], "seconds": 0}} for one in weeks]


def test_a_year_is_answered_journaled_fed_back_retrained_and_judged(lived: Lived) -> None:
    weeks, stand_in, journal = lived.weeks, lived.stand_in, lived.engine
    assert [one["week"] for one in weeks] == [1, 2, 3, 4, 5]
    assert [one["version"] for one in weeks] == ["1", "1", "2", "2", "2"]
    assert [one["changes"] for one in weeks] == [[], ["drift"], ["new_queue"], ["rename"], ["hostile"]]
    assert stand_in.asked == [YEAR.end_of(2), YEAR.end_of(4)]
    assert stand_in.told == [
        ("add", NEW_QUEUE, NEW_QUEUE_IS_FOR, "2026-12-14"),
        ("rename", *RENAMED, "2026-12-21"),
    ]
    assert count(journal).predictions == 5 * 60
    reports, said = outcomes(journal), verdicts(journal)
    assert len(reports) == sum(one["fed_back"]["outcomes"] for one in weeks) > 150
    assert all(one.at <= YEAR.end_of(5) for one in reports)
    kinds = ("said_when_asked", "unasked", "hostile")
    assert 0 < len(said) <= sum(one["fed_back"][kind] for one in weeks for kind in kinds)
    assert [one["fed_back"]["hostile"] > 0 for one in weeks] == [False, False, False, False, True]
    assert any(person_of(one.who).startswith("hostile-") for one in said)


def test_copies_gain_nothing_and_a_refusal_is_judged_too(lived: Lived) -> None:
    weeks = lived.weeks
    promotion, refusal = weeks[1]["promotion"], weeks[3]["refusal"]
    assert (promotion["before"], promotion["after"]) == ("1", "2")
    assert (refusal["before"], refusal["after"]) == ("2", "3")
    assert all(one["value"] == 0 for compared in (promotion, refusal) for one in compared["gain"].values())
    assert [one["promotion"] is not None for one in weeks] == [False, True, False, False, False]
    assert weeks[3]["recovery"]["change"] == "drift"
    assert weeks[4]["recovery"]["change"] == "new_queue"
    found = champion(lived.engine)
    assert found is not None
    assert found.version == "2"


def test_an_interrupted_year_goes_on_and_ends_the_same(lived: Lived) -> None:
    journal = lived.engine
    path = lived.environment.home / "weeks.jsonl"
    heading, *lines = path.read_bytes().splitlines(keepends=True)
    rows = (count(journal), len(outcomes(journal)), len(verdicts(journal)))
    # Its last week was over in the journal, but a sudden end left half of its line.
    path.write_bytes(heading + b"".join(lines[:4]) + lines[4][:100])
    again = StandIn(asked=[YEAR.end_of(2), YEAR.end_of(4)])
    assert without_seconds(live(lived.environment, journal, again)) == without_seconds(lived.weeks)
    assert (count(journal), len(outcomes(journal)), len(verdicts(journal))) == rows
    assert again.told == []
