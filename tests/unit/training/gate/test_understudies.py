"""What understudies said: put together by row, kept, and read back to the bit."""

from pathlib import Path

import numpy as np
import pytest

from desk.heads import Head
from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from training.gate.sides import Speaker
from training.gate.understudies import NOBODY, Understudies, read_understudies, write_understudies


def rows(*names: str) -> list[ResolvedTicket]:
    return [ResolvedTicket(Ticket(id=name), Outcome()) for name in names]


def says(answers: list[int], *heads: Head) -> Speaker:
    probabilities = np.full((len(answers), 2), 1 / 3)
    return Speaker(
        dict.fromkeys(heads, ("A", "B")),
        dict.fromkeys(heads, probabilities),
        dict.fromkeys(heads, np.array(answers, np.int64)),
        {},
    )


def test_each_row_has_what_was_said_of_it_by_the_one_who_had_not_seen_it() -> None:
    found = Understudies.of([(rows("1", "5"), says([0, 1], "queue")), (rows("3"), says([1], "queue"))])
    assert found.ids == ("1", "5", "3")
    assert found.said.answered("queue") == ["A", "B", "B"]
    assert found.said.take([2, 0]).answered("queue") == ["B", "A"]


def test_a_head_that_one_of_them_lacks_is_nobodys() -> None:
    found = Understudies.of([(rows("1"), says([0], "queue", "priority")), (rows("2"), says([1], "queue"))])
    assert list(found.said.labels) == ["queue"]
    assert Understudies.of([]) == NOBODY


@pytest.mark.parametrize("found", [Understudies.of([(rows("1", "ü"), says([0, 1], "queue", "priority"))]), NOBODY])
def test_they_are_read_back_to_the_bit(tmp_path: Path, found: Understudies) -> None:
    write_understudies(found, tmp_path)
    again = read_understudies(tmp_path)
    assert (again.ids, again.said.labels) == (found.ids, found.said.labels)
    for head in found.said.labels:
        assert np.array_equal(again.said.probabilities[head], found.said.probabilities[head])
        assert np.array_equal(again.said.answers[head], found.said.answers[head])


def test_one_that_is_not_there_or_damaged_is_told_from_a_good_one(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="understudies"):
        read_understudies(tmp_path)
    write_understudies(NOBODY, tmp_path)
    (tmp_path / "understudies.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="Expecting"):
        read_understudies(tmp_path)
