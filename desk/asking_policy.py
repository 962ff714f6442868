"""What people are asked about: the setting `asking`, read strictly and written back.

Which questions are asked by chance, and which without the suggestion, follows from the ticket's id alone, so that every
round says the same. Knows neither how the worth of a question is found nor where settings live.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Final

from desk.setting_values import numbers_of

__all__ = ["ASKING_SETTING", "AskingPolicy", "is_unaided", "lot", "read_asking", "run_off_lot"]

ASKING_SETTING: Final = "asking"

_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "window_days": (1, 365),
    "most": (0, 5_000),
    "random": (0.0, 1.0),
    "unaided": (0.0, 1.0),
}
_WHOLE: Final = frozenset({"window_days", "most"})
_HASHES: Final = 2**64


@dataclass(frozen=True, slots=True)
class AskingPolicy:
    """Of the tickets answered in the last `window_days` days at most `most` wait to be asked about; with 0 none does.

    random: share of them that is drawn by chance, whatever an answer is worth. unaided: share of those drawn by chance
    of which the suggestion is not shown, so that what is said of them speaks for no version.
    """

    window_days: int = 14
    most: int = 500
    random: float = 0.1
    unaided: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_asking` reads as the same."""
        return asdict(self)


def read_asking(value: Any) -> AskingPolicy:
    """The policy in a JSON value like `{"most": 500, "random": 0.1}`; what is not said is as it comes.

    None, for a setting that was never set, says nothing at all. Raises `SettingError` for whatever else it cannot mean.
    """
    return AskingPolicy(**numbers_of(ASKING_SETTING, _BOUNDS, value, whole=_WHOLE))


def lot(ticket_id: str, seed: int = 0) -> float:
    """What the ticket draws, from 0 to below 1: whoever draws least is asked by chance. It says nothing of the ticket.

    It has nothing to do with who is held back from automation or scored in shadow.
    """
    return _drawn(f"{seed}:{ticket_id}", b"asked by chance")


def run_off_lot(ticket_id: str) -> float:
    """What the ticket draws where two versions answer it otherwise, from 0 to below 1: the least is asked first."""
    return _drawn(ticket_id, b"run-off")


def is_unaided(ticket_id: str, share: float) -> bool:
    """Whether the ticket is one of the `share` (0 to 1) that are asked about without the suggestion, if by chance."""
    return _drawn(ticket_id, b"asked unaided") < share


def _drawn(ticket_id: str, what_for: bytes) -> float:
    digest = blake2b(ticket_id.encode("utf-8", "surrogatepass"), digest_size=8, person=what_for).digest()
    return int.from_bytes(digest, "big") / _HASHES
