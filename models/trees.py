"""LightGBM's boosters, read from LightGBM's own text format, without the libraries that its package brings along.

`import lightgbm` imports pandas, scikit-learn and others wherever they are installed (1.3 s and 185 MB); they are
hidden from it while it is imported, and the core, which is all that is used here, does without. Knows no heads.

A damaged text kills the process: whoever parses one checks its hash first, and tries a new one in a child process.
"""

import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from models.single_rows import through_trees

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Booster", "Trees", "check_trees", "lightgbm_core", "tree_scores", "trees_of"]

Booster = Any
"""LightGBM's Booster; its package has no types."""

_HEADER: Final = 1_000
"""Characters in which LightGBM says how many numbers its trees take and how many scores they make."""

_NOT_NEEDED = ("pandas", "sklearn", "pyarrow", "matplotlib", "graphviz", "dask", "cffi", "polars")


_IMPORTING = Lock()
"""Threads that hid the libraries from each other would take away what the other is about to put back."""


def lightgbm_core() -> "ModuleType":
    """The package `lightgbm`, imported without the optional libraries unless they are loaded already."""
    with _IMPORTING, _hidden(() if "lightgbm" in sys.modules else _NOT_NEEDED):
        import lightgbm

    return lightgbm


class Trees:
    """A head's trees as LightGBM wrote them; LightGBM reads them when it is asked, which a forest spares it."""

    def __init__(self, text: str) -> None:
        # A quarter of the memory, for what is hardly ever read again.
        self._packed, self._header = zlib.compress(text.encode(), 1), text[:_HEADER]

    @property
    def text(self) -> str:
        """What LightGBM wrote."""
        return zlib.decompress(self._packed).decode()

    @property
    def inputs(self) -> int:
        """How many numbers a row has. Raises `DamagedVersionError`, as all of this does, for a text that is none."""
        return self._said("max_feature_idx") + 1

    @property
    def outputs(self) -> int:
        """How many scores they make of a row."""
        return self._said("num_tree_per_iteration")

    @cached_property
    def booster(self) -> Booster:
        """LightGBM's. Only of a text whose hash is known to be right."""
        lightgbm = lightgbm_core()
        try:
            return lightgbm.Booster(model_str=self.text)
        except lightgbm.basic.LightGBMError as error:
            raise DamagedVersionError("LightGBM cannot read the trees; fetch or train the version again.") from error

    def _said(self, name: str) -> int:
        found = re.search(rf"^{name}=(\d{{1,9}})$", self._header, re.MULTILINE)
        if found is None:
            raise DamagedVersionError(f"The trees do not say their {name!r}; fetch or train the version again.")
        return int(found[1])


def trees_of(booster: Booster) -> Trees:
    """The trees that a booster has grown."""
    return Trees(booster.model_to_string(num_iteration=-1))


def check_trees(trees: Trees, *, inputs: int, outputs: int) -> None:
    """Raise `DamagedVersionError` unless the trees make `outputs` scores of a row of `inputs` numbers."""
    if trees.inputs != inputs:
        raise DamagedVersionError(f"The trees take {trees.inputs} numbers a row, the encoder makes {inputs}.")
    if trees.outputs != outputs:
        raise DamagedVersionError(f"The trees make {trees.outputs} scores a row, the head needs {outputs}.")


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
