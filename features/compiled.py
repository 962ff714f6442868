"""The compiled code (`features/_grams.c`, `features/_scores.c`), where there was a compiler to make it.

Without one numpy and Python do the same to the bit, at several times the price: each caller says how. Knows not what
the functions do.
"""

import ctypes
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

__all__ = ["ADDRESS", "IS_COMPILED", "NUMBER", "address_of", "address_or_nought", "compiled"]

ADDRESS: Final = ctypes.c_void_p
NUMBER: Final = ctypes.c_int64

_BYTE: Final = ctypes.c_char


def _found() -> str | None:
    """Where the compiled library lies; None where this machine has none."""
    paths = [Path(__file__).with_name(f"_compiled{suffix}") for suffix in EXTENSION_SUFFIXES]
    return next((str(path) for path in paths if path.is_file()), None)


_PATH: Final = _found()
_QUICK: Final = None if _PATH is None else ctypes.PyDLL(_PATH)
_LONG: Final = None if _PATH is None else ctypes.CDLL(_PATH)

IS_COMPILED: Final = _PATH is not None
"""Whether there is compiled code."""


def compiled(name: str, *kinds: Any, returns: Any = None, is_long: bool = False) -> Callable[..., Any]:
    """The compiled function of this name, which takes arguments of these kinds; without compiled code, what fails.

    One that `is_long` lets other threads of Python work meanwhile. To those that take microseconds that would only do
    harm: a thread that is let in may keep the interpreter for a millisecond, and each call would let one in.
    """
    library = _LONG if is_long else _QUICK
    if library is None:
        return _missing
    function = getattr(library, name)
    function.argtypes, function.restype = kinds, returns
    found: Callable[..., Any] = function
    return found


def address_of(array: NDArray[Any]) -> int:
    """Where an array lies in memory; the caller keeps it alive for as long as that is used.

    By its buffer where it may be written to: numpy's own ways take several times as long. Raises `ValueError` for one
    that does not lie in one piece.
    """
    try:
        return ctypes.addressof(_BYTE.from_buffer(array))  # type: ignore[arg-type]  # numpy's arrays are buffers
    except (TypeError, ValueError) as error:  # read-only, or empty
        if not array.flags.c_contiguous:
            raise ValueError("Compiled code reads arrays that lie in one piece.") from error
        return int(array.__array_interface__["data"][0])


def address_or_nought(array: NDArray[Any] | None) -> int:
    """The same, or nought for none."""
    return 0 if array is None else address_of(array)


def _missing(*_: object) -> Any:
    raise RuntimeError("There is no compiled code here.")
