import random

import pytest

from training.histories.priority_order import known_order


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
