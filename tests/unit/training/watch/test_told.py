"""What each answer shows of its contract, by what was done with it and what became known."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from desk.feedback import OutcomeReport, Verdict
from desk.past_answers import PastAnswer, PastHead
from desk.sequential import Contested
from desk.votes import Vote
from journal.answers_of_version import GivenAnswer
from journal.outcomes import RecordedReport
from training.watch.accuracy import calibration_of, expected_by_label, measured_by_label, sample_of
from training.watch.told import Told, contested, tell

AT = datetime(2026, 3, 1, tzinfo=UTC)
LATER = AT + timedelta(days=2)
LONG_AFTER = AT + timedelta(days=30)


def given(mode: str, why: str | None = None, label: str = "Billing", probability: float = 0.98) -> GivenAnswer:
    return GivenAnswer("1", PastAnswer("p", "t", AT, {"queue": PastHead(label, probability, mode, why)}))


def report(queue: str, **said: int) -> RecordedReport:
    whole = {"queue": queue, "resolved_at": LATER, **said}
    return RecordedReport("d", LATER, "a test", OutcomeReport("t", LATER, whole))  # type: ignore[arg-type]


def vote(label: str) -> Vote:
    verdict = Verdict("p", "ann", AT + timedelta(days=1), queue=label)
    return Vote(verdict, "queue", label, "counts", "confirmed" if label == "Billing" else "corrected")


def shown(
    answer: GivenAnswer, reports: Sequence[RecordedReport] = (), votes: Sequence[Vote] = (), at: datetime = LONG_AFTER
) -> list[tuple[str, str]]:
    told = tell({"t": [answer]}, reports, votes, "1", "queue")
    return [(one.shown, one.source) for one in contested(told, "Billing", 0.95, at)]


@pytest.mark.parametrize(
    ("answer", "reports", "votes", "expected"),
    [
        (given("auto"), [report("Billing")], [], ("left", "applied")),
        (given("auto"), [report("Access")], [], ("miss", "applied")),
        (given("auto"), [report("Billing")], [vote("Billing")], ("left", "applied")),
        (given("auto"), [report("Billing")], [vote("Access")], ("miss", "applied")),
        (given("auto"), [report("Billing", reassignment_count=1)], [], ("left", "applied")),
        (given("auto"), [], [], ("left", "applied")),
        (given("suggest", "held_back"), [report("Billing")], [], ("hit", "sample")),
        (given("suggest", "held_back"), [report("Access")], [], ("miss", "sample")),
        (given("suggest", "contract_in_breach"), [report("Billing")], [], ("hit", "sample")),
        (given("suggest", "contract_in_breach"), [report("Access")], [vote("Billing")], ("hit", "sample")),
        (given("suggest", "contract_in_breach"), [], [vote("Billing")], ("hit", "word")),
        (given("suggest", "contract_in_breach"), [], [vote("Access")], ("miss", "word")),
        (given("suggest", "contract_in_breach"), [], [], ("left", "applied")),
    ],
)
def test_what_an_answer_shows(
    answer: GivenAnswer, reports: list[RecordedReport], votes: list[Vote], expected: tuple[str, str]
) -> None:
    assert shown(answer, reports, votes) == [expected]


@pytest.mark.parametrize(
    "answer",
    [given("suggest", probability=0.94), given("abstain", "unknown_topic"), given("auto", label="Access")],
)
def test_what_a_contract_would_not_apply_is_no_part_of_it(answer: GivenAnswer) -> None:
    assert shown(answer, [report("Billing")]) == []


def test_nothing_is_settled_before_its_outcome_or_a_week() -> None:
    assert shown(given("auto"), at=AT + timedelta(days=6)) == []
    assert shown(given("suggest", "held_back"), [], [vote("Access")], at=AT + timedelta(days=6)) == []
    assert shown(given("suggest", "held_back"), [report("Access")], at=LATER) == [("miss", "sample")]
    assert shown(given("suggest", "held_back"), [report("Access")], at=AT + timedelta(days=1)) == []


def test_answers_that_another_version_applied_first_are_no_sample() -> None:
    elder = GivenAnswer(
        "0", PastAnswer("o", "t", AT - timedelta(hours=1), {"queue": PastHead("Billing", 0.99, "auto")})
    )
    (told,) = tell({"t": [elder, given("suggest", "held_back")]}, [report("Billing")], [], "1", "queue")
    assert told.label is None
    assert not told.is_sample


def made(number: int, *, right: bool, is_applied: bool = False, probability: float = 0.98) -> Told:
    answer = PastAnswer(f"{number:05d}", f"t{number}", AT + timedelta(minutes=number), {})
    said = PastHead("Billing", probability, "auto" if is_applied else "suggest")
    label = None if is_applied else ("Billing" if right else "Access")
    return Told(answer, said, label, is_outcome=True, is_applied=is_applied, known_at=LATER)


def test_those_kept_back_count_for_all_of_their_kind() -> None:
    """Twenty of 400 sure tickets were kept back, 18 of them right; of 100 doubtful ones all are known, half right."""
    told = [made(0, right=True)]
    told += [made(number, right=number > 2) for number in range(1, 20)]
    told += [made(number, right=True, is_applied=True) for number in range(20, 400)]
    told += [made(number, right=number % 2 == 0, probability=0.5) for number in range(400, 500)]
    sample = sample_of(told, {"Billing": 0.95}, 500)
    assert sample.covered == 1.0
    assert measured_by_label(sample)[""].accuracy == pytest.approx((400 * 0.9 + 100 * 0.5) / 500)
    assert sample.weights.mean() == pytest.approx(1)


def test_with_too_few_kept_back_the_figure_speaks_of_the_others_alone() -> None:
    told = [made(number, right=True) for number in range(5)]
    told += [made(number, right=True, is_applied=True) for number in range(5, 400)]
    told += [made(number, right=number % 2 == 0, probability=0.5) for number in range(400, 500)]
    sample = sample_of(told, {"Billing": 0.95}, 500)
    assert sample.covered == pytest.approx(0.2)
    assert measured_by_label(sample)[""].accuracy == 0.5


def test_without_labels_nothing_is_measured() -> None:
    sample = sample_of([made(1, right=True, is_applied=True)], {"Billing": 0.95}, 500)
    assert (sample.covered, measured_by_label(sample), calibration_of(sample)) == (0.0, {}, None)


def test_what_is_expected_by_hand() -> None:
    found = expected_by_label([("A", 0.9), ("A", 0.7), ("B", 0.5)])
    assert found[""].accuracy == pytest.approx(0.7)
    assert found["A"].accuracy == pytest.approx(0.8)
    half = 1.96 * (0.09 + 0.21) ** 0.5 / 2
    assert (found["A"].low, found["A"].high) == pytest.approx((0.8 - half, 1.0))
    assert expected_by_label([]) == {}


def test_a_head_that_is_less_often_right_than_it_says_is_found_out() -> None:
    honest, boastful = (
        measured_by_label(sample_of([made(n, right=n % 10 < k, probability=0.9) for n in range(400)], {}, 400))[""]
        for k in (9, 7)
    )
    assert honest.p > 0.3
    assert boastful.p < 1e-6
    assert boastful.expected - boastful.accuracy == pytest.approx(0.2)


def test_order_is_by_when_it_became_known() -> None:
    told = [made(2, right=False), made(1, right=True)]
    assert all(
        isinstance(one, Contested) and one.known_at == LATER for one in contested(told, "Billing", 0.9, LONG_AFTER)
    )
    assert np.isfinite(sample_of(told, {}, 10).weights).all()
