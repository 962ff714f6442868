"""Giving memory back changes nothing that is in use."""

import numpy as np
import psutil

from training.memory import give_back


def test_what_is_let_go_goes_back_to_the_system_and_what_is_in_use_stays() -> None:
    def held() -> int:
        return int(psutil.Process().memory_info().rss)

    kept = np.arange(1_000)
    scattered = [bytes(50_000) for _ in range(4_000)]  # 200 MB, each piece too small for pages of its own
    wall = scattered[-1]
    del scattered
    before = held()
    give_back()
    assert held() <= before
    assert kept.sum() == 499_500
    assert wall == bytes(50_000)
