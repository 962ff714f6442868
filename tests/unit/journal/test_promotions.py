from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from desk.errors import JournalError, PromotionConflictError
from journal.promotions import Promotion, champion, newest_promotions, promote, promotions, rollback
from journal.tenants import add_tenant

START = datetime(2026, 11, 21, 10, tzinfo=UTC)


def after(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def promote_in_turn(engine: Engine, *versions: str) -> None:
    for hour, version in enumerate(versions):
        promote(engine, version, who="ann", why="better", at=after(hour))


def go_back(engine: Engine, hours: int = 10) -> str:
    return rollback(engine, who="bob", why="worse", at=after(hours)).version


def test_before_the_first_promotion_there_is_no_champion_and_no_record(engine: Engine) -> None:
    assert champion(engine) is None
    assert promotions(engine) == []


def test_the_last_promotion_is_the_champion_and_times_come_back_in_utc(engine: Engine) -> None:
    promote(engine, "1", who="ann", why="first", at=datetime.fromisoformat("2026-11-21T12:00:00+02:00"))
    assert champion(engine) == Promotion(1, "1", START, "ann", "first")
    promote(engine, "2", who="bob", why="gate passed", at=after(1))
    assert champion(engine) == Promotion(2, "2", after(1), "bob", "gate passed")


def test_each_promotion_lasts_until_the_next_begins(engine: Engine) -> None:
    promote_in_turn(engine, "1", "2", "1")
    assert [(one.version, one.since, one.until) for one in promotions(engine)] == [
        ("1", START, after(1)),
        ("2", after(1), after(2)),
        ("1", after(2), None),
    ]


def test_the_newest_promotions_come_page_by_page_as_all_of_them_do(engine: Engine) -> None:
    promote_in_turn(engine, "1", "2", "1", "3", "2")
    all_of_them = promotions(engine)[::-1]
    assert newest_promotions(engine, most=10) == all_of_them
    assert newest_promotions(engine, most=2) == all_of_them[:2]
    assert newest_promotions(engine, most=2, before=4) == all_of_them[2:4]
    assert newest_promotions(engine, most=2, before=2) == all_of_them[4:]
    assert newest_promotions(engine, most=2, before=1) == []
    assert newest_promotions(engine, most=2, before=99) == all_of_them[:2]


def test_a_clock_put_back_makes_no_gap_and_no_overlap(engine: Engine) -> None:
    promote(engine, "1", who="ann", why="first", at=after(5))
    promote(engine, "2", who="ann", why="second", at=after(3))
    assert [(one.since, one.until) for one in promotions(engine)] == [(after(5), after(5)), (after(5), None)]


def test_promoting_the_champion_again_writes_nothing(engine: Engine) -> None:
    promote_in_turn(engine, "1", "1")
    assert len(promotions(engine)) == 1


def test_a_naive_time_is_refused(engine: Engine) -> None:
    with pytest.raises(JournalError, match="zone"):
        promote(engine, "1", who="ann", why="first", at=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
    assert champion(engine) is None


@pytest.mark.parametrize(("version", "who"), [("", "ann"), ("1", " ")])
def test_a_promotion_says_what_and_who(engine: Engine, version: str, who: str) -> None:
    with pytest.raises(JournalError, match="needs a version and who"):
        promote(engine, version, who=who, why="", at=START)


def test_who_expected_another_champion_is_told_who_won(engine: Engine) -> None:
    promote(engine, "1", who="ann", why="first", at=START, expected=None)
    promote(engine, "2", who="ann", why="more tickets", at=after(1), expected="1")
    with pytest.raises(PromotionConflictError, match=r"version '1'.*'ann' promoted version '2'.*more tickets"):
        promote(engine, "3", who="bob", why="mine", at=after(2), expected="1")
    with pytest.raises(PromotionConflictError, match="no champion yet"):
        promote(engine, "3", who="bob", why="mine", at=after(2), expected=None)
    with pytest.raises(PromotionConflictError):
        rollback(engine, who="bob", why="mine", at=after(2), expected="1")
    assert [one.version for one in promotions(engine)] == ["1", "2"]


def test_of_two_who_promote_at_once_one_wins_and_the_other_is_told(engine: Engine) -> None:
    promote(engine, "1", who="ann", why="first", at=START)

    def attempt(version: str) -> str | None:
        try:
            return promote(engine, version, who="ann", why="race", at=after(1), expected="1").version
        except PromotionConflictError:
            return None

    with ThreadPoolExecutor(4) as pool:
        won = [version for version in pool.map(attempt, ["2", "3", "4", "5"]) if version is not None]
    assert len(won) == 1
    assert [one.version for one in promotions(engine)] == ["1", *won]


def test_all_who_promote_at_once_without_expecting_are_recorded_in_turn(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: promote(engine, str(n), who="ann", why="race", at=after(n)), range(1, 9)))
    record = promotions(engine)
    assert [one.number for one in record] == list(range(1, 9))
    assert {one.version for one in record} == {str(n) for n in range(1, 9)}
    assert all(one.until is None or one.until >= one.since for one in record)


def test_a_rollback_leads_to_the_version_that_answered_before(engine: Engine) -> None:
    promote_in_turn(engine, "1", "2")
    assert go_back(engine) == "1"
    assert champion(engine) == Promotion(3, "1", after(10), "bob", "worse", returns_to=1)


def test_rolling_back_again_goes_further_back_and_then_no_more(engine: Engine) -> None:
    promote_in_turn(engine, "1", "2", "3")
    assert [go_back(engine), go_back(engine)] == ["2", "1"]
    with pytest.raises(JournalError, match="version '1' was the first"):
        go_back(engine)


def test_a_promotion_after_rollbacks_goes_back_to_what_answered_just_before_it(engine: Engine) -> None:
    promote_in_turn(engine, "1", "2", "3")
    go_back(engine), go_back(engine)
    promote(engine, "4", who="ann", why="mended", at=after(11))
    assert go_back(engine) == "1"


def test_without_a_champion_there_is_nothing_to_go_back_to(engine: Engine) -> None:
    with pytest.raises(JournalError, match="there is no champion"):
        go_back(engine)


def test_tenants_have_champions_of_their_own(engine: Engine) -> None:
    add_tenant(engine, "north", at=START)
    promote(engine, "7", who="ann", why="first", at=START, tenant="north")
    assert champion(engine) is None
    assert champion(engine, "north") is not None


def test_a_tenant_that_is_not_there_cannot_be_promoted_for(engine: Engine) -> None:
    with pytest.raises(JournalError, match="no tenant 'south'"):
        promote(engine, "1", who="ann", why="first", at=START, tenant="south")
