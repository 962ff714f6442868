"""Memory that is free goes back to the system."""

import numpy as np
import psutil
import pytest

from serving.memory import give_back


def test_what_was_let_go_of_piece_by_piece_is_given_back() -> None:
    process = psutil.Process()
    pieces = [np.ones(2_000) for _ in range(10_000)]  # 160 MB in pieces that are too small to be mapped
    kept = pieces[-1]
    held = process.memory_info().rss
    del pieces
    give_back()
    if process.memory_info().rss > held - 100_000_000 and not psutil.LINUX:
        pytest.skip("this C library gives nothing back on demand")
    assert process.memory_info().rss < held - 100_000_000
    assert kept.sum() == 2_000


def test_where_the_c_library_has_no_such_thing_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    give_back()
