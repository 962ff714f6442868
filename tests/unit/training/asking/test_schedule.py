"""When questions are prepared anew."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from desk.question import Question
from journal.database import writing
from journal.predictions import RecordedPrediction
from journal.predictions import record as record_predictions
from journal.promotions import promote
from journal.questions import prepare
from journal.settings import put_setting
from training.asking.schedule import ENOUGH, reason_to_prepare

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def answered(engine: Engine, numbers: range, at: datetime) -> None:
    rows = [RecordedPrediction(f"{n:032x}", "default", at, "1", {"id": f"t{n}"}, {}, 0.4) for n in numbers]
    with writing(engine) as connection:
        record_predictions(connection, rows)


def why(engine: Engine, minutes: float, tried: datetime | None = None) -> str | None:
    return reason_to_prepare(engine, at=NOW + minutes * MINUTE, tried=tried, tenant="default")


def test_without_a_champion_there_is_nothing_to_prepare_and_with_one_there_is(engine: Engine) -> None:
    assert why(engine, 0) is None
    promote(engine, "1", who="ann", why="first", at=NOW)
    assert why(engine, 0) == "nothing was ever prepared"
    assert why(engine, 1, tried=NOW) is None


def test_an_hour_is_reason_only_where_something_came_in(engine: Engine) -> None:
    promote(engine, "1", who="ann", why="first", at=NOW - MINUTE)
    answered(engine, range(1), NOW - MINUTE)
    prepare(engine, [Question(f"{0:032x}", "t0")], at=NOW)
    assert why(engine, 61) is None
    answered(engine, range(1, 2), NOW + 2 * MINUTE)
    assert why(engine, 59) is None
    assert why(engine, 61) == "an hour has passed"


def test_many_answers_a_promotion_and_a_setting_do_not_wait_for_the_hour(engine: Engine) -> None:
    promote(engine, "1", who="ann", why="first", at=NOW - MINUTE)
    answered(engine, range(ENOUGH), NOW + MINUTE)
    assert why(engine, 2, tried=NOW) is None
    assert why(engine, 6, tried=NOW) == f"{ENOUGH} tickets were answered since"
    put_setting(engine, "asking", {"most": 10}, who="ann", at=NOW + MINUTE)
    assert why(engine, 2, tried=NOW) == "the setting asking has changed"
    promote(engine, "2", who="ann", why="better", at=NOW + MINUTE)
    assert why(engine, 2, tried=NOW) == "version 2 answers since"
    assert why(engine, 2, tried=NOW + 2 * MINUTE) is None
