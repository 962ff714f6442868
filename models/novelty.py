"""Whether a ticket is like those that a head learned from, or about something else.

Two things speak for a ticket that belongs: what speaks for its best label before that is held against the other labels
(the largest logit; Hendrycks and others, 2022), and how near its meaning is to that of the tickets of some label. Each
is measured in its own spread over tickets that belong and that nothing had seen, and the two are added. Knows neither
heads nor how it was learned.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from features.meaning.meaning import Vector
from models.shelf import Shelf, save_array, save_json

__all__ = ["Novelty", "Scale", "familiarity", "is_novel", "nearness", "read_novelty", "write_novelty"]

_ABOUT: Final = "novelty.json"
_CENTRES: Final = "novelty.centres.npy"


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and standard deviation of a measure over tickets that belong."""

    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class Novelty:
    """centres: float32, shape (c, d), unit vectors of what the labels' tickets mean; (0, 0) without a meaning.

    cut: the familiarity under which a ticket is novel. owners: shape (c,), ascending, the place of the label that each
    centre is of; (0,) where that is not known, as before there were owners.
    """

    centres: NDArray[np.float32]
    strength: Scale
    nearness: Scale
    cut: float
    owners: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    own: Mapping[int, NDArray[np.float32]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready to ask the centres of one label."""
        labels, firsts = np.unique(self.owners, return_index=True)
        parts = pairwise([*firsts.tolist(), len(self.owners)])
        own = {label: self.centres[first:last] for label, (first, last) in zip(labels.tolist(), parts, strict=True)}
        object.__setattr__(self, "own", own)


def familiarity(novelty: Novelty, scores: NDArray[np.float64], vector: Vector) -> float:
    """How much speaks for a ticket that belongs, in standard deviations; higher is more familiar.

    scores: what speaks for each label, not normalised, shape (labels,). vector: what the ticket means, shape (d,).
    """
    return _familiarity(novelty, float(scores.max()), novelty.centres, vector)


def is_novel(novelty: Novelty, scores: NDArray[np.float64], vector: Vector) -> bool:
    """Whether the ticket is less familiar than nearly all that belong.

    The centres of the answer are asked first: where the ticket is near enough to one of them, no other can change it.
    """
    answer = int(scores.argmax())
    strength = float(scores[answer])
    own = novelty.own.get(answer)
    if own is not None and _familiarity(novelty, strength, own, vector) >= novelty.cut:
        return False
    return _familiarity(novelty, strength, novelty.centres, vector) < novelty.cut


def _familiarity(novelty: Novelty, strength: float, centres: NDArray[np.float32], vector: Vector) -> float:
    known = _measured(novelty.strength, strength)
    return known + _measured(novelty.nearness, nearness(centres, vector)) if len(centres) else known


def nearness(centres: NDArray[np.float32], vector: Vector) -> float:
    """The largest cosine between `vector` and one of `centres`."""
    return float(np.einsum("ij,j->i", centres, vector).max())


def write_novelty(folder: Path, novelty: Novelty | None) -> None:
    """Write `novelty` into the version's folder; a version without one says so."""
    if novelty is None:
        save_json(folder, _ABOUT, None)
        return
    save_array(folder, _CENTRES, novelty.centres)
    scales = {"strength": asdict(novelty.strength), "nearness": asdict(novelty.nearness)}
    about = {"cut": novelty.cut, "centres": len(novelty.centres), "owners": novelty.owners.tolist()}
    save_json(folder, _ABOUT, {**scales, **about})


def read_novelty(shelf: Shelf, dimensions: int) -> Novelty | None:
    """The novelty on the shelf, None for a version without; `dimensions`: of the version's meaning, 0 without one.

    Raises `DamagedVersionError`.
    """
    about = shelf.json(_ABOUT)
    if about is None:
        return None
    strength, near = (Scale(**about[name]) for name in ("strength", "nearness"))
    numbers = np.array([about["cut"], strength.mean, strength.spread, near.mean, near.spread], dtype=np.float64)
    if not np.isfinite(numbers).all() or min(strength.spread, near.spread) <= 0:
        raise DamagedVersionError(f"{_ABOUT!r} of version {shelf.folder.name!r} holds scales that are none.")
    centres = shelf.array(_CENTRES, np.float32, (int(about["centres"]), dimensions))
    owners = np.array(about.get("owners", ()), dtype=np.int64)
    if len(owners) not in (0, len(centres)) or (np.diff(owners) < 0).any():
        raise DamagedVersionError(f"{_ABOUT!r} of version {shelf.folder.name!r} does not say whose its centres are.")
    return Novelty(centres, strength, near, float(about["cut"]), owners)


def _measured(scale: Scale, value: float) -> float:
    return (value - scale.mean) / scale.spread
