"""The setting `asking`, and who is asked by chance or without the suggestion."""

from typing import Any

import pytest

from desk.asking_policy import AskingPolicy, is_unaided, lot, read_asking
from desk.errors import SettingError


def test_what_is_not_said_is_as_it_comes() -> None:
    assert read_asking(None) == read_asking({}) == AskingPolicy()
    assert read_asking({"most": 50, "random": 1}) == AskingPolicy(most=50, random=1.0)
    assert read_asking(AskingPolicy().to_json()) == AskingPolicy()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], ""),
        ({"more": 1}, "more"),
        ({"most": -1}, "most"),
        ({"most": 2.0}, "most"),
        ({"most": True}, "most"),
        ({"window_days": 0}, "window_days"),
        ({"random": 1.1}, "random"),
        ({"random": float("nan")}, "random"),
        ({"unaided": "0.2"}, "unaided"),
    ],
)
def test_what_it_cannot_mean_is_named(value: Any, field: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_asking(value)
    assert caught.value.field == field


def test_shares_are_kept_and_a_greater_share_takes_whoever_a_smaller_one_does() -> None:
    names = [str(number) for number in range(10_000)]
    few, many = ({name for name in names if is_unaided(name, share)} for share in (0.2, 0.4))
    assert few < many
    # A binomial share of 0.2 in 10,000 lies within 0.016 of it but for one time in 10,000.
    assert len(few) / len(names) == pytest.approx(0.2, abs=0.016)
    assert sum(lot(name) < 0.1 for name in names) / len(names) == pytest.approx(0.1, abs=0.012)


def test_lots_have_nothing_to_do_with_who_is_asked_unaided_and_differ_by_seed() -> None:
    names = [str(number) for number in range(10_000)]
    drawn = [name for name in names if lot(name) < 0.1]
    assert sum(is_unaided(name, 0.2) for name in drawn) / len(drawn) == pytest.approx(0.2, abs=0.05)
    assert [lot(name, 1) for name in names[:5]] != [lot(name, 2) for name in names[:5]]
