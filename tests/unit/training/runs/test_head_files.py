"""A head's files are all written, whatever its labels are called and however little there is to show."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from desk.heads import RISK_HEADS, Head
from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Customer, Ticket
from training.evidence.baselines import Design, linear, majority
from training.evidence.contracts import HeadContract
from training.evidence.held_out import HeldOut
from training.evidence.importance import Carrier, Importance, TellingWord
from training.evidence.judging import judge
from training.evidence.learning_curve import learning_curve
from training.evidence.worst_errors import worst_errors
from training.histories.history import History
from training.leakage.report import LeakageReport
from training.runs.checks import checks_of
from training.runs.head_files import write_head_files
from training.runs.head_run import head_metrics, head_page, head_parameters
from training.runs.page import first_page
from training.runs.record import Training

ODD = ("😀 Billing | $x_1$ and $", "多语言 队列", "two\nlines", "x" * 900, "-", "%s {0} \\", "<b>bold</b>", "عربي")
MANY = tuple(f"Queue number {number} with a long name that goes on" for number in range(75))
LONGEST_NOTE = 8_000


def training(head: Head, labels: tuple[str, ...], rows: int, *, one_class: bool = False) -> Training:
    """A training of one head, judged on `rows` rows that `rows` others taught."""
    chance = np.random.default_rng(len(labels))
    probabilities = chance.dirichlet(np.ones(len(labels)), rows)
    truth = np.zeros(rows, np.int64) if one_class else chance.integers(0, len(labels), rows)
    names = [labels[place] for place in truth]
    held_out = HeldOut(head, labels, truth, probabilities)
    tickets = [Ticket(id=str(row), subject=labels[0], customer=Customer(tier=labels[-1])) for row in range(rows)]
    shares = np.eye(len(labels))[truth]
    design = Design(csr_matrix(shares), csr_matrix(shares))
    beside = {"majority": majority(head, names, names), "linear": linear(head, design, names, names)}
    evidence = judge(
        held_out,
        beside,
        groups={"channel": [labels[row % len(labels)] for row in range(rows)]},
        taught=Counter(names),
        contract=None if head in RISK_HEADS else HeadContract(0.96, dict.fromkeys(labels, 0.5)),
        worst=worst_errors(held_out, [one.id for one in tickets]),
    )
    curve = learning_curve(held_out, design, names, names, beside["linear"], by_time=False)
    words = tuple(TellingWord(label, label, 9, 0.5) for label in labels)
    at = datetime(2026, 11, 21, tzinfo=UTC)
    resolved = tuple(ResolvedTicket(one, Outcome()) for one in tickets)
    return Training(
        history=History(resolved, "a1" * 32, {"id": "id"}, (), "", ()),
        leakage=LeakageReport((), ()),
        heads={head: evidence},
        split=f"a shuffle at {at}",
        commit="c0ffee",
        curves={head: curve},
        importance={head: Importance(rows, tuple(Carrier("attribute", one, 1.0) for one in labels), words)},
    )


@pytest.mark.parametrize(
    ("head", "labels", "rows", "one_class"),
    [
        ("queue", ODD, 200, False),
        ("queue", MANY, 1_200, False),
        ("queue", ODD[:2], 10, False),
        ("queue", ODD, 10, True),
        ("priority", ("P1", "P2"), 1, False),
        ("escalation", ("false", "true"), 200, False),
        ("escalation", ("false", "true"), 10, True),
        ("breach", ("false", "true"), 1, True),
    ],
)
def test_every_file_of_an_odd_head_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: Head, labels: tuple[str, ...], rows: int, one_class: bool
) -> None:
    monkeypatch.setattr("training.runs.writing.DOTS_PER_INCH", 30)
    told = training(head, labels, rows, one_class=one_class)
    write_head_files(told, head, {row.ticket.id: row.ticket for row in told.history.rows}, tmp_path)
    written = {path.name for path in tmp_path.iterdir()}
    assert not [name for name in written if name.endswith(".txt")]  # a picture that could not be drawn
    own = {"ranking.png", "scores.png"} if head in RISK_HEADS else {"confusion.png", "coverage.png", "mix_ups.csv"}
    assert written >= own | {"importance.png", "learning_curve.png", "reliability.png", "by_slice.png"}
    page = first_page(told, {head: "#/a/run"})
    assert len(page) < LONGEST_NOTE
    assert len(head_page(told, head)) < LONGEST_NOTE
    assert page.startswith("## May it go live? ")
    assert all(isinstance(value, float) for value in head_metrics(told, head).values())
    assert head_parameters(told, head)["rows.held_out"] == rows


def test_the_checks_mind_what_is_worse_and_refuse_what_learned_nothing() -> None:
    found = {one.topic: one.finding for one in checks_of(training("queue", ODD, 200))}
    assert found["learning"] == "no"
    assert found["calibration"] == found["the simple model"] == found["contracts"] == "mind"
    assert found["leakage"] == "yes"


def test_a_head_that_few_tickets_judged_is_minded() -> None:
    [learning] = [one for one in checks_of(training("queue", ("A", "B"), 10)) if one.topic == "learning"]
    assert learning.finding != "yes"
    assert "judged on 10 tickets: too few" in learning.words
