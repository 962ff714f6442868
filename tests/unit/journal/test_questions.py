"""Whose turn a question is: in order, one person at a time, and back again when they are away."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from threading import Thread

from sqlalchemy import Engine

from desk.question import Question
from journal.database import writing
from journal.forgetting import erase_rows
from journal.predictions import RecordedPrediction
from journal.predictions import record as record_predictions
from journal.questions import (
    Worth,
    find_questions,
    give_back,
    pass_on,
    prepare,
    questions,
    reopen,
    settle,
    take,
    take_next,
    waiting,
    worth_of,
)
from journal.retention import expire_all
from journal.settings import put_setting
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
A_WHILE = timedelta(minutes=10)


def name(number: int) -> str:
    return f"{number:032x}"


def question(number: int, queue: str = "Billing", topic: str | None = None) -> Question:
    return Question(name(number), f"t{number}", queue, 1 / (number + 1), ({"reason": "margin", "gap": 0.1},), topic)


def written(engine: Engine, numbers: Iterable[int], tenant: str = "default", days: float = 0) -> None:
    at = NOW - timedelta(days=days)
    rows = [
        RecordedPrediction(
            name(number), tenant, at, "1", {"id": f"t{number}", "customer": {"id": f"c{number}"}}, {"said": number}, 0.4
        )
        for number in numbers
    ]
    with writing(engine) as connection:
        record_predictions(connection, rows)


def asked(engine: Engine, who: str, at: datetime = NOW, queues: Iterable[str] | None = None) -> str | None:
    found = take_next(engine, who, at=at, lasting=A_WHILE, queues=None if queues is None else list(queues))
    return None if found is None else found.question.ticket_id


def test_questions_come_in_order_and_each_to_one_person(engine: Engine) -> None:
    written(engine, range(3))
    assert prepare(engine, [question(2), question(0), question(1)], at=NOW) == 3
    assert questions(engine) == [question(2), question(0), question(1)]
    assert [asked(engine, who) for who in ("ann", "bob", "eve", "ann", "dan")] == ["t2", "t0", "t1", "t2", None]
    assert (waiting(engine, at=NOW).questions, waiting(engine, at=NOW).held) == (3, 3)


def test_who_is_away_loses_the_turn_and_who_asks_again_keeps_it(engine: Engine) -> None:
    written(engine, range(2))
    prepare(engine, [question(0), question(1)], at=NOW)
    assert asked(engine, "ann") == "t0"
    assert asked(engine, "ann", NOW + timedelta(minutes=9)) == "t0"
    assert asked(engine, "bob", NOW + timedelta(minutes=18)) == "t1"
    assert asked(engine, "eve", NOW + timedelta(minutes=20)) == "t0"


def test_given_back_it_is_anybodys(engine: Engine) -> None:
    written(engine, range(1))
    prepare(engine, [question(0)], at=NOW)
    assert asked(engine, "ann") == "t0"
    give_back(engine, name(0), "bob")
    assert asked(engine, "bob") is None
    give_back(engine, name(0), "ann")
    assert asked(engine, "bob") == "t0"


def test_who_passes_it_on_is_not_asked_again_even_when_it_is_prepared_anew(engine: Engine) -> None:
    written(engine, range(2))
    prepare(engine, [question(0), question(1)], at=NOW)
    assert asked(engine, "ann") == "t0"
    pass_on(engine, name(0), "ann")
    assert asked(engine, "ann") == "t1"
    assert asked(engine, "bob") == "t0"
    give_back(engine, name(0), "bob")
    prepare(engine, [question(0)], at=NOW)
    assert asked(engine, "ann") == "t1"  # held meanwhile, so it stays
    settle(engine, [name(1)], "ann", at=NOW)
    assert asked(engine, "ann") is None
    assert asked(engine, "bob") == "t0"


def test_what_was_answered_is_asked_no_more_until_it_is_taken_back(engine: Engine) -> None:
    written(engine, range(2))
    prepare(engine, [question(0)], at=NOW)
    asked(engine, "ann")
    settle(engine, [name(0), "unknown"], "ann", at=NOW)
    assert prepare(engine, [question(0), question(1)], at=NOW) == 1
    assert asked(engine, "ann") == "t1"
    reopen(engine, name(0), "bob")
    assert waiting(engine, at=NOW).questions == 1
    reopen(engine, name(0), "ann")
    assert waiting(engine, at=NOW).questions == 2


def test_what_is_prepared_anew_takes_the_place_of_what_nobody_holds(engine: Engine) -> None:
    written(engine, range(4))
    prepare(engine, [question(0), question(1), question(2)], at=NOW)
    assert asked(engine, "ann") == "t0"
    later = NOW + timedelta(minutes=1)
    assert prepare(engine, [question(3), question(3), question(1), question(9)], at=later) == 3
    assert [asked(engine, who, later) for who in ("ann", "bob", "eve", "dan")] == ["t0", "t3", "t1", None]
    assert waiting(engine, at=later).prepared_at == later


def test_a_person_may_be_asked_about_some_queues_only(engine: Engine) -> None:
    written(engine, range(2))
    prepare(engine, [question(0), question(1, "Orders")], at=NOW)
    assert asked(engine, "ann", queues=["Orders"]) == "t1"
    assert asked(engine, "bob", queues=["Orders", "Access"]) is None
    assert asked(engine, "bob", queues=["Billing"]) == "t0"


def test_questions_of_one_topic_are_found_together(engine: Engine) -> None:
    written(engine, range(3))
    prepare(engine, [question(0, topic="vpn"), question(1), question(2, topic="vpn")], at=NOW)
    assert [one.ticket_id for one in questions(engine, topic="vpn")] == ["t0", "t2"]


def test_each_tenant_asks_its_own(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    written(engine, range(1))
    written(engine, [1], tenant="other")
    assert prepare(engine, [question(0), question(1)], at=NOW) == 1
    assert prepare(engine, [question(0), question(1)], at=NOW, tenant="other") == 1
    assert [one.ticket_id for one in questions(engine, "other")] == ["t1"]


def test_a_question_goes_with_its_prediction(engine: Engine) -> None:
    written(engine, [0, 2])
    written(engine, [1], days=40)
    prepare(engine, [question(0), question(1), question(2)], at=NOW)
    erase_rows(engine, "default", ["c0"], NOW)
    put_setting(engine, "retention_days", 30, who="test", at=NOW)
    expire_all(engine, NOW)
    assert [one.ticket_id for one in questions(engine)] == ["t2"]


def test_many_ask_at_once_and_no_two_get_the_same(engine: Engine) -> None:
    written(engine, range(8))
    prepare(engine, [question(number) for number in range(8)], at=NOW)
    got: list[str | None] = []
    threads = [Thread(target=lambda who=f"p{number}": got.append(asked(engine, who))) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(str(one) for one in got) == [f"t{number}" for number in range(8)]


def test_a_topic_is_one_card_and_one_persons_turn(engine: Engine) -> None:
    written(engine, range(4))
    prepare(engine, [question(0, topic="t"), question(1), question(2, topic="t"), question(3, topic="u")], at=NOW)
    assert [asked(engine, who) for who in ("ann", "bob", "eve", "dan")] == ["t0", "t1", "t3", None]
    assert waiting(engine, at=NOW).held == 4
    settle(engine, [name(0)], "ann", at=NOW)
    assert asked(engine, "ann") == "t2"
    give_back(engine, name(2), "ann")
    assert asked(engine, "dan") == "t2"


def test_a_card_is_passed_on_and_given_back_as_a_whole(engine: Engine) -> None:
    written(engine, range(3))
    prepare(engine, [question(0, topic="t"), question(1, topic="t"), question(2)], at=NOW)
    assert asked(engine, "ann") == "t0"
    pass_on(engine, name(0), "ann")
    assert asked(engine, "ann") == "t2"
    assert asked(engine, "bob") == "t0"
    give_back(engine, name(0), "bob")
    assert waiting(engine, at=NOW).held == 1


def test_one_question_is_taken_where_nobody_else_has_it(engine: Engine) -> None:
    written(engine, range(3))
    prepare(engine, [question(0), question(1)], at=NOW)
    assert asked(engine, "ann") == "t0"
    tried = (("bob", 1, True), ("ann", 1, False), ("bob", 0, False), ("ann", 0, True), ("ann", 2, False))
    for who, number, is_theirs in tried:
        assert (take(engine, name(number), who, at=NOW, lasting=A_WHILE) is not None) == is_theirs
    assert take(engine, name(0), "eve", at=NOW + timedelta(minutes=11), lasting=A_WHILE) is not None


def test_questions_are_found_by_their_predictions_while_they_wait(engine: Engine) -> None:
    written(engine, range(3))
    prepare(engine, [question(0), question(1)], at=NOW)
    settle(engine, [name(0)], "ann", at=NOW)
    assert find_questions(engine, [name(0), name(1), name(2)]) == {name(1): question(1)}


def test_the_worth_of_the_list_is_told_in_its_order(engine: Engine) -> None:
    written(engine, range(4))
    prepare(engine, [question(one) for one in range(4)], at=NOW)
    assert worth_of(engine, since=NOW) == Worth(0, 0.0, (1.0, 1 / 2, 1 / 3, 1 / 4))
    settle(engine, [name(1)], "ann", at=NOW - timedelta(days=1))
    settle(engine, [name(0), name(2)], "ann", at=NOW)
    assert worth_of(engine, since=NOW) == Worth(2, 1 + 1 / 3, (1 / 4,))
