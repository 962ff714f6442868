"""Timing: who is timed, how often, in which order, and what a command is said to have taken."""

import resource
import sys
from pathlib import Path

import pytest

from benchmarks.timing import medians, run


def test_systems_take_turns_in_blocks_and_warm_calls_do_not_count() -> None:
    called: list[tuple[str, int]] = []
    ticks: list[int] = []
    systems = {name: (lambda place, name=name: called.append((name, place))) for name in ("one", "other")}
    found = medians(systems, 103, lambda: ticks.append(1))
    assert found.keys() == systems.keys()
    assert all(0 <= seconds < 1 for seconds in found.values())
    blocks = [("one", range(100)), ("other", range(100)), ("one", range(100, 103)), ("other", range(100, 103))]
    counted = [(name, place) for name, places in blocks for place in places]
    assert called[-len(counted) :] == counted
    assert len(called) > len(counted)
    assert len(ticks) == 103


def test_fewer_tickets_than_warm_calls_are_asked_again() -> None:
    called: list[int] = []
    medians({"one": called.append}, 3)
    assert set(called) == {0, 1, 2}
    assert called[-3:] == [0, 1, 2]


def test_a_command_is_run_where_and_with_what_it_is_told(tmp_path: Path) -> None:
    code = "import os; taken = bytearray(200_000_000); print(os.getcwd(), os.environ['WHO'])"
    spent = run([sys.executable, "-c", code], tmp_path, {"WHO": "me"})
    assert spent.said.split() == [str(tmp_path), "me"]
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # a child begins as a copy of who starts it
    assert 0.2 < spent.gigabytes < max(1, 1.1 * held)
    assert 0 < spent.seconds < 60


def test_a_command_that_fails_says_what_it_wrote_last(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3\. It wrote last:\nno such desk"):
        run([sys.executable, "-c", "import sys; print('no such desk', file=sys.stderr); sys.exit(3)"], tmp_path, {})
