"""What a challenger's elder twin said of the newest rows: kept on disk until the challenger is judged.

The version that goes out has learned from its newest rows as well, so they cannot judge it; its twin learned from all
that came before them. Data only, and read back to the bit. Knows neither how the twin learned nor who judges.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from desk.demands import Demands
from desk.heads import Head
from desk.outcome import ResolvedTicket
from training.evidence.contracts import HeadContract, head_contracts
from training.gate.sides import Speaker
from training.learning.version import Learned

__all__ = ["Twin", "read_twin", "twin_of", "write_twin"]

_NUMBERS: Final = "twin.npz"
_WORDS: Final = "twin.json"


@dataclass(frozen=True, slots=True)
class Twin:
    """said: of the rows with these `ids`, in their order."""

    ids: tuple[str, ...]
    said: Speaker


def twin_of(rows: Sequence[ResolvedTicket], learned: Learned, demands: Demands) -> Twin:
    """The elder twin of what was `learned` from `rows`, and what it said of the rows that judged it."""
    judged = learned.split.judged
    said = Speaker(
        {head: one.labels for head, one in learned.said.items()},
        {head: one.probabilities for head, one in learned.said.items()},
        {head: one.favour for head, one in learned.said.items()},
        head_contracts(learned.evidence, demands),
    )
    return Twin(tuple(rows[place].ticket.id for place in judged), said)


def write_twin(twin: Twin, folder: Path) -> None:
    """Write it into `folder`."""
    said = twin.said
    arrays = {f"probabilities.{head}": one for head, one in said.probabilities.items()}
    arrays |= {f"favour.{head}": one for head, one in said.favour.items()}
    np.savez(folder / _NUMBERS, allow_pickle=False, **arrays)
    words = {
        "ids": list(twin.ids),
        "labels": {head: list(labels) for head, labels in said.labels.items()},
        "contracts": {
            head: {"demand": one.demand, "thresholds": dict(one.thresholds)} for head, one in said.contracts.items()
        },
    }
    (folder / _WORDS).write_text(json.dumps(words), encoding="utf-8")


def read_twin(folder: Path) -> Twin:
    """What `write_twin` wrote. Raises OSError or ValueError where it is not there, or damaged."""
    words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
    labels: Mapping[Head, tuple[str, ...]] = {head: tuple(one) for head, one in words["labels"].items()}
    contracts = {head: HeadContract(one["demand"], one["thresholds"]) for head, one in words["contracts"].items()}
    with np.load(folder / _NUMBERS, allow_pickle=False) as arrays:
        probabilities = {head: arrays[f"probabilities.{head}"] for head in labels}
        favour = {head: arrays[f"favour.{head}"] for head in labels}
    return Twin(tuple(words["ids"]), Speaker(labels, probabilities, favour, contracts))
