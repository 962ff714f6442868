"""Numbers that several processes count side by side: in files, with locks, across deaths."""

import subprocess
import sys
from pathlib import Path

import pytest

from serving import tallies
from serving.tallies import MOST_SERIES, Tallies, read_tallies

ROOT = Path(__file__).resolve().parents[3]

COUNTS = """
import sys
from pathlib import Path
from serving.tallies import Tallies
counted = Tallies(Path(sys.argv[1]))
counted.values[counted.places["asked", "here"]] += 5
print("counted", flush=True)
sys.stdin.read()
"""


def sums(folder: Path) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for one in read_tallies(folder):
        found[one.name] = found.get(one.name, 0.0) + one.value
    return found


def another_process(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTS, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    return process


def test_what_two_processes_count_adds_up_and_outlives_one_that_is_killed(tmp_path: Path) -> None:
    own = Tallies(tmp_path)
    own.values[own.places["asked", "here"]] += 2
    other = another_process(tmp_path)
    assert sums(tmp_path) == {("asked", "here"): 7}
    assert [one.is_live for one in own.read()] == [True, True]
    other.kill()
    other.communicate()
    assert sums(tmp_path) == {("asked", "here"): 7}
    assert sorted(one.is_live for one in own.read()) == [False, True]


def test_the_file_of_a_process_that_has_ended_is_counted_on_by_the_next(tmp_path: Path) -> None:
    for _ in range(3):
        ended = another_process(tmp_path)
        ended.kill()
        ended.communicate()
    assert len(list(tmp_path.iterdir())) == 1
    assert sums(tmp_path) == {("asked", "here"): 15}


def test_one_that_is_closed_leaves_its_file_though_its_process_lives(tmp_path: Path) -> None:
    Tallies(tmp_path).close()
    Tallies(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_names_of_any_kind_are_kept_apart(tmp_path: Path) -> None:
    counted = Tallies(tmp_path)
    for number, name in enumerate([("a",), ("a", ""), ("a", "b\nc"), ("a", "ü 🙂"), ("a", "b", "c")]):
        counted.values[counted.places[name]] += number
    assert [one.value for one in counted.read()] == [0, 1, 2, 3, 4]
    assert len(sums(tmp_path)) == 5


def test_there_is_an_end_to_how_many_are_counted(tmp_path: Path) -> None:
    counted = Tallies(tmp_path)
    for number in range(2 * MOST_SERIES):
        counted.values[counted.places["asked", str(number)]] += 1
    assert len(list(counted.read())) == MOST_SERIES - 2
    assert all(one.value == 1 for one in counted.read())


def test_where_nothing_can_be_written_this_process_counts_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tallies.os, "posix_fallocate", full)
    counted = Tallies(tmp_path)
    counted.values[counted.places[("asked",)]] += 3
    assert [(one.name, one.value) for one in counted.read()] == [(("asked",), 3)]


def test_a_file_that_is_none_of_ours_or_half_made_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "7.tallies").write_bytes(b"half")
    (tmp_path / "8.tallies").mkdir()
    assert list(read_tallies(tmp_path)) == []
