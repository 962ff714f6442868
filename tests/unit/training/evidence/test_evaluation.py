"""A version judged on resolved tickets: by the one scoring path, and beside baselines on the same rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from desk.demands import Demands, with_demand
from desk.heads import label_of
from desk.modes import choice_mode
from desk.outcome import Outcome, ResolvedTicket
from desk.taxonomy import NO_CHANGES, Record, Taxonomy
from models.scoring import predict
from models.terms import version_terms
from models.version import Version
from training.evidence.evaluation import evaluate
from training.histories.history import History

ORDER = ("P1", "P2", "P3", "P4")


@pytest.fixture(scope="module")
def rows(sample_history: History) -> Sequence[ResolvedTicket]:
    return sample_history.rows[-80:]


def test_figures_are_those_of_what_the_version_answers(
    trained_version: Version, sample_history: History, rows: Sequence[ResolvedTicket]
) -> None:
    ticks: list[int] = []
    found = evaluate(
        trained_version,
        rows,
        sample_history.rows,
        priority_order=ORDER,
        demands=Demands(),
        tick=lambda: ticks.append(1),
    )
    assert list(found) == list(trained_version.heads)
    assert len(ticks) == len(rows)
    said = [predict(trained_version, row.ticket) for row in rows]
    for head in ("queue", "priority"):
        right = [one.choices[head].label == label_of(row.outcome, head) for one, row in zip(said, rows, strict=True)]
        assert found[head].measures.figures()["accuracy"] == pytest.approx(np.mean(right))
    happened = np.array([row.outcome.escalated for row in rows])
    risk = np.array([one.risks["escalation"].probability for one in said])
    ahead = np.mean([(one > other) + 0.5 * (one == other) for one in risk[happened] for other in risk[~happened]])
    assert found["escalation"].measures.figures()["auroc"] == pytest.approx(ahead)
    assert "kappa" in found["priority"].measures.figures()
    assert set(found["priority"].beside) == {"majority", "linear", "score"}
    assert all(set(one.beside) >= {"majority", "linear"} for one in found.values())
    assert all(len(beside.truth) == len(one.held_out.truth) for one in found.values() for beside in one.beside.values())


def test_a_head_is_judged_on_the_rows_that_have_its_label_and_left_out_where_none_has(
    trained_version: Version, sample_history: History, rows: Sequence[ResolvedTicket]
) -> None:
    some = [replace(row, outcome=Outcome(queue=row.outcome.queue if n % 2 else None)) for n, row in enumerate(rows)]
    found = evaluate(
        trained_version, some, sample_history.rows, priority_order=(), demands=Demands(), tick=lambda: None
    )
    assert set(found) == {"queue"}
    assert len(found["queue"].held_out.truth) == len(rows) // 2


def test_a_label_that_the_version_never_saw_is_a_miss(
    trained_version: Version, sample_history: History, rows: Sequence[ResolvedTicket]
) -> None:
    renamed = [replace(row, outcome=Outcome(queue="A new queue")) for row in rows[:20]] + [rows[20]]
    found = evaluate(
        trained_version, renamed, sample_history.rows, priority_order=(), demands=Demands(), tick=lambda: None
    )["queue"]
    assert found.held_out.truth.tolist()[:20] == [-1] * 20
    assert found.measures.figures()["accuracy"] <= 1 / 21
    assert not found.learned.something


def test_what_is_said_of_contracts_is_what_answers_would_be_applied(
    trained_version: Version, sample_history: History, rows: Sequence[ResolvedTicket]
) -> None:
    demands = with_demand(Demands(), "queue", 0.85)
    found = evaluate(trained_version, rows, sample_history.rows, priority_order=(), demands=demands, tick=lambda: None)
    terms = version_terms(trained_version, demands)
    # What is novel is not applied, whatever its probability: that is no matter of contracts.
    said = [
        (row.outcome.queue, replace(predict(trained_version, row.ticket).choices["queue"], novel=False)) for row in rows
    ]
    right = [choice.label == truth for truth, choice in said if choice_mode(terms, "queue", choice).mode == "auto"]
    assert right
    assert found["queue"].measures.contract_coverage == pytest.approx(len(right) / len(rows))
    assert found["queue"].measures.contract_precision == pytest.approx(np.mean(right))
    assert found["escalation"].measures.contract_coverage is None


def test_a_version_is_judged_by_the_queues_of_today(
    trained_version: Version, sample_history: History, rows: Sequence[ResolvedTicket]
) -> None:
    def called(some: Sequence[ResolvedTicket]) -> list[ResolvedTicket]:
        names = {"Access": "Identity"}
        queues = [str(one.outcome.queue) for one in some]
        return [
            replace(one, outcome=Outcome(queue=names.get(queue, queue)))
            for one, queue in zip(some, queues, strict=True)
        ]

    taxonomy = Taxonomy((Record(datetime(2026, 12, 1, tzinfo=UTC), "renamed", ("Access",), ("Identity",)),))
    before, after = (
        evaluate(
            trained_version,
            asked,
            history,
            priority_order=(),
            demands=Demands(),
            tick=lambda: None,
            taxonomy=changes,
        )["queue"]
        for asked, history, changes in (
            (rows, sample_history.rows, NO_CHANGES),
            (called(rows), called(sample_history.rows), taxonomy),
        )
    )
    assert "Identity" in after.held_out.labels
    assert after.held_out.truth.tolist() == before.held_out.truth.tolist()
    assert after.measures.figures()["accuracy"] == before.measures.figures()["accuracy"]
    assert after.measures.contract_coverage == before.measures.contract_coverage
