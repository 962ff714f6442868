"""How far one person's word goes: the setting `feedback`, read strictly from JSON and written back.

`desk.votes` says what follows from it. Knows neither verdicts nor where settings live.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from desk.errors import SettingError

__all__ = ["FEEDBACK_SETTING", "FeedbackPolicy", "read_feedback_policy"]

FEEDBACK_SETTING: Final = "feedback"

_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "sure": (0.5, 1.0),
    "agreeing": (2, 100),
    "most_of_a_label": (0.01, 1.0),
    "always_allowed": (1, 1_000_000),
}
_NAMES: Final = (*_BOUNDS, "unheard")
_WHOLE: Final = ("agreeing", "always_allowed")


@dataclass(frozen=True, slots=True)
class FeedbackPolicy:
    """Whose word counts, and how far.

    sure: the probability from which on an answer is contradicted only by several: `agreeing` persons must say the same.
    most_of_a_label: the share of a label's votes that may come from one person. always_allowed: votes for a label that
    one person may give whatever the share, so that a desk with two specialists for a queue is heard. unheard: people
    whose verdicts are left out, as if they had never spoken.
    """

    sure: float = 0.95
    agreeing: int = 2
    most_of_a_label: float = 0.25
    always_allowed: int = 50
    unheard: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_feedback_policy` reads as the same."""
        return {**asdict(self), "unheard": list(self.unheard)}


def read_feedback_policy(value: Any) -> FeedbackPolicy:
    """The policy in a JSON value like `{"sure": 0.95, "agreeing": 2, "most_of_a_label": 0.25, "always_allowed": 50}`.

    What is not said is as it comes; None, for a setting that was never set, says nothing at all. Raises `SettingError`
    for whatever else it cannot mean.
    """
    given = {} if value is None else value
    if not isinstance(given, dict):
        expected = f"must be a JSON object with {', '.join(_NAMES)}"
        raise SettingError(f"{FEEDBACK_SETTING!r} {expected}, not {value!r}.", expected=expected)
    for name in given:
        if name not in _NAMES:
            raise SettingError(
                f"{FEEDBACK_SETTING!r} holds {', '.join(_NAMES)}, but came with {name!r}; take it out.",
                field=str(name),
                expected="is not known here",
            )
    default = FeedbackPolicy()
    numbers = {name: _number(given.get(name, getattr(default, name)), name) for name in _BOUNDS}
    return FeedbackPolicy(**numbers, unheard=_people(given.get("unheard", [])))


def _people(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value):
        return tuple(value)
    expected = "must be a list of people's names"
    raise SettingError(
        f"'unheard' in {FEEDBACK_SETTING!r} {expected}, not {value!r}.", field="unheard", expected=expected
    )


def _number(value: Any, name: str) -> Any:
    least, most = _BOUNDS[name]
    kind, known = ("a whole number", int) if name in _WHOLE else ("a number", int | float)
    is_number = isinstance(value, known) and not isinstance(value, bool) and -math.inf < value < math.inf
    if is_number and least <= value <= most:
        return value if name in _WHOLE else float(value)
    expected = f"must be {kind} from {least:g} to {most:.0f}"
    raise SettingError(f"{name!r} in {FEEDBACK_SETTING!r} {expected}, not {value!r}.", field=name, expected=expected)
