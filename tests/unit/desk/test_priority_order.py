import random

import pytest

from desk.priority_order import known_order, level_of


@pytest.mark.parametrize(
    "order",
    [
        ("Critical", "High", "Medium", "Low"),
        ("Blocker", "Critical", "Major", "Minor", "Trivial"),
        ("1-Critical", "2-High", "3-Moderate", "4-Low"),
        ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low", "5 - Planning"),
        ("urgent", "high", "normal", "low"),
        ("P1", "P2", "P3", "P4", "P5"),
        ("sev1", "sev2", "sev3"),
        ("SEV-1", "SEV-2"),
        ("P1 (Critical)", "P2 (High)", "P3 (Medium)"),
        ("Highest", "High", "Medium", "Low", "Lowest"),
        ("kritisch", "hoch", "mittel", "niedrig"),
        ("alta", "media", "baja"),
    ],
)
def test_a_known_vocabulary_is_ordered_by_itself(order: tuple[str, ...]) -> None:
    shuffled = list(order)
    random.Random(3).shuffle(shuffled)
    assert known_order(shuffled) == order


@pytest.mark.parametrize(
    "labels", [[], ["1", "2", "3"], ["gold", "silver"], ["high", "purple"], ["High", "high"], ["medium", "normal"]]
)
def test_what_is_unknown_or_ambiguous_is_not_ordered(labels: list[str]) -> None:
    assert known_order(labels) == ()


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("Critical", 100.0),
        ("1 - High", 75.0),
        ("Medium", 50.0),
        ("niedrig", 25.0),
        ("None", 0.0),
        ("1-Extensive/Widespread", 100.0),
        ("extensive", 100.0),
        ("P1", 100.0),
        ("sev-3", 50.0),
        ("P9", 0.0),
        ("2", None),
        ("", None),
        ("unknown", None),
    ],
)
def test_a_word_says_how_high_it_stands_and_a_bare_number_nothing(value: str, level: float | None) -> None:
    assert level_of(value) == level
