"""What a desk could pick instead: it learns every head that has labels and answers them all."""

from dataclasses import replace
from typing import Any

from benchmarks.picks import learn_words
from features.wording import wording_of
from training.histories.history import History


def test_words_learn_every_head_and_answer_each_text(sample_history: History) -> None:
    rows = list(sample_history.rows[:200])
    texts = [wording_of(row.ticket) for row in rows]
    pick = learn_words(rows, texts)
    answers: Any = pick.answer(texts[:7])
    assert (pick.rows, len(answers), {len(labels) for labels in answers}) == (200, 4, {7})
    assert pick.seconds > 0


def test_a_head_without_labels_is_left_out(sample_history: History) -> None:
    rows = [replace(row, outcome=replace(row.outcome, sla_breached=None)) for row in sample_history.rows[:200]]
    answers: Any = learn_words(rows, [wording_of(row.ticket) for row in rows]).answer(["printer"])
    assert len(answers) == 3
