"""A new version beside the champion, on the held-out rows that taught neither."""

import io
from collections.abc import Collection
from dataclasses import replace

import pytest

from desk.demands import Demands
from desk.gate_evidence import GateEvidence
from desk.gate_policy import GatePolicy
from models.version import Version
from training.evidence.comparison import Comparison, comparison_of
from training.evidence.evaluation import held_out_by
from training.evidence.held_out import HeldOut
from training.gate.on_held_out import Against, Rival, against_champion
from training.gate.pictures import differences
from training.histories.history import History
from training.progress import Unwatched

ORDER = ("P1", "P2", "P3", "P4")


@pytest.fixture(scope="module")
def comparison(trained_version: Version, sample_history: History) -> Comparison:
    asked = sample_history.rows[-120:]
    return comparison_of(
        sample_history.rows[:200],
        asked,
        scores=[0.0] * len(asked),  # type: ignore[arg-type]
        priority_order=ORDER,
        demands=Demands(),
        evidence=trained_version.evidence,
    )


def rival(version: Version | None, learned: Collection[str] = (), why_not: str = "") -> Rival:
    return Rival("1", version, learned, Demands(), GatePolicy(), why_not=why_not)


def compared(version: Version, comparison: Comparison, learned: Collection[str] = ()) -> Against:
    said = held_out_by(version, comparison.asked)
    return against_champion(rival(version, learned), comparison, said, Unwatched())


def test_a_version_is_neither_better_nor_worse_than_itself(trained_version: Version, comparison: Comparison) -> None:
    found = compared(trained_version, comparison)
    assert found.evidence is not None
    assert found.judgement is not None
    assert found.evidence.rows == {"newest": 120}
    assert {one.head for one in found.evidence.figures} == set(trained_version.heads)
    assert all(one.challenger == one.champion for one in found.evidence.figures if one.name in {"accuracy", "auroc"})
    assert found.judgement.passes


def test_rows_that_the_champion_learned_from_are_left_out(trained_version: Version, comparison: Comparison) -> None:
    learned = [row.ticket.id for row in comparison.asked[:40]]
    found = compared(trained_version, comparison, learned)
    assert found.left_out == 40
    assert found.evidence is not None
    assert found.evidence.rows == {"newest": 80}
    assert max(one.rows for one in found.evidence.figures) == 80


def test_where_hardly_a_row_is_left_nothing_is_compared(trained_version: Version, comparison: Comparison) -> None:
    learned = [row.ticket.id for row in comparison.asked[:71]]
    found = compared(trained_version, comparison, learned)
    assert found.evidence is None
    assert found.why_not == "of 120 held-out tickets it has learned from all but 49"


def test_a_champion_that_cannot_be_read_is_not_compared(comparison: Comparison) -> None:
    found = against_champion(rival(None, why_not="its files cannot be read"), comparison, {}, Unwatched())
    assert (found.champion, found.evidence, found.why_not) == ("1", None, "its files cannot be read")


def test_a_worse_version_is_refused_and_a_missing_head_is_named(
    trained_version: Version, comparison: Comparison
) -> None:
    said = held_out_by(trained_version, comparison.asked)
    worse = said["queue"].probabilities[:, ::-1].copy()
    turned: dict[str, HeldOut] = {**said, "queue": replace(said["queue"], probabilities=worse)}
    del turned["breach"]
    found = against_champion(rival(trained_version), comparison, turned, Unwatched())  # type: ignore[arg-type]
    assert found.judgement is not None
    assert not found.judgement.passes
    assert found.judgement.reasons[0] == "it has no breach head: it was not learned"
    assert any("its queue accuracy is" in reason for reason in found.judgement.reasons)


def test_the_differences_are_drawn(trained_version: Version, comparison: Comparison) -> None:
    evidence = compared(trained_version, comparison).evidence
    assert evidence is not None
    picture = differences("1", evidence)
    picture.savefig(io.BytesIO(), dpi=40)
    named = [label.get_text() for label in picture.axes[0].get_yticklabels()]
    assert {"queue: accuracy", "escalation: AUROC"} <= set(named)
    differences("1", GateEvidence({})).savefig(io.BytesIO(), dpi=40)
