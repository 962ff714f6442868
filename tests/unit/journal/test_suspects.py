"""Labels that are probably wrong: the worst first, with their tickets, decided once, erased with the person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from journal.erasures import Person, bury
from journal.forgetting import customer_ids, erase_suspects, ticket_ids_of
from journal.label_decisions import (
    count_decided,
    decide,
    decisions,
    last_decisions,
    let_go_with,
    stands_as,
    take_back,
)
from journal.retention import Expired, expire_all
from journal.settings import put_setting
from journal.spoken import new_statements
from journal.suspects import SuspectLabel, count_open, find_suspect, open_suspects, put_suspects
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECRET = b"a secret of the tests"
SHOWN = {"subject": "vpn <down>\0", "body": "It times out. 🙈", "channel": "email"}


def suspect(
    ticket: str, quality: float = 0.1, likely: str = "Access", head: str = "queue", given: str = "Orders"
) -> SuspectLabel:
    return SuspectLabel(head, ticket, given, likely, 0.02, 0.97, quality, words=f"words of {ticket}", shown=SHOWN)


def put(engine: Engine, *found: SuspectLabel, at: datetime = NOW, tenant: str = "default") -> None:
    put_suspects(engine, "1", found, tenant, at=at, secret=lambda: SECRET)


def listed(engine: Engine) -> list[str]:
    return [one.ticket_id for one in open_suspects(engine, most=9)]


def test_the_worst_come_first_and_a_training_takes_the_place_of_the_last(engine: Engine) -> None:
    put(engine, suspect("a", 0.3), suspect("b", 0.1), suspect("b", 0.2, head="priority"))
    assert open_suspects(engine, most=2) == [suspect("b", 0.1), suspect("b", 0.2, head="priority")]
    assert open_suspects(engine, most=2, skip=2) == [suspect("a", 0.3)]
    put(engine, suspect("c"))
    assert open_suspects(engine, most=9) == [suspect("c")]
    assert find_suspect(engine, "queue", "c") == suspect("c")
    assert find_suspect(engine, "queue", "a") is None


def test_a_decision_is_kept_with_what_it_was_about(engine: Engine) -> None:
    put(engine, suspect("a"), suspect("b"), suspect("c"))
    assert decide(engine, "queue", "a", "Orders", who="lena", at=NOW)
    assert decide(engine, "queue", "b", "Billing", who="lena", at=NOW + timedelta(hours=1))
    stands_as(engine, "queue", "b", "p", who="lena")
    stands_as(engine, "queue", "a", "q", who="bob")
    assert not decide(engine, "queue", "a", "Access", who="bob", at=NOW), "it is too late"
    assert (listed(engine), count_open(engine), count_decided(engine)) == (["c"], 1, (1, 1))
    first, last = decisions(engine)
    assert (first.given, first.label, first.is_kept, first.words) == ("Orders", "Orders", True, "words of a")
    assert (last.given, last.label, last.prediction_id, last.decided_by) == ("Orders", "Billing", "p", "lena")
    assert last_decisions(engine, 1) == [last]


def test_what_was_decided_does_not_come_back_while_the_label_is_one_of_the_two(engine: Engine) -> None:
    put(engine, suspect("kept"), suspect("wrong"))
    decide(engine, "queue", "kept", "Orders", who="lena", at=NOW)
    decide(engine, "queue", "wrong", "Access", who="lena", at=NOW)
    put(engine, suspect("kept", likely="Billing"), suspect("wrong", given="Access", likely="Billing"))
    assert listed(engine) == []
    put(engine, suspect("kept", given="Network"), suspect("wrong", given="Network"))
    assert listed(engine) == ["kept", "wrong"], "the desk says something that nobody decided on"
    decide(engine, "queue", "wrong", "Network", who="lena", at=NOW)
    assert len(decisions(engine)) == 2


def test_a_decision_that_is_taken_back_opens_it_again(engine: Engine) -> None:
    put(engine, suspect("a"))
    decide(engine, "queue", "a", "Access", who="lena", at=NOW)
    undone = take_back(engine, "queue", "a")
    assert undone is not None
    assert (undone.label, listed(engine), decisions(engine)) == ("Access", ["a"], [])
    assert take_back(engine, "queue", "a") is None


def test_a_final_word_that_is_taken_back_takes_its_decision_with_it(engine: Engine) -> None:
    put(engine, suspect("a"), suspect("b"))
    for ticket in "ab":
        decide(engine, "queue", ticket, "Access", who="lena", at=NOW)
    stands_as(engine, "queue", "a", "p", who="lena")
    assert let_go_with(engine, "p", who="bob") == 0
    assert let_go_with(engine, "p", who="lena") == 1
    assert (listed(engine), [one.ticket_id for one in decisions(engine)]) == (["a"], ["b"])


def test_thousands_are_put_at_once_and_tenants_have_their_own(engine: Engine) -> None:
    add_tenant(engine, "other", at=NOW)
    put(engine, *(suspect(f"t{number}", number / 2_000) for number in range(1_200)))
    put(engine, suspect("x"), tenant="other")
    assert (count_open(engine), count_open(engine, "other")) == (1_200, 1)
    decide(engine, "queue", "x", "Access", who="lena", at=NOW, tenant="other")
    assert (count_decided(engine), count_decided(engine, "other")) == ((0, 0), (1, 0))


def theirs(ticket: str, hours: float = 0) -> SuspectLabel:
    return replace(suspect(ticket), customer_id="them", opened_at=NOW + timedelta(hours=hours))


def test_they_go_with_the_person_with_texts_and_decisions(engine: Engine) -> None:
    person = Person.of("them", "default", SECRET)
    put(engine, theirs("a"), theirs("b"), suspect("c"))
    decide(engine, "queue", "b", "Access", who="lena", at=NOW)
    put(engine, theirs("a"), suspect("c"))
    assert customer_ids(engine, person) == ["them"]
    assert ticket_ids_of(engine, "default", ["them"]) == {"a", "b"}
    for dry_run in (True, False):
        assert erase_suspects(engine, "default", {"a", "b"}, NOW, dry_run=dry_run) == 2
    assert (listed(engine), decisions(engine), customer_ids(engine, person)) == (["c"], [], [])


def test_a_training_that_ends_after_a_person_was_erased_brings_none_of_theirs_back(engine: Engine) -> None:
    bury(engine, Person.of("them", "default", SECRET), who="a test", at=NOW)
    put(engine, theirs("before", -1), theirs("since", 1), replace(theirs("when"), opened_at=None), suspect("others"))
    assert sorted(listed(engine)) == ["others", "since"]
    assert erase_suspects(engine, "default", {"since", "others"}, NOW - timedelta(days=1)) == 1, "its time is unknown"
    assert listed(engine) == ["since"]


def test_retention_deletes_those_that_were_found_long_ago_and_no_decision(engine: Engine) -> None:
    put(engine, suspect("a"), suspect("b"))
    decide(engine, "queue", "b", "Access", who="lena", at=NOW)
    put_setting(engine, "retention_days", 10, who="ann", at=NOW)
    assert expire_all(engine, NOW + timedelta(days=9)) == Expired()
    for dry_run in (True, False):
        assert expire_all(engine, NOW + timedelta(days=11), dry_run=dry_run) == Expired(suspects=2)
    assert (listed(engine), len(decisions(engine))) == ([], 1)


def test_labels_put_right_count_as_new_ones(engine: Engine) -> None:
    put(engine, suspect("a"), suspect("b"), suspect("c"))
    decide(engine, "queue", "a", "Access", who="lena", at=NOW)
    decide(engine, "queue", "b", "Orders", who="lena", at=NOW)
    decide(engine, "queue", "c", "Access", who="lena", at=NOW)
    stands_as(engine, "queue", "c", "p", who="lena")  # a verdict as well
    assert (new_statements(engine, None), new_statements(engine, NOW)) == (1, 0)
