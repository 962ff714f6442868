"""Gathered histories do not pile up; what versions are still compared by stays."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from desk.errors import HistoryError
from journal.database import connect
from journal.environment import Environment
from journal.histories import History, drop_history, find_history, histories, register_history
from journal.tenants import add_tenant
from tests.integration.training.retraining import NOW
from training.gate.contestants import contestant
from training.progress import Unwatched
from training.retraining.judging import compare
from training.retraining.pruning import KEPT, prune_gathered


@pytest.fixture
def engine(home_copy: Environment) -> Iterator[Engine]:
    made = connect(home_copy.database_url)
    yield made
    made.dispose()


def keep_some(environment: Environment, engine: Engine, count: int) -> Callable[[], set[int]]:
    """Gathered histories 0 to count - 1; which of them still have a file."""
    folder = environment.home / "histories"
    for number in range(count):
        name = f"{number:064x}"
        (folder / f"{name}.parquet").write_bytes(b"rows")
        at = NOW + timedelta(days=number)
        register_history(engine, History(name, f"histories/{name}.parquet", 1, at, source="gathered"))
    return lambda: {number for number in range(count) if (folder / f"{number:064x}.parquet").exists()}


def test_the_newest_stay_and_so_does_what_was_given(home_copy: Environment, engine: Engine) -> None:
    (given,) = histories(engine)
    left = keep_some(home_copy, engine, KEPT + 3)
    assert prune_gathered(home_copy, engine) == 3
    assert left() == set(range(3, KEPT + 3))
    assert {one.digest for one in histories(engine)} == {given.digest, *(f"{number:064x}" for number in left())}
    assert (home_copy.home / given.path).exists()
    assert prune_gathered(home_copy, engine) == 0


def test_a_file_that_another_tenant_has_too_stays(home_copy: Environment, engine: Engine) -> None:
    left = keep_some(home_copy, engine, KEPT + 2)
    add_tenant(engine, "other", at=NOW)
    shared = find_history(engine, f"{0:064x}")
    assert shared is not None
    register_history(engine, shared, "other")
    assert prune_gathered(home_copy, engine) == 2
    assert 0 in left()
    assert 1 not in left()
    assert [one.digest for one in histories(engine, "other")] == [shared.digest]


def test_what_a_promoted_version_learned_from_stays(home_copy: Environment, engine: Engine) -> None:
    (given,) = histories(engine)
    drop_history(engine, given.digest)
    register_history(engine, History(given.digest, given.path, 1, NOW - timedelta(days=1), source="gathered"))
    keep_some(home_copy, engine, KEPT)
    assert prune_gathered(home_copy, engine) == 0
    assert (home_copy.home / given.path).exists()


def test_versions_of_unknown_learning_are_not_compared(home_copy: Environment, engine: Engine) -> None:
    (given,) = histories(engine)
    drop_history(engine, given.digest)
    one = contestant(home_copy, "1")
    with pytest.raises(HistoryError, match=r"^What version 1 learned from is not kept here any more, "):
        compare(home_copy, engine, one, one, at=NOW, progress=Unwatched())


def test_a_row_whose_file_is_gone_is_dropped_all_the_same(home_copy: Environment, engine: Engine) -> None:
    keep_some(home_copy, engine, KEPT + 1)
    Path(home_copy.home / "histories" / f"{0:064x}.parquet").unlink()
    assert prune_gathered(home_copy, engine) == 1
