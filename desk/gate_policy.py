"""How much worse a new version may be than the one that answers: the setting `gate`, read strictly and written back.

`desk.gate` says what follows from it. Knows neither versions nor where settings live.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from desk.setting_values import numbers_of

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
    "fast_enough": (0.0, 10_000.0),
    "larger": (1.0, 100.0),
    "fewest_rows": (1, 1_000_000),
}


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """How much worse a challenger may be, as a share between 0 and 1, figure by figure.

    of_a_slice: a slice's accuracy (a risk's Brier score). changed: share of tickets that both answer and that it may
    answer otherwise than the champion, unless the newest labelled tickets prove that the change is one for the better,
    or people who were asked about these by chance say so. slower, larger: times the champion's time, and its size for
    each ticket learned from. fast_enough: milliseconds a ticket; who takes no more is not too slow. fewest_rows:
    labelled rows of either kind without which nothing is promoted.
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
    fast_enough: float = 0.5
    larger: float = 1.5
    fewest_rows: int = 100

    def margin(self, name: str, where: str = "") -> float:
        """What is allowed of the figure of this name; of a slice, where it is of one."""
        return self.of_a_slice if where else float(getattr(self, name))

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_gate_policy` reads as the same."""
        return asdict(self)


def read_gate_policy(value: Any) -> GatePolicy:
    """The policy in a JSON value like `{"macro_f1": 0.02, "changed": 0.1}`; what is not said is as it comes.

    None, for a setting that was never set, says nothing at all. Raises `SettingError` for whatever else it cannot mean.
    """
    return GatePolicy(**numbers_of(GATE_SETTING, _BOUNDS, value, whole=("fewest_rows",)))
