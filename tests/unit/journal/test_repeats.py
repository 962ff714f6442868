"""What was answered under a name, in the database: claimed, settled, taken back, forgotten after a day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from journal import repeats
from journal.database import writing
from journal.predictions import RecordedPrediction, record
from journal.repeats import Repeat, claim, expire, find_repeat, record_repeats, release, settle
from journal.tables import predictions

NOW = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)
NAME = "a" * 32


def row(number: int, repeat: dict[str, Any] | None = None, at: datetime = NOW) -> RecordedPrediction:
    answer = {"prediction_id": f"p{number}", "queue": {"probability": 0.1 + 0.2}, "journaled": True}
    return RecordedPrediction(f"p{number}", "default", at, "1", {"id": str(number)}, answer, 1.0, repeat=repeat)


def named(request: str = "first", **more: Any) -> dict[str, Any]:
    return {"name": NAME, "request": request, "status": 200, "batch": False, **more}


def write(engine: Engine, *rows: RecordedPrediction) -> None:
    with writing(engine) as connection:
        record(connection, rows)
        record_repeats(connection, rows)


def test_what_was_claimed_is_under_way_until_it_is_settled(engine: Engine) -> None:
    assert claim(engine, "default", NAME, request="r", at=NOW) is None
    assert claim(engine, "default", NAME, request="r", at=NOW) == Repeat("r", None, None, NOW)
    answer = {"body": {"number": 1, "é": [0.1, None]}}
    settle(engine, "default", NAME, status=200, answer=answer)
    assert find_repeat(engine, "default", NAME, now=NOW) == Repeat("r", 200, answer, NOW)
    assert claim(engine, "default", NAME, request="s", at=NOW) == Repeat("r", 200, answer, NOW)


def test_a_claim_that_came_to_nothing_is_taken_back_and_an_answer_is_not(engine: Engine) -> None:
    assert claim(engine, "default", NAME, request="r", at=NOW) is None
    release(engine, "default", NAME)
    assert find_repeat(engine, "default", NAME, now=NOW) is None
    assert claim(engine, "default", NAME, request="r", at=NOW) is None
    settle(engine, "default", NAME, status=201, answer=None)
    release(engine, "default", NAME)
    assert find_repeat(engine, "default", NAME, now=NOW) == Repeat("r", 201, None, NOW)


def test_a_claim_that_is_taken_back_while_one_looks_is_free(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert claim(engine, "default", NAME, request="r", at=NOW) is None
    looks = []

    def look(*given: Any, **named: Any) -> Repeat | None:
        looks.append(given)
        release(engine, "default", NAME)
        return find_repeat(*given, **named)

    monkeypatch.setattr(repeats, "find_repeat", look)
    assert claim(engine, "default", NAME, request="s", at=NOW) is None
    assert len(looks) == 1
    assert find_repeat(engine, "default", NAME, now=NOW) == Repeat("s", None, None, NOW)


def test_of_many_who_claim_at_once_one_has_it(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as callers:
        found = list(callers.map(lambda request: claim(engine, "default", NAME, request=request, at=NOW), "abcd"))
    assert found.count(None) == 1
    assert len({one.request for one in found if one is not None}) == 1


def test_tenants_have_names_of_their_own(engine: Engine) -> None:
    assert claim(engine, "default", NAME, request="r", at=NOW) is None
    assert claim(engine, "acme", NAME, request="s", at=NOW) is None
    assert find_repeat(engine, "other", NAME, now=NOW) is None


def test_after_a_day_a_name_is_free_again(engine: Engine) -> None:
    later = NOW + timedelta(hours=24, seconds=1)
    assert claim(engine, "default", NAME, request="r", at=NOW) is None
    assert find_repeat(engine, "default", NAME, now=NOW + timedelta(hours=24)) is not None
    assert find_repeat(engine, "default", NAME, now=later) is None
    assert claim(engine, "default", NAME, request="s", at=later) is None
    assert expire(engine, now=later) == 0
    assert expire(engine, now=later + timedelta(days=2)) == 1


def test_a_prediction_can_be_asked_for_again(engine: Engine) -> None:
    write(engine, row(1, named()), row(2))
    assert find_repeat(engine, "default", NAME, now=NOW) == Repeat("first", 200, {"body": row(1).answer}, NOW)


def test_a_batch_is_found_whole_in_its_order(engine: Engine) -> None:
    ids = [f"p{number}" for number in range(700)]
    rows = [row(number) for number in range(700)]
    write(engine, *reversed(rows[:-1]), row(699, named(batch=True, predictions=ids)))
    found = find_repeat(engine, "default", NAME, now=NOW)
    assert found is not None
    assert found.answer == {"body": {"answers": [one.answer for one in rows]}}


def test_the_first_of_a_name_stays_and_one_of_yesterday_goes(engine: Engine) -> None:
    write(engine, row(1, named("first")))
    write(engine, row(2, named("second")))
    found = find_repeat(engine, "default", NAME, now=NOW)
    assert found is not None
    assert found.request == "first"
    tomorrow = NOW + timedelta(hours=25)
    write(engine, row(3, named("third"), at=tomorrow))
    assert find_repeat(engine, "default", NAME, now=tomorrow) == Repeat("third", 200, {"body": row(3).answer}, tomorrow)


def test_an_answer_whose_prediction_was_erased_is_not_kept(engine: Engine) -> None:
    write(engine, row(1, named()))
    with writing(engine) as connection:
        connection.execute(predictions.delete())
    assert find_repeat(engine, "default", NAME, now=NOW) == Repeat("first", 200, None, NOW)
