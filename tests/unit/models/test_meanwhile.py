"""Work that is begun now and wanted later."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from models.meanwhile import begin


def test_without_a_thread_to_spare_it_is_done_once_by_the_first_who_asks() -> None:
    done: list[int] = []
    later = begin(None, lambda: done.append(1) or len(done))
    assert done == []
    assert (later(), later(), done) == (1, 1, [1])


def test_with_one_it_is_done_there_and_its_failure_reaches_who_asks() -> None:
    with ThreadPoolExecutor(1) as beside:
        assert begin(beside, lambda: 7)() == 7
        later = begin(beside, lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            later()
