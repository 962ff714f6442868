"""One row at a time through LightGBM's trees, by the part of its C interface that is made for it.

`Booster.predict` reads its settings and builds a predictor at every call: 0.05 ms, of which 0.007 ms go through the
trees. The C interface keeps that predictor for as long as the booster lives; the figures are the same to the bit. Knows
neither heads nor what the figures mean.
"""

import ctypes
import weakref
from collections.abc import Callable
from threading import Lock
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

__all__ = ["through_trees"]

Kind = Literal["scores", "contributions"]
_OneRow = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_KINDS: Final[dict[Kind, int]] = {"scores": 1, "contributions": 3}  # C_API_PREDICT_RAW_SCORE, C_API_PREDICT_CONTRIB
_FLOAT64: Final = 1  # C_API_DTYPE_FLOAT64

_ready: Final[dict[Kind, WeakKeyDictionary[Any, _OneRow]]] = {kind: WeakKeyDictionary() for kind in _KINDS}
_preparing: Final = Lock()


def through_trees(booster: Any, kind: Kind, row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw scores of one row, shape (inputs,), or what each of its numbers and the average row contribute to them.

    booster: LightGBM's Booster, which learns no more. Threads may share it; they wait for each other. Shape (scores,)
    or (scores * (inputs + 1),). Raises `ValueError` for a row of another length.
    """
    ask = _ready[kind].get(booster)
    if ask is None:
        with _preparing:
            ask = _ready[kind].get(booster) or _prepare(booster, kind)
            _ready[kind][booster] = ask
    return ask(row)


def _prepare(booster: Any, kind: Kind) -> _OneRow:
    """What asks the booster; it does not keep it alive, and crashes the process where the booster is gone."""
    from lightgbm.basic import _LIB, _safe_call  # type: ignore[attr-defined]  # whoever has a booster has imported it

    inputs = booster.num_feature()
    outputs = booster.num_model_per_iteration() * (1 if kind == "scores" else inputs + 1)
    handle = ctypes.c_void_p()
    # The number of threads that a text holds is ignored; several would wait for each other for milliseconds a row.
    settings = b"num_threads=1"
    make = _LIB.LGBM_BoosterPredictForMatSingleRowFastInit
    _safe_call(make(booster._handle, _KINDS[kind], 0, -1, _FLOAT64, inputs, settings, ctypes.byref(handle)))
    weakref.finalize(booster, _LIB.LGBM_FastConfigFree, handle)
    ask = _LIB.LGBM_BoosterPredictForMatSingleRowFast

    def through(row: NDArray[np.float64]) -> NDArray[np.float64]:
        if row.shape != (inputs,) or row.dtype != np.float64:
            raise ValueError(f"The trees take a row of {inputs} float64, not {row.dtype}{row.shape}.")
        given, made, count = np.ascontiguousarray(row), np.empty(outputs), ctypes.c_int64()
        _safe_call(ask(handle, _address(given), ctypes.byref(count), _address(made)))
        return made

    return through


def _address(array: NDArray[np.float64]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
