"""`pointsman compare`: both versions on tickets that taught neither."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journal.database import connect
from journal.environment import Environment
from tests.integration.training.retraining import newer_rows, outcomes_come_in

Pointsman = Callable[..., Any]


def test_a_version_beside_itself_is_neither_better_nor_worse(
    pointsman: Pointsman, home_copy: Environment, write_sample: Callable[..., Path]
) -> None:
    engine = connect(home_copy.database_url)
    outcomes_come_in(engine, newer_rows(write_sample, 600, 200))
    engine.dispose()
    said = pointsman("compare", "1", "1", "--json", home=home_copy)
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert (found["a"], found["b"]) == ("1", "1")
    newest = [one for one in found["figures"] if one["on"] == "newest" and not one["where"]]
    assert {one["head"] for one in newest} >= {"queue", "priority"}
    assert all(one["champion"] == one["challenger"] for one in newest)
    assert found["judgement"]["passes"]  # it cannot be worse than any margin
    shown = pointsman("compare", "1", "1", home=home_copy).out
    assert "version 1 beside 1" in shown
    assert "Version 1 would take the place of 1:" in shown


@pytest.mark.parametrize("names", [("1", "7"), ("7", "1"), ("../1", "1")])
def test_a_version_that_is_not_there_is_named_in_one_line(
    names: tuple[str, str], pointsman: Pointsman, home_copy: Environment
) -> None:
    said = pointsman("compare", *names, home=home_copy)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.strip().splitlines()) == 1
