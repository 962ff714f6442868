"""Numbers and codes in words."""

from typing import Any, get_args

import pytest

from desk.votes import Standing
from serving.console.words import count_words, fate_words, probability_words, question_words, why_words


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (1.0, "almost certain (99 in 100)"),
        (0.95, "almost certain (95 in 100)"),
        (0.9, "very likely (90 in 100)"),
        (0.7, "likely (70 in 100)"),
        (0.5, "more likely than not (50 in 100)"),
        (0.2, "a guess (20 in 100)"),
        (0.0, "a guess (1 in 100)"),
        (None, "nobody knows how likely"),
    ],
)
def test_a_probability_is_never_told_as_sure_or_impossible(probability: float | None, words: str) -> None:
    assert probability_words(probability) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ({"reason": "margin", "gap": 0.034}, "Two queues are close: 3 in 100 lie between them."),
        (
            {"reason": "disagreement", "challenger": "7", "label": "Orders"},
            "Version 7, which may come next, says Orders.",
        ),
        (
            {"reason": "differing", "challenger": "7", "head": "queue"},
            "Version 7, which may take the place of the one that answers now, says another queue than that one does. "
            "Your answer helps to decide between them.",
        ),
        (
            {"reason": "differing", "challenger": "7", "head": "priority"},
            "Version 7, which may take the place of the one that answers now, says another priority than that one "
            "does. Your answer helps to decide between them.",
        ),
        ({"reason": "rarity", "label": "Fax", "rows": 1}, "Only 1 ticket of Fax taught it: each answer counts."),
        ({"reason": "novelty", "distance": 3}, "It resembles little of what has been learned."),
        ({"reason": "random"}, "Chosen by chance, so that what is measured is fair."),
        ({"reason": "unaided"}, None),
        ({"reason": "topic", "name": "x"}, None),
        ({"reason": "some_new_one"}, "some new one"),
        ({"reason": "margin"}, "margin"),
        ({"reason": "rarity", "label": "Fax", "rows": "many"}, "rarity"),
        ({}, "unsaid"),
    ],
)
def test_why_a_ticket_is_asked_about_is_told_also_where_it_is_not_known(
    reason: dict[str, Any], words: str | None
) -> None:
    assert question_words(reason) == words


def test_every_standing_and_every_why_has_words() -> None:
    assert all(fate_words(one) for one in get_args(Standing))
    for why in ("unknown_topic", "below_suggest", "too_little_history", "head_missing", "held_back", "queue_gone"):
        assert why_words(why)
    assert why_words("contract_in_breach") == "Its contract is in breach, so it is only suggested."
    assert (why_words(None), why_words("a_new_one")) == (None, None)


def test_one_of_something_is_one() -> None:
    assert [count_words(one, "ticket") for one in (0, 1, 2_000)] == ["0 tickets", "1 ticket", "2,000 tickets"]
