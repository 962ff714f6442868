"""A version's evidence on disk: two arrays, all labels one after the other, and a page of contents.

Arrays are mapped into memory and looked at when terms are derived from them, not in between. Knows nothing of what the
evidence proves.
"""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from desk.evidence import Answered, Evidence
from desk.heads import HEADS
from models.shelf import Shelf, save_array, save_json

__all__ = ["put_away", "read_evidence", "write_evidence"]

_CONTENTS: Final = "evidence.json"
_PROBABILITIES: Final = "evidence.probabilities.npy"
_HITS: Final = "evidence.hits.npy"
_UNNEEDED: Final[int | None] = getattr(mmap, "MADV_DONTNEED", None)  # not every system has it


def write_evidence(folder: Path, evidence: Evidence) -> None:
    """Write `evidence` into the version's `folder`."""
    contents: dict[str, dict[str, list[int]]] = {}
    probabilities: list[float] = []
    hits: list[bool] = []
    for head, labels in evidence.items():
        places = contents[head] = {}
        for label, answered in labels.items():
            places[label] = [len(hits), len(hits) + len(answered.hits)]
            probabilities += answered.probabilities
            hits += answered.hits
    save_json(folder, _CONTENTS, contents)
    save_array(folder, _PROBABILITIES, np.array(probabilities, dtype=np.float64))
    save_array(folder, _HITS, np.array(hits, dtype=np.bool_))


def read_evidence(shelf: Shelf) -> Evidence:
    """The evidence of a version.

    Raises `DamagedVersionError` where it is none: rows that are not there, or probabilities that rise or are none.
    """
    probabilities = shelf.array(_PROBABILITIES, np.float64, (None,))
    hits = shelf.array(_HITS, np.bool_, (len(probabilities),))
    contents = shelf.json(_CONTENTS)
    strangers = set(contents) - set(HEADS)
    if strangers:
        raise DamagedVersionError(f"The evidence names heads that there are not: {sorted(strangers)}.")
    return {
        head: {label: _answered(probabilities, hits, *places) for label, places in contents[head].items()}
        for head in HEADS
        if head in contents
    }


def put_away(evidence: Evidence) -> None:
    """Give the pages that were looked at back to the system; from the file they come again to whoever looks next."""
    answers = [one for labels in evidence.values() for one in labels.values()]
    for one in {_map_of(part) for answered in answers for part in (answered.probabilities, answered.hits)}:
        if one is not None and _UNNEEDED is not None:
            one.madvise(_UNNEEDED)


def _map_of(view: object) -> mmap.mmap | None:
    """What a view of an array looks into; None for one that is in no file."""
    base: Any = view.obj if isinstance(view, memoryview) else None
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None


def _answered(probabilities: NDArray[np.float64], hits: NDArray[np.bool_], start: int, stop: int) -> Answered:
    if not 0 <= start <= stop <= len(hits):
        raise DamagedVersionError(f"The evidence names rows {start!r} to {stop!r} of {len(hits)}.")
    mine = probabilities[start:stop]
    # Also false where any is NaN.
    if not (np.all(mine >= 0) and np.all(mine <= 1) and np.all(mine[:-1] >= mine[1:])):
        raise DamagedVersionError(f"The evidence's rows {start} to {stop} are no probabilities from high to low.")
    # Views, not copies: they stay on disk until somebody looks.
    return Answered(cast("Sequence[float]", mine.data), cast("Sequence[bool]", hits[start:stop].data))
