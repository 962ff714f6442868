"""What runs may show of texts: read strictly, written back, and done."""

from typing import Any

import pytest

from desk.errors import SettingError
from desk.run_policy import RunPolicy, Texts, read_run_policy


def test_what_was_never_set_masks_texts() -> None:
    assert read_run_policy(None) == read_run_policy({}) == RunPolicy("masked")


@pytest.mark.parametrize("texts", ["none", "masked", "whole"])
def test_a_policy_is_read_back_as_it_was_written(texts: Texts) -> None:
    assert read_run_policy(RunPolicy(texts).to_json()) == RunPolicy(texts)


@pytest.mark.parametrize(
    ("value", "field"),
    [([], ""), ("masked", ""), ({"text": "none"}, "text"), ({"texts": "some"}, "texts"), ({"texts": None}, "texts")],
)
def test_what_it_cannot_mean_is_refused_by_name(value: Any, field: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_run_policy(value)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("texts", "shown"),
    [("none", ""), ("masked", "call [number]"), ("whole", "call 030 9018201")],
)
def test_a_text_is_shown_as_the_policy_says(texts: Texts, shown: str) -> None:
    assert RunPolicy(texts).shown("call 030 9018201") == shown
