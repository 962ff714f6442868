"""`pointsman contracts`: seen before they are set, kept as settings, and followed by what scores."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.workplace import demands_in
from desk.demands import Demands
from journal.database import connect, migrate
from journal.environment import Environment
from journal.settings import get_setting, put_setting, setting_revisions
from models.storage import load_version

Pointsman = Callable[..., Any]


def held(home: Environment) -> Any:
    engine = connect(home.database_url)
    setting = get_setting(engine, "contracts")
    engine.dispose()
    return setting


def test_every_label_is_listed_and_what_each_demand_would_cover(
    pointsman: Pointsman, trained_home: Environment
) -> None:
    said = pointsman("contracts", "--json", home=trained_home)
    assert said.code == 0, said.err
    told = json.loads(said.out)
    version = load_version(trained_home.versions / "1")
    for head in ("queue", "priority"):
        shown = told["heads"][head]
        assert {one["label"] for one in shown["labels"]} == set(version.heads[head].labels)
        assert sum(one["rows"] for one in shown["labels"]) == 600  # every row of the history was held out once
        shares = [one["share"] for one in shown["prices"]]
        # Each demand's test begins at its own first set: of 600 rows a stricter one may prove a little more.
        assert shares[0] == max(shares)
        assert shares[-1] == min(shares)
        for one in shown["labels"]:
            assert (one["threshold"] is None) == (one["lacking"] > 0) == (one["share"] == 0)
    assert 0.12 in {one["capacity"] for one in told["reviews"]}
    assert told["setting"] == Demands().to_json()


def test_the_tables_name_labels_and_demands(pointsman: Pointsman, trained_home: Environment) -> None:
    said = pointsman("contracts", home=trained_home)
    assert said.code == 0, said.err
    for words in ("Billing", "0.96 now", "lacking", "12.0% now", "suggestions begin at 0.5"):
        assert words in said.out


def test_a_demand_is_kept_as_a_revision_and_taken_back(pointsman: Pointsman, home_copy: Environment) -> None:
    assert pointsman("contracts", "set", "queue", "0.8", home=home_copy).code == 0
    said = pointsman("contracts", "set", "queue", "0.9", "--label", "Billing", "--json", home=home_copy)
    told = json.loads(said.out)
    assert (told["revision"], told["version"]) == (2, "1")
    assert told["setting"]["queue"] == {"default": 0.8, "labels": {"Billing": 0.9}}
    before, after = told["shares"]["queue"]
    assert before >= after
    assert pointsman("contracts", "reset", "queue", "--label", "Billing", home=home_copy).code == 0
    assert pointsman("contracts", "set", "review_capacity", "0.2", home=home_copy).code == 0
    setting = held(home_copy)
    assert (setting.revision, setting.value["queue"]) == (4, {"default": 0.8, "labels": {}})
    assert setting.value["review_capacity"] == 0.2
    assert pointsman("contracts", "reset", home=home_copy).code == 0
    assert held(home_copy).value == Demands().to_json()


def test_a_demand_for_a_label_that_is_not_known_is_kept_and_said(pointsman: Pointsman, home_copy: Environment) -> None:
    said = pointsman("contracts", "set", "queue", "0.99", "--label", "Printers", home=home_copy)
    assert "does not know 'Printers'" in said.out
    assert held(home_copy).value["queue"]["labels"] == {"Printers": 0.99}
    assert "does not know 'Printers'" in pointsman("contracts", home=home_copy).out


def test_demands_can_be_set_before_anything_was_learned(pointsman: Pointsman, tmp_path: Path) -> None:
    said = pointsman("contracts", "set", "queue", "0.98", home=tmp_path)
    assert said.code == 0, said.err
    assert pointsman("contracts", home=tmp_path).code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("set", "queue", "96"),
        ("set", "queue", "nan"),
        ("set", "queue", "much"),
        ("set", "breach", "0.9"),
        ("set", "suggest", "0.4", "--label", "Billing"),
        ("reset", "queue", "--label", "Billing"),
        ("reset", "--label", "Billing"),
    ],
)
def test_what_cannot_be_demanded_is_refused_and_nothing_is_written(
    pointsman: Pointsman, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = pointsman("contracts", *arguments, home=tmp_path)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    engine = connect(f"sqlite:///{tmp_path / 'journal.db'}")
    migrate(engine)
    assert setting_revisions(engine, "contracts") == []
    engine.dispose()


def test_a_setting_that_cannot_be_read_is_said_and_can_be_reset(pointsman: Pointsman, home_copy: Environment) -> None:
    engine = connect(home_copy.database_url)
    put_setting(engine, "contracts", {"quue": {}}, who="by hand", at=datetime(2026, 11, 21, tzinfo=UTC))
    said = pointsman("contracts", home=home_copy)
    assert (said.code, "'quue'" in said.err) == (2, True)
    assert pointsman("contracts", "set", "queue", "0.9", home=home_copy).code == 2
    assert pointsman("contracts", "reset", home=home_copy).code == 0
    assert demands_in(engine, "default") == Demands()
    engine.dispose()


def test_what_is_scored_follows_the_demand(pointsman: Pointsman, home_copy: Environment, tmp_path: Path) -> None:
    tickets, out = tmp_path / "tickets.jsonl", tmp_path / "answers.jsonl"
    tickets.write_text("".join(f'{{"id": "{n}", "subject": "please refund the duplicate charge"}}\n' for n in range(3)))
    modes = []
    for number in ("0.6", "0.9999"):
        assert pointsman("contracts", "set", "queue", number, home=home_copy).code == 0
        assert pointsman("score", tickets, "--output", out, home=home_copy).code == 0
        answers = [json.loads(line)["queue"] for line in out.read_text().splitlines()]
        modes.append({(one["mode"], one["threshold"] is None) for one in answers})
    assert modes == [{("auto", False)}, {("suggest", True)}]
