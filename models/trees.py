"""LightGBM's boosters, read from LightGBM's own text format, without the libraries that its package brings along.

`import lightgbm` imports pandas, scikit-learn and others wherever they are installed (1.3 s and 185 MB); they are
hidden from it while it is imported, and the core, which is all that is used here, does without. Knows no heads.

A damaged text kills the process: whoever parses one checks its hash first, and tries a new one in a child process.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from models.single_rows import through_trees

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Booster", "lightgbm_core", "parse_booster", "tree_scores"]

Booster = Any
"""LightGBM's Booster; its package has no types."""

_NOT_NEEDED = ("pandas", "sklearn", "pyarrow", "matplotlib", "graphviz", "dask", "cffi", "polars")


_IMPORTING = Lock()
"""Threads that hid the libraries from each other would take away what the other is about to put back."""


def lightgbm_core() -> "ModuleType":
    """The package `lightgbm`, imported without the optional libraries unless they are loaded already."""
    with _IMPORTING, _hidden(() if "lightgbm" in sys.modules else _NOT_NEEDED):
        import lightgbm

    return lightgbm


def parse_booster(text: str, *, inputs: int, outputs: int) -> Booster:
    """Parse a booster that makes `outputs` scores of a row of `inputs` numbers.

    Raises `DamagedVersionError` for other numbers.

    Only for text whose hash is known to be right.
    """
    lightgbm = lightgbm_core()
    try:
        booster = lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise DamagedVersionError("LightGBM cannot read the trees; fetch or train the version again.") from error
    if booster.num_feature() != inputs:
        raise DamagedVersionError(f"The trees take {booster.num_feature()} numbers a row, the encoder makes {inputs}.")
    if booster.num_model_per_iteration() != outputs:
        scores = booster.num_model_per_iteration()
        raise DamagedVersionError(f"The trees make {scores} scores a row, the head needs {outputs}.")
    return booster


def tree_scores(booster: Booster, row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw scores of one row of numbers, shape (inputs,): one for a two-sided head, else one a label."""
    return through_trees(booster, "scores", row)


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None makes an import fail at once
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
