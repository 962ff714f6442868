"""Years of the sample desk are kept as they were lived, with the build that lived them."""

from pathlib import Path

import pytest

from benchmarks.learning import SEEDS, YEARS, keep, kept_year, main
from simulation.year.habits import Habits
from simulation.year.results import RESULTS_FILE, add_week, begin_results, heading_of
from simulation.year.settings import SampleYear


def test_a_year_is_read_back_as_it_was_kept_and_kept_the_same_twice(tmp_path: Path) -> None:
    heading = heading_of(SampleYear(seed=9), Habits(), "a loop", 4)
    begin_results(tmp_path / RESULTS_FILE, heading)
    week = add_week(tmp_path / RESULTS_FILE, {"week": 1, "seed": 9})
    path = keep(tmp_path / RESULTS_FILE, "abc1234", tmp_path / "years")
    first = path.read_bytes()
    assert keep(tmp_path / RESULTS_FILE, "abc1234", tmp_path / "years").read_bytes() == first
    found = kept_year(9, tmp_path / "years")
    assert found is not None
    assert (found.heading, found.weeks, found.build) == (heading, [week], "abc1234")
    assert kept_year(8, tmp_path / "years") is None


def test_a_year_that_is_not_over_is_not_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin_results(tmp_path / RESULTS_FILE, heading_of(SampleYear(seed=9), Habits(), "a loop", 4))
    assert main(["--add", str(tmp_path / RESULTS_FILE)]) == 2
    assert "0 of 52 weeks" in capsys.readouterr().err
    assert kept_year(9, YEARS) is None


def test_the_years_that_are_kept_are_whole() -> None:
    for seed in map(int, SEEDS.split(",")):
        found = kept_year(seed, YEARS)
        if found is not None:
            assert [week["week"] for week in found.weeks] == list(range(1, 53))
            assert found.heading["year"]["seed"] == seed
