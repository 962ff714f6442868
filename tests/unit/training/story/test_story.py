"""The story tells what is known, the measured before the estimated, and nothing else."""

import json
from dataclasses import replace

import pytest

from tests.unit.training.story.stories import about, answered, gate, material, rows, worth
from training.story.changed import gate_story
from training.story.story import MEASURED_FROM, tell_story


def test_without_held_back_tickets_the_estimate_counts() -> None:
    story = tell_story(material())
    assert story.wrong is story.wrong_estimated
    assert story.wrong is not None
    assert not story.wrong.measured
    assert story.wrong_measured is None


def test_what_was_measured_goes_before_what_was_estimated_and_both_are_told() -> None:
    story = tell_story(material(worth={"queue": worth(right=0.95)}))
    assert story.wrong is story.wrong_measured
    assert story.wrong is not None
    assert story.queue is not None
    sent = 1000 * story.queue.routing.sent.tickets / story.queue.routing.tickets
    assert story.wrong.tickets == pytest.approx(0.05 * sent)
    assert story.wrong.between.low == pytest.approx(0.02 * sent)
    assert story.wrong_estimated is not None
    assert story.saved is story.saved_measured
    assert story.saved is not None
    assert story.saved.transfers == pytest.approx(0.4 * sent)


def test_a_handful_of_held_back_tickets_is_told_and_does_not_count_yet() -> None:
    story = tell_story(material(worth={"queue": worth(held_back=MEASURED_FROM - 1)}))
    assert story.wrong is story.wrong_estimated
    assert story.wrong_measured is not None
    assert story.saved is not None
    assert not story.saved.measured


def test_a_history_without_transfers_saves_nothing_that_is_known() -> None:
    story = tell_story(material(rows=rows(transfers=False)))
    assert (story.transfers, story.ceiling, story.saved) == (None, None, None)
    assert story.has_history


def test_minutes_make_hours() -> None:
    ten, thirty = (tell_story(material(minutes=minutes)).saved for minutes in (10.0, 30.0))
    assert ten is not None
    assert thirty is not None
    assert thirty.transfers == ten.transfers
    assert thirty.hours == pytest.approx(3 * ten.hours)


def test_a_skipped_head_is_told_with_its_reason() -> None:
    made = material(about=about(skipped={"priority": "x", "breach": "y"}, too_little=["priority"]))
    made = replace(made, evidence={"queue": made.evidence["queue"]})
    story = tell_story(made)
    assert story.skipped == {"priority": "too_few", "breach": "not_said"}
    assert "priority" not in story.heads
    assert story.escalation is None


def test_a_version_without_a_queue_head_sends_nothing() -> None:
    made = material()
    story = tell_story(replace(made, evidence={"priority": made.evidence["priority"]}))
    assert story.queue is None
    assert story.wrong is None


def test_a_history_without_times_has_no_months() -> None:
    assert tell_story(material(about=about(window=None))).a_month is None


def test_escalations_are_counted_at_the_review_capacity() -> None:
    found = tell_story(material()).escalation
    assert found is not None
    assert (found.rows, found.happened) == (600, 100)
    assert found.review.cut is None  # 80 rows of one probability are flagged together or not at all; 12 % are 72


def test_escalations_that_can_be_told_apart_are_found() -> None:
    made = material()
    told = answered((0.9, 40, 10), (0.3, 60, 490))
    found = tell_story(replace(made, evidence={**made.evidence, "escalation": {"true": told}})).escalation
    assert found is not None
    assert (found.review.recall, found.review.precision) == (0.4, 0.8)


def test_the_whole_story_is_plain_json() -> None:
    told = json.loads(json.dumps(tell_story(material(worth={"queue": worth()})).to_json(), allow_nan=False))
    assert told["wrong"]["measured"]
    assert told["heads"]["queue"]["routing"]["per_thousand"]["sent"] > 0


def test_the_gates_figures_are_told_by_direction_and_chance_is_left_out() -> None:
    found = gate_story("2", "promoted", gate())
    assert len(found.better) == 2
    assert len(found.worse) == 3
    assert "840 in 1,000 tickets instead of 800" in found.better[0]
    assert any("priority" in line for line in found.worse)  # a larger calibration error is worse
    assert found.missing == ("breach",)
