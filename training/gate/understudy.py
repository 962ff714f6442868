"""What a challenger's understudy said of the newest rows: kept on disk until the challenger is judged.

The version that goes out has learned from its newest rows as well, so they cannot judge it; its understudy learned in
the same way from all the others. Data only, and read back to the bit. Knows neither how versions learn nor who judges.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from desk.heads import Head
from desk.outcome import ResolvedTicket
from training.evidence.contracts import HeadContract
from training.gate.sides import Speaker

__all__ = ["Understudy", "read_understudy", "write_understudy"]

_NUMBERS: Final = "understudy.npz"
_WORDS: Final = "understudy.json"


@dataclass(frozen=True, slots=True)
class Understudy:
    """said: of the rows with these `ids`, in their order; there may be none."""

    ids: tuple[str, ...]
    said: Speaker

    @classmethod
    def of(cls, rows: Sequence[ResolvedTicket], said: Speaker) -> "Understudy":
        """What was `said` of `rows`, in their order."""
        return cls(tuple(row.ticket.id for row in rows), said)


def write_understudy(understudy: Understudy, folder: Path) -> None:
    """Write it into `folder`."""
    said = understudy.said
    arrays = {f"probabilities.{head}": one for head, one in said.probabilities.items()}
    arrays |= {f"favour.{head}": one for head, one in said.favour.items()}
    np.savez(folder / _NUMBERS, allow_pickle=False, **arrays)
    words = {
        "ids": list(understudy.ids),
        "labels": {head: list(labels) for head, labels in said.labels.items()},
        "contracts": {
            head: {"demand": one.demand, "thresholds": dict(one.thresholds)} for head, one in said.contracts.items()
        },
    }
    (folder / _WORDS).write_text(json.dumps(words), encoding="utf-8")


def read_understudy(folder: Path) -> Understudy:
    """What `write_understudy` wrote. Raises OSError or ValueError where it is not there, or damaged."""
    words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
    labels: Mapping[Head, tuple[str, ...]] = {head: tuple(one) for head, one in words["labels"].items()}
    contracts = {head: HeadContract(one["demand"], one["thresholds"]) for head, one in words["contracts"].items()}
    with np.load(folder / _NUMBERS, allow_pickle=False) as arrays:
        probabilities = {head: arrays[f"probabilities.{head}"] for head in labels}
        favour = {head: arrays[f"favour.{head}"] for head in labels}
    return Understudy(tuple(words["ids"]), Speaker(labels, probabilities, favour, contracts))
