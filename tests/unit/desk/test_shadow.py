"""Who scores in shadow, and on which tickets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from desk.errors import SettingError
from desk.holdback import is_held_back
from desk.shadow import SHARE, ShadowPolicy, is_in_shadow, read_shadow


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_ticket_is_always_decided_alike_and_a_greater_share_lets_none_go(
    ticket_id: str, share: float, other: float
) -> None:
    least, most = sorted((share, other))
    assert is_in_shadow(ticket_id, least) == is_in_shadow(ticket_id, least)
    assert is_in_shadow(ticket_id, least) <= is_in_shadow(ticket_id, most)
    assert not is_in_shadow(ticket_id, 0)
    assert is_in_shadow(ticket_id, 1)


@pytest.mark.parametrize("pattern", ["{}", "INC{:07d}"])
@pytest.mark.parametrize("share", [SHARE, 0.5])
def test_the_share_is_what_is_asked_for_also_among_those_held_back(pattern: str, share: float) -> None:
    names = [pattern.format(number) for number in range(20_000)]
    for some in (names, [name for name in names if is_held_back(name, 0.5)]):
        scored = sum(is_in_shadow(name, share) for name in some)
        # One chance in a million of failing, were it chance at all.
        assert binomtest(scored, len(some), share).pvalue > 1e-6


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        (None, None),
        ({"version": "5"}, ShadowPolicy("5", 0.1)),
        ({"version": "5", "share": 0}, ShadowPolicy("5", 0.0)),
        ({"version": "12", "share": 1}, ShadowPolicy("12", 1.0)),
    ],
)
def test_what_the_setting_means(value: Any, policy: ShadowPolicy | None) -> None:
    assert read_shadow(value) == policy
    if policy is not None:
        assert read_shadow(policy.to_json()) == policy


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("5", ""),
        ([], ""),
        ({}, "version"),
        ({"version": 5}, "version"),
        ({"version": "../1"}, "version"),
        ({"version": "5", "share": 1.1}, "share"),
        ({"version": "5", "share": True}, "share"),
        ({"version": "5", "share": float("nan")}, "share"),
        ({"version": "5", "rate": 1}, "rate"),
    ],
)
def test_what_it_cannot_mean(value: Any, field: str) -> None:
    with pytest.raises(SettingError) as caught:
        read_shadow(value)
    assert caught.value.field == field
