"""`pointsman taxonomy`: queues change by one command each, and training and scoring follow."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.database import connect
from journal.environment import Environment
from journal.settings import put_setting, setting_revisions

Pointsman = Callable[..., Any]


def told(pointsman: Pointsman, home: Environment | Path, *arguments: str | Path) -> dict[str, Any]:
    said = pointsman("taxonomy", *arguments, "--json", home=home)
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    return found


def test_every_kind_of_change_is_a_dated_record(pointsman: Pointsman, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert told(pointsman, home)["setting"] == {"records": []}
    told(pointsman, home, "rename", "Access", "Identity", "--at", "2026-03-01")
    told(pointsman, home, "merge", "Orders", "Sales", "--into", "Sales", "--at", "2026-04-01T08:00+02:00")
    told(pointsman, home, "split", "Network", "--into", "VPN", "tunnels", "--into", "Wifi", "the air")
    told(pointsman, home, "retire", "Fax")
    last = told(pointsman, home, "add", "Privacy", "--description", "erase personal data")
    assert last["revision"] == 5
    assert [one["kind"] for one in last["setting"]["records"]] == ["renamed", "merged", "split", "retired", "added"]
    assert last["setting"]["records"][0]["at"] == "2026-03-01T00:00:00+00:00"
    assert last["version"] is None
    said = pointsman("taxonomy", home=home)
    for words in ("'Access' is called 'Identity'", "'Network' became 'VPN', 'Wifi'", "'Fax' is no more", "Revision 5"):
        assert words in said.out


def test_a_change_that_cannot_be_is_refused_in_one_line_and_nothing_is_written(
    pointsman: Pointsman, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    told(pointsman, home, "retire", "Fax", "--at", "2026-03-01")
    for arguments in (
        ("rename", "Fax", "Paper"),
        ("split", "A", "--into", "B", "only one"),
        ("rename", "A", "A"),
        ("retire", "A", "--into", "Fax"),
        ("add", "A", "--description", " "),
        ("retire", "A", "--at", "soon"),
        ("import", str(tmp_path / "none.toml")),
    ):
        said = pointsman("taxonomy", *arguments, home=home)
        assert (said.code, said.out) == (2, ""), arguments
        assert len(said.err.strip().splitlines()) == 1
    assert told(pointsman, home)["revision"] == 1


def test_the_default_queue_is_not_left_without_a_successor(pointsman: Pointsman, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert pointsman("settings", "set", "default_queue", '"First line"', home=home).code == 0
    said = pointsman("taxonomy", "retire", "First line", home=home)
    assert said.code == 2
    assert "--into" in said.err
    assert told(pointsman, home)["revision"] == 0
    told(pointsman, home, "retire", "First line", "--into", "Service desk")


def test_records_go_to_a_file_and_come_back(pointsman: Pointsman, tmp_path: Path) -> None:
    home, other, file = tmp_path / "home", tmp_path / "other", tmp_path / "taxonomy.toml"
    told(pointsman, home, "split", "Network", "--into", "VPN", "tunnels", "--into", "Wifi", "the air")
    setting = told(pointsman, home, "rename", "Access", "Identity")["setting"]
    assert pointsman("taxonomy", "export", file, home=home).code == 0
    assert told(pointsman, other, "import", file)["setting"] == setting
    file.write_text('[[records]]\nat = 2026-03-01\nkind = "retired"\nqueues = ["A"]\n')
    said = pointsman("taxonomy", "import", file, home=other)
    assert said.code == 2
    assert "records.0.at" in said.err
    engine = connect(f"sqlite:///{other / 'journal.db'}")
    put_setting(engine, "taxonomy", {"records": "none"}, who="an older build", at=datetime.now(UTC))
    engine.dispose()
    assert pointsman("taxonomy", home=other).code == 2
    assert pointsman("taxonomy", "retire", "A", home=other).code == 2
    assert pointsman("taxonomy", "export", file, home=home).code == 0
    assert told(pointsman, other, "import", file)["setting"] == setting
    desk = tmp_path / "desk.toml"
    assert pointsman("settings", "export", desk, home=home).code == 0
    assert pointsman("settings", "import", desk, home=tmp_path / "third").code == 0
    assert told(pointsman, tmp_path / "third")["setting"] == setting


def test_a_version_that_was_trained_before_scores_by_the_names_of_today(
    pointsman: Pointsman, home_copy: Environment, tmp_path: Path
) -> None:
    tickets = tmp_path / "tickets.jsonl"
    subjects = ("invoice is wrong", "vpn down", "printer jams", "cannot log in", "refund please")
    tickets.write_text("".join(json.dumps({"id": str(at), "subject": one}) + "\n" for at, one in enumerate(subjects)))

    def scored() -> list[dict[str, Any]]:
        output = tmp_path / "answers.jsonl"
        said = pointsman("score", tickets, "--output", output, "--similar", "3", "--explain", home=home_copy)
        assert said.code == 0, said.err
        return [json.loads(line)["queue"] for line in output.read_text().splitlines()]

    before = scored()
    told(pointsman, home_copy, "rename", "Billing", "Invoices")
    after = scored()
    assert "Invoices" in {one["label"] for one in after}
    assert [one["probability"] for one in after] == [one["probability"] for one in before]
    assert [one["threshold"] for one in after] == [one["threshold"] for one in before]
    network = told(pointsman, home_copy, "retire", "Network")
    assert (network["version"], network["gone"]) == ("1", ["Network"])
    for one in scored():
        assert "Network" not in {candidate["label"] for candidate in one["top"]}
    said = pointsman("taxonomy", "rename", "Access", "Invoices", home=home_copy)
    assert said.code == 2
    assert "merge" in said.err
    strange = told(pointsman, home_copy, "retire", "Acces", "--at", "2026-11-25")
    assert strange["strange"] == ["Acces"]
    contracts = json.loads(pointsman("contracts", "--json", home=home_copy).out)
    assert "Network" not in {one["label"] for one in contracts["heads"]["queue"]["labels"]}
    assert "Invoices" in {one["label"] for one in contracts["heads"]["queue"]["labels"]}
    engine = connect(home_copy.database_url)
    revisions = setting_revisions(engine, "taxonomy")
    engine.dispose()
    assert [one.revision for one in revisions] == [1, 2, 3]


@pytest.mark.parametrize("verb", ["rename", "merge", "split", "retire", "add", "import", "export"])
def test_every_change_explains_itself(pointsman: Pointsman, verb: str) -> None:
    assert pointsman("taxonomy", verb, "--help").code == 0
