"""The journal is asked for a version's recent scores once a day, and a journal that is away is not bothered."""

from datetime import UTC, datetime, timedelta

from desk.errors import JournalUnavailableError
from serving.traffic import RecentScores


class World:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 23, 50, tzinfo=UTC)
        self.asked: list[tuple[str, datetime]] = []
        self.is_away = False

    def ask(self, version: str, at: datetime) -> tuple[float, ...]:
        self.asked.append((version, at))
        if self.is_away:
            raise JournalUnavailableError("no connection")
        return (float(len(self.asked)),)

    def scores(self) -> RecentScores:
        return RecentScores(self.ask, lambda: self.now)


def test_it_asks_once_a_day_and_version() -> None:
    world = World()
    scores = world.scores()
    found = []
    for version, minutes in (("1", 0), ("1", 5), ("1", 15), ("2", 0), ("2", 0)):
        world.now += timedelta(minutes=minutes)
        found.append(scores(version))
    assert found == [(1.0,), (1.0,), (2.0,), (3.0,), (3.0,)]


def test_a_journal_that_is_away_is_asked_again_after_five_minutes_and_the_last_scores_stay() -> None:
    world = World()
    scores = world.scores()
    assert scores("1") == (1.0,)
    world.now += timedelta(days=1)
    world.is_away = True
    for _ in range(100):
        assert scores("1") == (1.0,)
    assert len(world.asked) == 2
    world.now += timedelta(minutes=5)
    world.is_away = False
    assert scores("1") == (3.0,)


def test_scores_of_another_version_are_never_taken_for_its_own() -> None:
    world = World()
    scores = world.scores()
    assert scores("1") == (1.0,)
    world.is_away = True
    assert scores("2") == ()


def test_a_clock_that_was_put_back_is_not_waited_for() -> None:
    world = World()
    world.is_away = True
    scores = world.scores()
    world.now += timedelta(days=4000)
    scores("1")
    world.now -= timedelta(days=4000)
    world.is_away = False
    assert scores("1") == (2.0,)
