"""Labels that are probably wrong: the worst first, decided once, erased with their ticket."""

from datetime import UTC, datetime

from sqlalchemy import Engine

from journal.forgetting import erase_outcomes
from journal.suspects import SuspectLabel, count_suspects, decide, find_suspect, open_suspects, put_suspects
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def suspect(ticket: str, quality: float = 0.1, likely: str = "Access", head: str = "queue") -> SuspectLabel:
    return SuspectLabel(head, ticket, "Orders", likely, 0.02, 0.97, quality)


def test_the_worst_come_first_and_a_training_takes_the_place_of_the_last(engine: Engine) -> None:
    put_suspects(engine, "1", [suspect("a", 0.3), suspect("b", 0.1), suspect("b", 0.2, head="priority")])
    assert open_suspects(engine, most=2) == [suspect("b", 0.1), suspect("b", 0.2, head="priority")]
    assert open_suspects(engine, most=2, skip=2) == [suspect("a", 0.3)]
    put_suspects(engine, "2", [suspect("c")])
    assert open_suspects(engine, most=9) == [suspect("c")]
    assert find_suspect(engine, "queue", "c") == suspect("c")
    assert find_suspect(engine, "queue", "a") is None


def test_what_was_decided_stays_so_while_the_label_says_the_same(engine: Engine) -> None:
    put_suspects(engine, "1", [suspect("a"), suspect("b"), suspect("c")])
    decide(engine, "queue", "a", "kept", who="lena", at=NOW)
    decide(engine, "queue", "b", "wrong", who="lena", at=NOW)
    decide(engine, "queue", "a", "wrong", who="bob", at=NOW)  # too late
    assert count_suspects(engine) == {"kept": 1, "wrong": 1, None: 1}
    put_suspects(engine, "2", [suspect("a"), suspect("b", likely="Billing")])
    assert (open_suspects(engine, most=9), count_suspects(engine)) == (
        [suspect("b", likely="Billing")],
        {"kept": 1, None: 1},
    )


def test_thousands_are_put_at_once_and_tenants_have_their_own(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    put_suspects(engine, "1", [suspect(f"t{number}", number / 2_000) for number in range(1_200)])
    put_suspects(engine, "1", [suspect("x")], "other")
    assert (count_suspects(engine), count_suspects(engine, "other")) == ({None: 1_200}, {None: 1})


def test_they_go_with_what_was_reported_of_their_ticket(engine: Engine) -> None:
    put_suspects(engine, "1", [suspect("a"), suspect("b")])
    assert erase_outcomes(engine, "default", ["a"], NOW) == 0
    assert open_suspects(engine, most=9) == [suspect("b")]
