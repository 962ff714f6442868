"""The setting that says whose word counts."""

import pytest

from desk.errors import SettingError
from desk.feedback_policy import FeedbackPolicy, read_feedback_policy


def test_what_is_not_said_is_as_it_comes() -> None:
    assert read_feedback_policy(None) == read_feedback_policy({}) == FeedbackPolicy()
    assert read_feedback_policy({"agreeing": 3}) == FeedbackPolicy(sure=0.95, agreeing=3)


def test_what_is_written_is_read_as_the_same() -> None:
    policy = FeedbackPolicy(0.9, 4, 0.5, 7)
    assert read_feedback_policy(policy.to_json()) == policy


def test_a_number_out_of_bounds_is_refused_in_words() -> None:
    with pytest.raises(SettingError, match=r"'agreeing' in 'feedback' must be a whole number from 2 to 100, not 1\."):
        read_feedback_policy({"agreeing": 1})
    with pytest.raises(SettingError, match=r"'always_allowed' .* from 1 to 1000000, not 0\."):
        read_feedback_policy({"always_allowed": 0})
    with pytest.raises(SettingError, match="but came with 'cap'; take it out"):
        read_feedback_policy({"cap": 5})
