"""What differs between two answers is named by its path, and a row says what its answer rested on."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import ReplayError
from desk.modes import Cuts
from serving.basis import Basis, basis_json, read_basis
from serving.holding import Champion
from serving.replaying import differences_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("was", "now", "paths"),
    [
        (
            {"queue": {"top": [{"p": 0.5}, {"p": 0.3}]}},
            {"queue": {"top": [{"p": 0.5}, {"p": 0.4}]}},
            ["queue.top[1].p"],
        ),
        ({"tags": []}, {"tags": ["x"]}, ["tags[0]"]),
        ({"a": 1, "b": 2}, {"b": 2, "c": 3}, ["a", "c"]),
        ({"p": 0.1 + 0.2}, {"p": 0.3}, ["p"]),
        ({"p": 0.0}, {"p": -0.0}, ["p"]),
        ({"p": 1}, {"p": 1.0}, ["p"]),
        ({"p": 1}, {"p": True}, ["p"]),
        ({"p": None}, {}, ["p"]),
        ({"p": {}}, {"p": []}, ["p"]),
        ({"p": [1, 2]}, {"p": [1, 2]}, []),
    ],
)
def test_each_difference_is_named(was: Any, now: Any, paths: list[str]) -> None:
    assert list(differences_of(was, now)) == paths


@given(json_values, json_values)
def test_there_are_none_exactly_where_the_two_are_the_same_in_json(one: Any, other: Any) -> None:
    assert not list(differences_of(one, one))
    same = orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)
    assert (not list(differences_of(one, other))) is same


@pytest.mark.parametrize(
    "basis", [Basis(), Basis("First line", None, 3, Cuts(0.62, 0.31), frozenset({"priority", "breach"}), 0.03)]
)
def test_a_basis_comes_back_as_it_was_kept(basis: Basis) -> None:
    assert read_basis(orjson.loads(orjson.dumps(basis_json(basis)))) == basis


@pytest.mark.parametrize(
    "kept",
    [
        None,
        {},
        [],
        basis_json(Basis()) | {"cuts": [1]},
        basis_json(Basis()) | {"contracts": "3"},
        basis_json(Basis()) | {"too_little": ["sales"]},
        basis_json(Basis()) | {"default_queue": None},
    ],
)
def test_a_row_without_a_sound_basis_cannot_be_replayed(kept: Any) -> None:
    with pytest.raises(ReplayError, match="not kept"):
        read_basis(kept)


def test_a_champion_knows_its_basis_before_it_is_asked() -> None:
    made = Champion(default_queue="First line", contracts=4, priority_factors=2)
    assert read_basis(made.basis) == Basis("First line", 4, 2)
