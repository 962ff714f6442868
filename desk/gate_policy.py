"""How much worse a new version may be than the one that answers: the setting `gate`, read strictly and written back.

`desk.gate` says what follows from it. Knows neither versions nor where settings live.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from desk.errors import SettingError

__all__ = ["GATE_SETTING", "GatePolicy", "read_gate_policy"]

GATE_SETTING: Final = "gate"

_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "accuracy": (0.0, 1.0),
    "macro_f1": (0.0, 1.0),
    "kappa": (0.0, 1.0),
    "auroc": (0.0, 1.0),
    "ece": (0.0, 1.0),
    "coverage": (0.0, 1.0),
    "of_a_slice": (0.0, 1.0),
    "changed": (0.0, 1.0),
    "slower": (1.0, 100.0),
    "larger": (1.0, 100.0),
    "fewest_rows": (1, 1_000_000),
}


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """How much worse a challenger may be, as a share between 0 and 1, figure by figure.

    of_a_slice: a slice's accuracy (a risk's Brier score). changed: share of tickets that both answer and that it may
    answer otherwise than the champion, unless the newest labelled tickets prove that the change is one for the better.
    slower, larger: times the champion's time and size. fewest_rows: labelled rows of either kind without which nothing
    is promoted.
    """

    accuracy: float = 0.02
    macro_f1: float = 0.02
    kappa: float = 0.03
    auroc: float = 0.02
    ece: float = 0.02
    coverage: float = 0.05
    of_a_slice: float = 0.05
    changed: float = 0.10
    slower: float = 1.5
    larger: float = 1.5
    fewest_rows: int = 100

    def margin(self, name: str) -> float:
        """What is allowed of the figure of this name."""
        return float(getattr(self, name))

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_gate_policy` reads as the same."""
        return asdict(self)


def read_gate_policy(value: Any) -> GatePolicy:
    """The policy in a JSON value like `{"macro_f1": 0.02, "changed": 0.1}`; what is not said is as it comes.

    None, for a setting that was never set, says nothing at all. Raises `SettingError` for whatever else it cannot mean.
    """
    given = {} if value is None else value
    if not isinstance(given, dict):
        expected = f"must be a JSON object with {', '.join(_BOUNDS)}"
        raise SettingError(f"{GATE_SETTING!r} {expected}, not {value!r}.", expected=expected)
    for name in given:
        if name not in _BOUNDS:
            raise SettingError(
                f"{GATE_SETTING!r} holds {', '.join(_BOUNDS)}, but came with {name!r}; take it out.",
                field=str(name),
                expected="is not known here",
            )
    return GatePolicy(**{name: _number(one, name) for name, one in given.items()})


def _number(value: Any, name: str) -> Any:
    least, most = _BOUNDS[name]
    is_whole = name == "fewest_rows"
    is_number = isinstance(value, int if is_whole else int | float) and not isinstance(value, bool)
    if is_number and math.isfinite(value) and least <= value <= most:
        return value if is_whole else float(value)
    expected = f"must be {'a whole number' if is_whole else 'a number'} from {least:g} to {most:.0f}"
    raise SettingError(f"{name!r} in {GATE_SETTING!r} {expected}, not {value!r}.", field=name, expected=expected)
