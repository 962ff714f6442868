"""Labels for people to look at."""

from collections.abc import Sequence

import numpy as np

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from training.evidence.held_out import HeldOut
from training.evidence.suspects import Suspect, suspects_of

LABELS = ("A", "B", "C")


def found_among(truth: Sequence[int], wrong: Sequence[int], sure: float = 0.9) -> tuple[Suspect, ...]:
    """What is found where a version knows the `truth`, and some of the labels say the next one instead."""
    given = np.array(truth)
    given[list(wrong)] = (given[list(wrong)] + 1) % len(LABELS)
    probabilities = np.full((len(truth), len(LABELS)), (1 - sure) / (len(LABELS) - 1))
    probabilities[np.arange(len(truth)), truth] = sure
    rows = [ResolvedTicket(Ticket(id=str(place)), Outcome()) for place in range(len(truth))]
    return suspects_of(rows, {"queue": (np.arange(len(truth)), HeldOut("queue", LABELS, given, probabilities))})


def test_wrong_labels_are_found_with_what_they_probably_are() -> None:
    truth = [place % 3 for place in range(300)]
    found = found_among(truth, wrong=(7, 100, 204))
    assert {one.ticket_id for one in found} == {"7", "100", "204"}
    (one,) = (one for one in found if one.ticket_id == "7")
    assert (one.given, one.likely, one.given_probability, one.likely_probability) == ("C", "B", 0.05, 0.9)
    assert one.quality < 0.2


def test_where_nothing_is_wrong_nothing_is_found() -> None:
    assert found_among([place % 3 for place in range(300)], wrong=()) == ()


def test_of_few_rows_nothing_is_said() -> None:
    assert found_among([0, 1] * 10, wrong=(3,)) == ()


def test_a_label_without_a_row_is_no_trouble() -> None:
    assert {one.ticket_id for one in found_among([0] * 150 + [2] * 150, wrong=(200,))} == {"200"}
