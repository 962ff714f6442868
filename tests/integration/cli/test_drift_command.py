"""`pointsman drift`: a quiet day, a day that is not, and what scripts can tell them apart by."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from journal.database import connect, writing
from journal.environment import Environment
from journal.predictions import prediction_of, record
from models.storage import load_version
from serving.holding import Champion
from serving.triage import Question, answered

if TYPE_CHECKING:
    from training.histories.history import History

Pointsman = Callable[..., Any]


def answer(home: Environment, history: "History", count: int, **changes: str) -> None:
    """What a service would have journaled within the last hours."""
    champion, at = Champion(load_version(home.versions / "1")), datetime.now(UTC) - timedelta(hours=10)
    rows = []
    for number, row in enumerate(history.rows[-count:]):
        _, made = answered(champion, replace(row.ticket, **changes), Question(), at + timedelta(seconds=number))  # type: ignore[arg-type]
        rows.append(prediction_of(orjson.dumps({**made, "tenant": "default"})))
    engine = connect(home.database_url)
    with writing(engine) as connection:
        record(connection, rows)
    engine.dispose()


def test_before_there_is_a_version_there_is_nothing_to_watch(pointsman: Pointsman) -> None:
    said = pointsman("drift")
    assert said.code == 2
    assert "pointsman train" in said.err


def test_a_quiet_day_ends_with_nought(pointsman: Pointsman, home_copy: Environment, sample_history: "History") -> None:
    answer(home_copy, sample_history, 300)
    said = pointsman("drift", "--json", home=home_copy)
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["quiet"]
    assert (found["version"], found["tickets"], found["reasons"]) == ("1", 300, [])


def test_a_day_that_is_not_ends_with_three_and_says_why(
    pointsman: Pointsman, home_copy: Environment, sample_history: "History"
) -> None:
    answer(home_copy, sample_history, 300, channel="carrier pigeon")
    said = pointsman("drift", home=home_copy)
    assert said.code == 3, said.err
    assert said.out.splitlines()[-1].startswith("Not quiet: version 1, 300 tickets against 600: channel: ")
    assert "Queues as answered" in said.out
    assert "Queue: right" in said.out
