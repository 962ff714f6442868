from collections.abc import Sequence

import pytest

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from training.histories.history import History, digest_of
from training.histories.labels import head_readiness, label_counts, rare_labels


def history(outcomes: Sequence[Outcome], subject: str = "printer jams") -> History:
    rows = tuple(ResolvedTicket(Ticket(str(n), subject=subject), outcome) for n, outcome in enumerate(outcomes))
    return History(rows, digest_of(rows), {}, (), "", ())


def test_a_head_needs_fifty_rows_and_two_labels_of_five() -> None:
    queues = ["a"] * 45 + ["b"] * 5
    priorities = ["P1"] * 49
    found = head_readiness(
        history(
            [Outcome(queue=q, priority=p, escalated=False) for q, p in zip(queues, [*priorities, None], strict=True)]
        )
    )
    assert found == {
        "queue": None,
        "priority": "49 rows say 'priority'; 50 are needed",
        "escalation": "every row says 'false' for 'escalated'; two different labels are needed",
        "breach": "no row says 'sla_breached'",
    }


def test_one_large_label_among_crumbs_is_enough_for_a_queue_alone() -> None:
    labels = ["a"] * 60 + ["b"] * 4 + ["c"] * 4
    found = history([Outcome(queue=label, priority=label) for label in labels])
    assert head_readiness(found)["queue"] is None
    assert head_readiness(found)["priority"] == "only 1 label of 'priority' has 5 rows or more; two are needed"
    assert rare_labels(found) == {"queue": {"b": 4, "c": 4}, "priority": {"b": 4, "c": 4}}
    assert list(label_counts(found, "queue").items()) == [("a", 60), ("b", 4), ("c", 4)]


@pytest.mark.parametrize("meanings", [True, False])
def test_a_row_a_label_teaches_a_queue_where_an_encoder_reads_them(meanings: bool) -> None:
    found = head_readiness(history([Outcome(queue=label, priority=label) for label in "abc"]), meanings=meanings)
    without = "3 rows say 'queue'; without an encoder 50 are needed (docs/encoders.md)"
    assert found["queue"] == (None if meanings else without)
    assert found["priority"] == "3 rows say 'priority'; 50 are needed"


def test_an_encoder_reads_nothing_where_there_is_no_text() -> None:
    found = head_readiness(history([Outcome(queue=label) for label in "abc"], subject=" "), meanings=True)
    assert found["queue"] == "3 rows say 'queue'; without an encoder 50 are needed (docs/encoders.md)"


def test_a_described_queue_is_a_label_too() -> None:
    found = history([Outcome(queue="a")] * 3)
    assert "or one in [queues]" in str(head_readiness(found, meanings=True)["queue"])
    assert head_readiness(found, meanings=True, described=["b"])["queue"] is None
    assert "or one in [queues]" in str(head_readiness(found, meanings=True, described=["a"])["queue"])
    assert head_readiness(history([Outcome(priority="P1")]), meanings=True, described=["a", "b"])["queue"] == (
        "no row says 'queue'"
    )


def test_five_rows_are_read_and_every_head_says_what_it_lacks() -> None:
    found = head_readiness(history([Outcome(queue="a", sla_breached=True)] * 5))
    assert found["queue"] == "5 rows say 'queue'; without an encoder 50 are needed (docs/encoders.md)"
    assert found["breach"] == "5 rows say 'sla_breached'; 50 are needed"
