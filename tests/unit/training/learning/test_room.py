"""How far a label without rows may come forward, in hand-made scores."""

import numpy as np
import pytest

from models.heads import Blend, Members, add_up
from training.learning.room import make_room

CHANCE = np.random.default_rng(6)


def plain(columns: int) -> Blend:
    return Blend(0.0, 1.0, 0.0, 2.0, 1.0, np.zeros(columns))


def rows(count: int = 2_000, lead: float = 3.0) -> tuple[Members, np.ndarray]:
    """Two labels told apart by a good deal, and a third that lies some way behind either."""
    codes = np.arange(count) % 2
    said = CHANCE.normal(size=(count, 3)) * 0.4
    said[np.arange(count), codes] += 6
    said[:, 2] += 6 - lead
    return Members(np.zeros((count, 3)), said), codes


def taken(how: Blend, members: Members) -> float:
    return float((add_up(how, members, risk=False).argmax(axis=1) == 2).mean())


def test_a_new_label_comes_as_near_as_one_right_answer_in_500_allows() -> None:
    members, codes = rows()
    how = make_room(plain(3), members, codes, np.array([2]))
    assert taken(plain(3), members) == 0
    assert taken(how, members) == pytest.approx(0.002, abs=0.001)
    assert how.bias[:2].tolist() == [0, 0]


def test_however_far_it_lies_behind_it_comes_no_farther_than_all_tickets_can_bear() -> None:
    members, codes = rows(lead=20.0)
    assert make_room(plain(3), members, codes, np.array([2])).bias.tolist() == [0, 0, 4]


def test_one_that_is_answered_too_often_already_is_not_held_back() -> None:
    members, codes = rows(lead=0.2)
    assert make_room(plain(3), members, codes, np.array([2])).bias[2] == 0


def test_several_share_what_they_may_take() -> None:
    members, codes = rows()
    assert members.meaning is not None
    twice = Members(np.zeros((len(codes), 4)), np.column_stack((members.meaning, members.meaning[:, 2])))
    both = make_room(plain(4), twice, codes, np.array([2, 3]))
    one = make_room(plain(3), members, codes, np.array([2]))
    assert both.bias[2] == both.bias[3]
    assert both.bias[2] <= one.bias[2]


@pytest.mark.parametrize("count", [0, 1])
def test_without_rows_or_without_new_labels_nothing_moves(count: int) -> None:
    members, codes = rows(count)
    wrong = 1 - codes
    assert make_room(plain(3), members, wrong, np.array([2])).bias.tolist() == [0, 0, 0]
    assert make_room(plain(3), members, codes, np.empty(0, np.int64)).bias.tolist() == [0, 0, 0]
