"""Golden rows: encoded tickets with the answers that the version gave when it was made, for trying it elsewhere.

They hold places, weights and vectors, never a ticket's text. Knows nothing of files.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from desk.errors import DamagedVersionError
from features.encoding import Encoded
from models.scoring import probabilities_of
from models.trial import in_time
from models.version import Version

__all__ = ["GOLDEN_ROWS", "golden_rows", "try_golden_rows"]

GOLDEN_ROWS: Final = 50
"""How many rows a version carries: enough to pass through most trees, few enough to try in no time."""

_TOLERANCE: Final = 1e-4  # another processor adds thousands of voices in another order; a damaged number is off by more


def golden_rows(version: Version, rows: Iterable[Encoded]) -> list[dict[str, Any]]:
    """Rows and the version's answers to them, as JSON values."""
    return [_golden(version, row) for row in rows]


def try_golden_rows(version: Version, golden: Iterable[Mapping[str, Any]]) -> int:
    """Answer every row again and return how many there were.

    Raises `DamagedVersionError` where an answer differs from the one recorded, is no probability or takes too long.
    """
    tried = 0
    for row in golden:
        for head, probabilities in in_time(partial(probabilities_of, version, _encoded(row))).items():
            wanted = np.array(row["answers"][head], dtype=np.float64)
            if wanted.shape != probabilities.shape or not np.allclose(probabilities, wanted, rtol=0, atol=_TOLERANCE):
                raise DamagedVersionError(
                    f"The {head} head answers golden row {tried} otherwise than when it was made."
                )
        tried += 1
    return tried


def _golden(version: Version, row: Encoded) -> dict[str, Any]:
    answers = {head: probabilities.tolist() for head, probabilities in probabilities_of(version, row).items()}
    numbers = [None if np.isnan(number) else float(number) for number in row.numbers]
    return {
        "places": row.places.tolist(),
        "weights": [float(weight) for weight in row.weights],
        "text": row.text,
        "numbers": numbers,
        "vector": [float(part) for part in row.vector],
        "answers": answers,
    }


def _encoded(row: Mapping[str, Any]) -> Encoded:
    return Encoded(
        places=np.array(row["places"], dtype=np.int64),
        weights=np.array(row["weights"], dtype=np.float32),
        text=int(row["text"]),
        numbers=np.array([np.nan if number is None else number for number in row["numbers"]], dtype=np.float64),
        vector=np.array(row["vector"], dtype=np.float32),
    )
