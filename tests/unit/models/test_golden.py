"""Golden rows: what a version said when it was made, for trying it elsewhere."""

import copy
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from desk.errors import DamagedVersionError
from desk.ticket import Ticket
from features.encoding import encode, read
from journal.environment import Environment
from models.golden import GOLDEN_ROWS, golden_rows, try_golden_rows
from models.storage import read_golden
from models.trees import Trees
from models.version import Version

if TYPE_CHECKING:
    from training.histories.history import History

SECRET = Ticket(id="Mrs Weber's id", subject="VPN of Mrs Weber drops", body="her password is hunter2")


@pytest.fixture
def golden(trained_home: Environment) -> list[dict[str, Any]]:
    return read_golden(trained_home.versions / "1")


def test_a_trained_version_carries_fifty_rows_and_answers_them(
    trained_version: Version, golden: list[dict[str, Any]]
) -> None:
    assert len(golden) == GOLDEN_ROWS
    assert try_golden_rows(trained_version, golden) == GOLDEN_ROWS


def test_rows_survive_json_to_the_bit(trained_version: Version, sample_history: "History") -> None:
    encoded = [encode(trained_version.encoder, read(row.ticket)) for row in sample_history.rows[:5]]
    again = json.loads(json.dumps(golden_rows(trained_version, encoded)))
    for row, one in zip(again, encoded, strict=True):
        assert np.array(row["weights"], np.float32).tobytes() == one.weights.tobytes()
        numbers = [np.nan if number is None else number for number in row["numbers"]]
        assert np.array(numbers).tobytes() == one.numbers.tobytes()
    assert try_golden_rows(trained_version, again) == 5


def test_rows_hold_no_words_of_a_ticket(trained_version: Version) -> None:
    written = json.dumps(golden_rows(trained_version, [encode(trained_version.encoder, read(SECRET))]))
    assert not any(word in written for word in ("Weber", "weber", "VPN", "vpn", "hunter2", "password"))


@pytest.mark.parametrize("head", ["queue", "priority", "escalation", "breach"])
def test_an_answer_that_differs_in_one_head_is_noticed(
    trained_version: Version, golden: list[dict[str, Any]], head: str
) -> None:
    golden = copy.deepcopy(golden)
    golden[-1]["answers"][head][0] += 0.001
    with pytest.raises(DamagedVersionError, match=rf"The {head} head answers golden row 49 otherwise"):
        try_golden_rows(trained_version, golden)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_an_answer_of_nan_is_none_even_where_nan_was_recorded(
    trained_version: Version, golden: list[dict[str, Any]]
) -> None:
    linear = dataclasses.replace(trained_version.linear, intercepts=np.full(10, np.nan))
    broken = dataclasses.replace(trained_version, linear=linear)
    recorded = golden_rows(broken, [encode(broken.encoder, read(SECRET))])
    with pytest.raises(DamagedVersionError):
        try_golden_rows(broken, recorded)
    with pytest.raises(DamagedVersionError):
        try_golden_rows(broken, golden)


def test_trees_that_load_and_predict_something_else_are_noticed(
    trained_version: Version, golden: list[dict[str, Any]]
) -> None:
    head = trained_version.heads["escalation"]
    text = head.trees.booster.model_to_string(num_iteration=5)
    fewer = dataclasses.replace(head, trees=Trees(text))
    version = dataclasses.replace(trained_version, heads={**trained_version.heads, "escalation": fewer})
    with pytest.raises(DamagedVersionError, match="The escalation head"):
        try_golden_rows(version, golden)


def test_no_rows_try_nothing(trained_version: Version) -> None:
    assert try_golden_rows(trained_version, []) == 0
