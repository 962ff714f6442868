"""Work of compiled code that is begun now and wanted later: on a thread that somebody can spare, or by whoever asks.

Knows not what the work is.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from functools import cache
from typing import TypeVar

__all__ = ["begin"]

T = TypeVar("T")


def begin(beside: Executor | None, work: Callable[[], T]) -> Callable[[], T]:
    """What gives the result of `work`, however often it is called.

    beside: where it is done meanwhile; None: by the first who calls. Work that lets go of the interpreter gains by it.
    """
    return cache(work) if beside is None else beside.submit(work).result
