"""What few or strange rows cannot tell, in words."""

from collections import Counter

import numpy as np

from desk.heads import Head
from training.evidence.doubts import doubts_of
from training.evidence.held_out import HeldOut


def held_out(codes: list[int], head: Head = "queue") -> HeldOut:
    labels = ("false", "true") if head == "escalation" else ("a", "b", "c")
    return HeldOut(head, labels, np.array(codes), np.full((len(codes), len(labels)), 1 / len(labels)))


def test_fifty_rows_of_labels_that_were_taught_leave_no_doubt() -> None:
    assert doubts_of(held_out([0, 1] * 25), Counter(a=3, b=1)) == ()


def test_fewer_rows_are_said_to_be_too_few() -> None:
    assert doubts_of(held_out([0] * 49), None) == (
        "queue was judged on 49 tickets: too few to say how good it is; 50 say a little",
    )
    assert len(doubts_of(held_out([0] * 49, "escalation"), Counter(false=9))) == 1


def test_labels_that_nothing_had_taught_are_counted_where_they_are_many() -> None:
    rows = held_out([0] * 54 + [2, 2, 2, -1, -1, -1])
    assert doubts_of(rows, Counter(a=9, c=1)) == ()
    (said,) = doubts_of(held_out([0] * 53 + [2, 2, 2, 2, -1, -1, -1]), Counter(a=9))
    assert said.startswith("queue: 7 of the 60 tickets that judged have a label that no other had taught")
