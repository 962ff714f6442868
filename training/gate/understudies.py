"""What a challenger's understudies said of the newest rows: kept on disk until the challenger is judged.

The version that goes out has learned from its newest rows as well, so they cannot judge it. They are dealt by lot; of
each part an understudy speaks that learned in the same way from all rows but these (cross-fitting: Chernozhukov et al.,
"Double/debiased machine learning", The Econometrics Journal 21, 2018). Data only, and read back to the bit. Knows
neither how versions learn nor who judges.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from desk.heads import Head
from desk.outcome import ResolvedTicket
from training.gate.sides import Speaker

__all__ = ["NOBODY", "Understudies", "read_understudies", "write_understudies"]

_NUMBERS: Final = "understudies.npz"
_WORDS: Final = "understudies.json"


@dataclass(frozen=True, slots=True)
class Understudies:
    """said: of the rows with these `ids`, in their order, each by the one that had not seen it; there may be none.

    It has no contracts: whose thresholds they are is the challenger's to say.
    """

    ids: tuple[str, ...]
    said: Speaker

    @classmethod
    def of(cls, parts: Sequence[tuple[Sequence[ResolvedTicket], Speaker]]) -> "Understudies":
        """What each said of its rows, one after the other, by the heads that all have."""
        spoken = [said for rows, said in parts if rows]
        if not spoken:
            return NOBODY
        heads = {head: labels for head, labels in spoken[0].labels.items() if all(head in one.labels for one in spoken)}
        said = Speaker(
            heads,
            {head: np.concatenate([one.probabilities[head] for one in spoken]) for head in heads},
            {head: np.concatenate([one.answers[head] for one in spoken]) for head in heads},
            {},
        )
        return cls(tuple(row.ticket.id for rows, _ in parts for row in rows), said)


NOBODY: Final = Understudies((), Speaker({}, {}, {}, {}))


def write_understudies(understudies: Understudies, folder: Path) -> None:
    """Write it into `folder`."""
    said = understudies.said
    arrays = {f"probabilities.{head}": one for head, one in said.probabilities.items()}
    np.savez(
        folder / _NUMBERS,
        allow_pickle=False,
        **arrays,
        **{f"answers.{head}": one for head, one in said.answers.items()},
    )
    words = {"ids": list(understudies.ids), "labels": {head: list(labels) for head, labels in said.labels.items()}}
    (folder / _WORDS).write_text(json.dumps(words), encoding="utf-8")


def read_understudies(folder: Path) -> Understudies:
    """What `write_understudies` wrote. Raises OSError or ValueError where it is not there, or damaged."""
    words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
    labels: Mapping[Head, tuple[str, ...]] = {head: tuple(one) for head, one in words["labels"].items()}
    with np.load(folder / _NUMBERS, allow_pickle=False) as arrays:
        probabilities, answers = (
            {head: arrays[f"{what}.{head}"] for head in labels} for what in ("probabilities", "answers")
        )
    return Understudies(tuple(words["ids"]), Speaker(labels, probabilities, answers, {}))
