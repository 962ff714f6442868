from collections.abc import Sequence

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from training.histories.history import History, digest_of
from training.histories.labels import head_readiness, label_counts, rare_labels


def history(outcomes: Sequence[Outcome]) -> History:
    rows = tuple(ResolvedTicket(Ticket(str(number)), outcome) for number, outcome in enumerate(outcomes))
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


def test_one_large_label_among_crumbs_is_not_enough() -> None:
    queues = ["a"] * 60 + ["b"] * 4 + ["c"] * 4
    found = history([Outcome(queue=queue) for queue in queues])
    assert head_readiness(found)["queue"] == "only 1 label of 'queue' has 5 rows or more; two are needed"
    assert rare_labels(found) == {"queue": {"b": 4, "c": 4}, "priority": {}}
    assert list(label_counts(found, "queue").items()) == [("a", 60), ("b", 4), ("c", 4)]


def test_five_rows_are_read_and_every_head_says_what_it_lacks() -> None:
    found = head_readiness(history([Outcome(queue="a", sla_breached=True)] * 5))
    assert found["queue"] == "5 rows say 'queue'; 50 are needed"
    assert found["breach"] == "5 rows say 'sla_breached'; 50 are needed"
