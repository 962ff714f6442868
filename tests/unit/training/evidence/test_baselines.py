"""The two answers that every version has to beat."""

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import sparse
from sklearn.preprocessing import normalize

from desk.heads import Head
from desk.ticket import Customer, Ticket
from training.evidence import baselines
from training.evidence.baselines import Design, beside, design, linear, majority, score, truth_columns

WORDS = {"Billing": "the invoice was charged twice", "Access": "cannot log in with my password"}


def ticket(number: int, text: str = "", **attributes: str) -> Ticket:
    return Ticket(id=str(number), subject=text, attributes=attributes)


def test_majority_answers_the_most_frequent_label_with_its_frequency() -> None:
    found = majority("queue", ["Billing", "Access", "Billing", None, "Network"], ["Access", "Billing", None, "Phones"])
    assert found.labels == ("Access", "Billing", "Network")
    assert [found.labels[one] for one in found.answered] == ["Billing"] * 3
    assert found.confidence.tolist() == pytest.approx([0.5] * 3)
    assert found.truth.tolist() == [0, 1, -1]


def test_majority_of_a_risk_has_both_sides_even_where_it_never_happened() -> None:
    found = majority("escalation", ["false", "false"], ["true", "false"])
    assert found.labels == ("false", "true")
    assert found.probabilities.tolist() == [[1.0, 0.0], [1.0, 0.0]]
    assert found.truth.tolist() == [1, 0]


def test_truth_columns_leave_out_rows_without_a_label() -> None:
    assert truth_columns(("a", "b"), ["b", None, "c", "a"]).tolist() == [1, -1, 0]


def test_linear_learns_words() -> None:
    history = [ticket(i, text) for i in range(10) for text in WORDS.values()]
    labels = list(WORDS) * 10
    asked = [ticket(0, "invoice charged"), ticket(1, "log in password")]
    found = linear("queue", design(history, asked), labels, ["Billing", "Access"])
    assert found.hit.all()
    assert found.probabilities.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_linear_learns_attributes_where_there_is_no_text() -> None:
    history = [ticket(i, form=form) for i in range(10) for form in ("a", "b", "c")]
    labels = ["Billing", "Access", "Network"] * 10
    asked = [ticket(0, form="c"), ticket(1, form="never seen"), ticket(2)]
    found = linear("queue", design(history, asked), labels, ["Network", "Billing", "Billing"])
    assert found.labels[found.answered[0]] == "Network"
    assert found.probabilities.shape == (3, 3)


def test_linear_takes_up_the_fields_of_a_ticket_and_its_hour() -> None:
    at = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (8, 20)]
    history = [Ticket(id=str(i), created_at=at[i % 2], customer=Customer(tier="vip")) for i in range(20)]
    labels = ["true" if i % 2 else "false" for i in range(20)]
    found = linear("escalation", design(history, history), labels, labels)
    assert found.hit.all()


def test_an_attribute_named_like_a_field_does_not_hide_it() -> None:
    history = [Ticket(id=str(i), channel="phone" if i % 2 else "email", attributes={"channel": "x"}) for i in range(20)]
    labels = ["a" if i % 2 else "b" for i in range(20)]
    assert linear("queue", design(history, history), labels, labels).hit.all()


def test_rows_without_a_label_are_neither_learned_from_nor_answered() -> None:
    history = [ticket(i, text) for i in range(10) for text in WORDS.values()]
    labels: list[str | None] = [*list(WORDS) * 9, None, None]
    found = linear("queue", design(history, history[:3]), labels, ["Billing", None, "Billing"])
    assert found.probabilities.shape == (2, 2)


def test_one_label_only_is_answered_as_the_majority_answers() -> None:
    history = [ticket(i, "the printer is out of paper") for i in range(5)]
    found = linear("queue", design(history, history), ["Hardware"] * 5, ["Hardware"] * 5)
    assert found.labels == ("Hardware",)
    assert np.array_equal(found.probabilities, np.ones((5, 1)))


def test_tickets_that_say_nothing_are_answered_all_the_same() -> None:
    history = [ticket(i) for i in range(6)]
    found = linear("queue", design(history, history), ["a", "b", "a", "a", "b", "a"], ["a"] * 6)
    assert found.probabilities.shape == (6, 2)


def test_words_that_occur_only_once_are_no_vocabulary() -> None:
    history = [ticket(0, "alpha"), ticket(1, "beta"), ticket(2, "gamma")]
    assert design(history, history).history.shape == (3, 1)


def test_the_score_deals_the_historys_shares_out_from_the_highest_down() -> None:
    history = ["high", "low", "low", "low", None, "medium", "medium", "low"]
    scores = np.array([10.0, 99.0, 50.0, 20.0, 60.0, 1.0, 30.0, 2.0])
    found = score(
        scores, history, ["high", "medium", "low"], ["low", "high", None, "new", "low", "low", "medium", "low"]
    )
    # seven are asked: a seventh is high, two are medium
    assert [found.labels[one] for one in found.answered] == ["low", "high", "low", "medium", "low", "medium", "low"]
    assert found.truth.tolist() == [2, 0, -1, 2, 2, 1, 2]
    assert found.confidence.tolist() == [1.0] * 7


def test_every_baseline_goes_by_its_name_and_the_score_only_where_the_order_is_known() -> None:
    tickets = [ticket(i, text) for i in range(10) for text in WORDS.values()]
    labels, made, scores = ["high", "low"] * 10, design(tickets, tickets), np.arange(20.0)

    def names(head: Head, order: tuple[str, ...]) -> set[str]:
        return set(beside(head, made, labels, labels, scores=scores, order=order))

    assert names("priority", ("high", "low")) == {"majority", "linear", "score"}
    assert names("priority", ("high",)) == names("priority", ()) == names("queue", ("high", "low"))
    assert names("queue", ()) == {"majority", "linear"}


def test_of_a_large_desk_the_same_machine_is_solved_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(8)
    rows = normalize(sparse.random(1_200, 3_000, 0.01, "csr", np.float64, chance))
    labels = [f"q{code}" for code in (rows @ chance.normal(size=(3_000, 6))).argmax(axis=1)]
    features = Design(rows[:900], rows[900:])
    plain = linear("queue", features, labels[:900], labels[900:])
    monkeypatch.setattr(baselines, "LARGE", 0)
    large = linear("queue", features, labels[:900], labels[900:])
    assert large.labels == plain.labels
    assert np.mean(large.answered == plain.answered) > 0.9  # the labels are drawn: many rows lie on a border
    right = [np.mean(one.answered == one.truth) for one in (large, plain)]
    assert right[0] == pytest.approx(right[1], abs=0.03)
    assert large.probabilities == pytest.approx(plain.probabilities, abs=0.05)
