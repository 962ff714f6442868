"""A prediction that is worth asking a person about, and why.

Knows neither how its worth is found nor who is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["UNAIDED", "Question"]

UNAIDED: Final = "unaided"
"""The name of the reason of a question that is drawn by lot and asked without showing a suggestion."""


@dataclass(frozen=True, slots=True)
class Question:
    """Ask about the prediction of this id.

    queue: as suggested, None where there is none. worth: what an answer is expected to teach, in no unit: only greater
    and smaller count. reasons: what makes it so, from the strongest: `{"reason": name, …}` with what its name needs.
    topic: of a burst of similar tickets that are one card, None where it stands for itself.
    """

    prediction_id: str
    ticket_id: str
    queue: str | None = None
    worth: float = 0.0
    reasons: tuple[Mapping[str, Any], ...] = field(default=())
    topic: str | None = None

    @property
    def is_unaided(self) -> bool:
        """Whether it is asked without showing a suggestion."""
        return self.is_for(UNAIDED)

    def is_for(self, reason: str) -> bool:
        """Whether this is one of its reasons, by name."""
        return any(one.get("reason") == reason for one in self.reasons)
