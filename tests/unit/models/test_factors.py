"""Learned factors: percentiles worked by hand, tags, what answers where nothing was learned, and the files."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.errors import DamagedVersionError
from desk.ticket import Ticket
from features.encoding import Encoded
from models.factors import EXPERTISE, HIGH_COMPLEXITY, STEPS, TAUGHT, Factors, read_factors, signs_of, write_factors
from models.shelf import Shelf

SCALE = tuple(float(step) for step in range(STEPS))
"""A score of 37 lies at the 37th percentile."""

TICKET = Ticket(id="1", subject="the export fails", language="en")
TRACED = replace(TICKET, body="Traceback (most recent call last):\n  ValueError")


def encoded(*weights: float) -> Encoded:
    return Encoded(
        places=np.arange(len(weights)),
        weights=np.array(weights, np.float32),
        text=len(weights),
        numbers=np.empty(0),
    )


def factors(*columns: tuple[float, ...], **changes: Any) -> Factors:
    weights = np.array(columns or [(10, 20, 30, 40), (1, 1, 1, 1)], np.float32)
    made = Factors(weights, dict.fromkeys(TAUGHT, SCALE), {"complexity": 80.0, "expertise": 90.0}, ("high", "low"))
    return replace(made, **changes)


def test_a_factor_is_the_place_of_its_score_among_the_percentiles() -> None:
    signs = signs_of(TICKET, factors(), encoded(1, 0.5))
    assert (signs.urgency, signs.sentiment, signs.complexity) == (10.5, 20.5, 30.5)
    assert (signs.tags, signs.priorities) == ((), ("high", "low"))


def test_scores_beyond_the_scale_are_cut_at_nought_and_a_hundred() -> None:
    assert signs_of(TICKET, factors(), encoded(-1, 0)).urgency == 0
    assert signs_of(TICKET, factors(), encoded(1000, 0)).urgency == 100


def test_between_two_percentiles_a_score_lies_in_proportion_and_equal_ones_count_as_passed() -> None:
    scale = (*([0.0] * 51), *(4.0 * step for step in range(1, 51)))
    made = factors(scales=dict.fromkeys(TAUGHT, scale))
    assert signs_of(TICKET, made, encoded(0.1, 0)).urgency == pytest.approx(50 + 1 / 4)
    assert signs_of(TICKET, made, encoded(0.0)).urgency == 50


@pytest.mark.parametrize(
    ("weight", "tags"), [(2.0, ()), (2.4, (EXPERTISE,)), (2.7, (HIGH_COMPLEXITY, EXPERTISE)), (0.1, ())]
)
def test_a_tag_is_set_from_its_cut(weight: float, tags: tuple[str, ...]) -> None:
    assert signs_of(TRACED, factors(), encoded(weight, 0)).tags == tags


def test_what_was_not_learned_is_read_off_the_text() -> None:
    scales = {"urgency": SCALE, "expertise": SCALE}
    made = factors((10, 40), scales=scales, cuts={"expertise": 90.0})
    signs = signs_of(TRACED, made, encoded(1))
    own = signs_of(TRACED)
    assert signs.urgency == 10
    assert (signs.complexity, signs.sentiment) == (own.complexity, own.sentiment)
    assert (signs.tags, own.tags) == ((HIGH_COMPLEXITY,), (HIGH_COMPLEXITY, EXPERTISE))


def test_a_ticket_of_which_nothing_is_known_is_read_by_its_own_signs() -> None:
    assert signs_of(TICKET, factors(), encoded()) == replace(signs_of(TICKET), priorities=("high", "low"))


def test_a_ticket_without_text_has_no_signs_but_its_urgency_field() -> None:
    bare = signs_of(Ticket(id="1", attributes={"Urgency": "High"}))
    assert (bare.urgency, bare.complexity, bare.sentiment, bare.tags) == (75, None, None, ())


def test_urgency_is_the_mean_of_field_and_text() -> None:
    assert signs_of(replace(TICKET, attributes={"urgency": "low"})).urgency == (25 + 45) / 2


def test_sentiment_of_what_is_not_english_is_absent() -> None:
    assert signs_of(replace(TICKET, language="de", subject="Das ist furchtbar")).sentiment is None
    assert signs_of(Ticket(id="1", subject="Das ist eine furchtbare Katastrophe für uns alle")).sentiment is None


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_factors(tmp_path, factors(), 2)
    found = read_factors(shelf(tmp_path), 2)
    assert np.array_equal(found.weights, factors().weights)
    assert (found.scales, found.cuts) == (factors().scales, factors().cuts)
    assert found.priorities == ("high", "low")


def test_nothing_learned_is_written_and_read_too(tmp_path: Path) -> None:
    write_factors(tmp_path, None, 2)
    found = read_factors(shelf(tmp_path), 2)
    assert signs_of(TRACED, found, encoded(1, 1)) == signs_of(TRACED)


@pytest.mark.parametrize(
    "damage",
    [
        {"scales": {"mood": SCALE}},
        {"scales": {"urgency": [1.0, 2.0]}},
        {"scales": dict.fromkeys(TAUGHT, SCALE[::-1])},
        {"scales": dict.fromkeys(TAUGHT, (*SCALE[:-1], float("nan")))},
        {"scales": {"urgency": SCALE}},
        {"cuts": {}},
        {"cuts": {"complexity": float("inf"), "expertise": 1.0}},
        {"cuts": {"complexity": 1.0, "expertise": 1.0, "urgency": 1.0}},
        {"priorities": []},
    ],
)
def test_content_that_is_no_factors_is_refused(tmp_path: Path, damage: dict[str, Any]) -> None:
    write_factors(tmp_path, factors(), 2)
    rest = json.loads((tmp_path / "factors.json").read_text())
    (tmp_path / "factors.json").write_text(json.dumps({**rest, **damage}))
    with pytest.raises(DamagedVersionError):
        read_factors(shelf(tmp_path), 2)


def test_weights_for_another_encoder_are_refused(tmp_path: Path) -> None:
    write_factors(tmp_path, factors(), 2)
    with pytest.raises(DamagedVersionError, match=r"factors\.weights"):
        read_factors(shelf(tmp_path), 3)


def shelf(folder: Path) -> Shelf:
    return Shelf(folder, {path.name: "" for path in folder.iterdir()})
