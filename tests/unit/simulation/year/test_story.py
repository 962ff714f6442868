"""What is said of several seeds together, from lines written by hand."""

from pathlib import Path
from typing import Any

import pytest

from desk.errors import SettingError
from simulation.year.habits import Habits
from simulation.year.page import page
from simulation.year.picture import save
from simulation.year.results import add_week, begin_results, heading_of, read_results
from simulation.year.settings import SampleYear
from simulation.year.story import (
    Applied,
    applied_by_week,
    by_week,
    cells_of,
    events_of,
    recoveries_of,
    retrainings_of,
    said_by_week,
)

YEAR = SampleYear(weeks=4)
HEADING = heading_of(YEAR, Habits(), "learns by heart", 2)


def figure(value: float, half: float = 0.03) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def figures(queue: float) -> dict[str, Any]:
    no_number = {"value": None, "low": None, "high": None}
    return {
        "queue_accuracy": figure(queue),
        "queue_macro_f1": figure(queue),
        "priority_accuracy": figure(0.7),
        "priority_macro_f1": figure(0.6),
        "escalation_auroc": no_number,
    }


def line(seed: int, week: int, **more: Any) -> dict[str, Any]:
    return {
        "seed": seed,
        "week": week,
        "begins": "2024-01-01T00:00:00+00:00",
        "changes": [],
        "tickets": 500,
        "version": "1",
        "given": figures(0.8 + seed / 100),
        "given_without": figures(0.7),
        "ahead": figures(0.8),
        "ahead_without": figures(0.7),
        "applied": {"queue": {"Billing": [100, 98, 0.96], "Orders": [3, 0, 0.96]}, "priority": {}},
        "applied_without": {"queue": {"Billing": [100, 80, 0.96]}, "priority": {}},
        "fed_back": {"outcomes": 480, "asked": 20 + seed, "said_when_asked": 20, "unasked": 10, "hostile": 0},
        "retrained": None,
        "promotion": None,
        "refusal": None,
        "recovery": None,
        **more,
    }


def lines() -> list[dict[str, Any]]:
    promoted = {"outcome": "promoted", "version": "2", "reasons": ["better"], "seconds": 9.0}
    refused = {"outcome": "refused", "version": "3", "reasons": ["worse in Billing"], "seconds": 9.0}
    recovery = {
        "change": "drift",
        "before": {"queue_accuracy": figure(0.85)},
        "unchanged": {"queue_accuracy": figure(0.75)},
        "recovered": {"queue_accuracy": figure(0.84)},
    }
    compared = {"before": "1", "after": "2", "gain": figures(0.05)}
    return [
        line(1, 1),
        line(2, 1),
        line(1, 2, retrained=promoted, promotion=compared, changes=["drift"]),
        line(2, 2, retrained=promoted, promotion={**compared, "gain": figures(-0.05)}, changes=["drift"]),
        line(1, 4, retrained=refused, refusal={**compared, "gain": figures(-0.02)}, recovery=recovery),
    ]


def test_a_week_s_figure_is_the_mean_of_the_seeds_and_surer_than_each() -> None:
    found = by_week(lines(), "given", "queue_accuracy")
    assert list(found) == [1, 2, 4]
    assert found[1].value == pytest.approx(0.815)
    assert found[1].high - found[1].value == pytest.approx(0.03 / 2**0.5)
    assert by_week(lines(), "given", "escalation_auroc") == {}


def test_what_is_applied_is_added_up() -> None:
    assert applied_by_week(lines(), "applied", "queue")[1] == Applied(1000, 206, 196)
    assert applied_by_week(lines(), "applied", "priority")[1] == Applied(1000, 0, 0)


def test_a_contract_is_broken_where_chance_does_not_explain_it() -> None:
    assert cells_of(lines(), "applied_without").broken == cells_of(lines(), "applied_without").cells == 2
    found = cells_of(lines(), "applied")
    # Billing of each seed holds; the few of Orders are a cell of each seed too, and none of them was right.
    assert (found.cells, found.broken) == (4, 2)


def test_retrainings_and_recoveries_are_told() -> None:
    assert [(one.outcome, one.seed) for one in retrainings_of(lines())] == [
        ("promoted", 1),
        ("promoted", 2),
        ("refused", 1),
    ]
    (recovery,) = recoveries_of(lines())
    assert recovery.drop == pytest.approx(0.1)
    assert recovery.share == pytest.approx(0.9)
    assert [(one.week, one.kind) for one in events_of(lines())] == [(2, "drift")]
    assert said_by_week(lines(), "asked") == {1: 21.5, 2: 21.5, 4: 21}


def test_the_page_and_the_picture_tell_all_of_it(tmp_path: Path) -> None:
    text = "\n".join(page([HEADING, HEADING], lines()))
    assert "learns by heart" in text
    assert "| drift | 0.850 | 0.750 | 0.840 | 10.0 points | 90% |" in text
    assert "| 4 | 1 | -0.020 (-0.050 to +0.010) | worse in Billing |" in text
    assert "2 promoted, 1 refused." in text
    assert "a launch" in text
    save(lines(), tmp_path / "year.png")
    assert (tmp_path / "year.png").read_bytes().startswith(b"\x89PNG")


def test_weeks_are_kept_as_they_end_and_a_cut_line_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "weeks.jsonl"
    assert begin_results(path, HEADING) == []
    kept = add_week(path, line(1, 1, version=float("nan")))
    assert kept["version"] is None
    with path.open("ab") as file:
        file.write(b'{"seed": 1, "we')
    assert begin_results(path, HEADING) == [kept]
    add_week(path, line(1, 2))
    assert [one["week"] for one in read_results(path)[1]] == [1, 2]


def test_another_year_is_no_year_to_go_on_with(tmp_path: Path) -> None:
    path = tmp_path / "weeks.jsonl"
    begin_results(path, HEADING)
    begin_results(path, heading_of(SampleYear(weeks=9), Habits(), "learns by heart", 2))
    with pytest.raises(SettingError, match="another every, year"):
        begin_results(path, heading_of(SampleYear(seed=9), Habits(), "learns by heart", 4))
    path.write_text("{}\n")
    with pytest.raises(SettingError, match="no year that this build reads"):
        read_results(path)
