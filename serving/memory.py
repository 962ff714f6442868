"""Gives memory that nobody uses any more back to the system. Knows not who used it."""

import ctypes
from contextlib import suppress

__all__ = ["give_back"]


def give_back() -> None:
    """Let the C library return free memory: ten megabytes after a version was made ready. Nothing where it cannot."""
    with suppress(AttributeError, OSError):  # glibc's alone
        ctypes.CDLL(None).malloc_trim(0)
