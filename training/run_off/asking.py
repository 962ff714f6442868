"""What people are asked about a run-off: tickets that the two answer otherwise, by lot, without any suggestion.

Knows neither what they say nor what follows from it.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from desk.heads import Head
from desk.question import UNAIDED, Question
from desk.taxonomy import Taxonomy
from training.asking.gathering import suggested_queue
from training.run_off.differing import Differing

__all__ = ["MOST_ASKED", "REASON", "run_off_questions"]

REASON: Final = "differing"
"""Of a question: its answer tells which of two versions is better."""

MOST_ASKED: Final = 60
"""Questions about one challenger, answered ones included."""


def run_off_questions(
    found: Differing, answered: Collection[str], taxonomy: Taxonomy, *, challenger: str, worth: float
) -> list[Question]:
    """The questions that are still to be asked, in order.

    answered: ids of predictions of which people were asked already. taxonomy: by which the suggested queue has its
    name, for it says whose question it is. worth: of each. Neither version's word is shown, for who knows it would
    favour it. What has to be said, queue or priority, is.
    """
    head_of = {name: head for head, differing in found.by_head.items() for name in differing}
    asked = [one for one in found.answers[:MOST_ASKED] if one.prediction_id not in answered]
    return [
        Question(
            one.prediction_id,
            one.ticket_id,
            suggested_queue(one, taxonomy),
            worth,
            _reasons(challenger, head_of[one.ticket_id]),
        )
        for one in asked
    ]


def _reasons(challenger: str, head: Head) -> tuple[Mapping[str, Any], ...]:
    return {"reason": REASON, "challenger": challenger, "head": head}, {"reason": UNAIDED}
