"""`pointsman feedback import` and `pointsman outcomes import`, as people call them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from journal.database import connect, migrate, writing
from journal.environment import read_environment
from journal.erasures import Person, bury
from journal.log import Log
from journal.outcomes import outcomes
from journal.predictions import RecordedPrediction, record
from journal.secret import installation_secret
from journal.verdicts import verdicts

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
Pointsman = Callable[..., Any]


def prediction(number: int, customer: str = "c-1") -> RecordedPrediction:
    ticket = {"id": f"t{number}", "customer": {"id": customer}}
    return RecordedPrediction(f"{number:032x}", "default", AT, "1", ticket, {}, 0.4)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """1,200 predictions in the database, one still in the local log, and one of somebody who was erased since."""
    home = tmp_path / "home"
    environment = read_environment({"POINTSMAN_HOME": str(home)})
    engine = connect(environment.database_url)
    migrate(engine)
    with writing(engine) as connection:
        record(connection, [prediction(number) for number in range(1_200)])
    with Log(home / "log") as log:
        log.write(prediction(5_000), prediction(5_001, "c-9"))
    bury(engine, Person.of("c-9", "default", installation_secret(environment)), who="ann", at=AT)
    engine.dispose()
    return home


@pytest.fixture
def journal(home: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{home / 'journal.db'}")
    yield engine
    engine.dispose()


def verdict_file(folder: Path, *numbers: int, queue: str = "Billing") -> Path:
    path = folder / "verdicts.csv"
    rows = [f"{number:032x},ann,2026-11-21T10:30:00Z,{queue}" for number in numbers]
    path.write_text("\n".join(["prediction_id,who,at,queue", *rows]))
    return path


def test_verdicts_are_kept_once_and_those_on_unknown_answers_are_written_beside(
    pointsman: Pointsman, home: Path, journal: Engine, tmp_path: Path
) -> None:
    path = verdict_file(tmp_path, *range(1_200), 5_000, 5_001, 6_000)
    said = pointsman("feedback", "import", path, home=home)
    assert said.code == 0
    assert said.out == f"{path}: 1,201 verdicts are new, 0 were known.\n"
    beside = tmp_path / "verdicts.csv.refused.jsonl"
    assert said.err == f"2 rows cannot be used: {beside} holds them with their reasons.\n"
    refused = [json.loads(line) for line in beside.read_text().splitlines()]
    assert [(one["row"], one["line"], one["values"]["prediction_id"]) for one in refused] == [
        (1_202, 1_203, f"{5_001:032x}"),
        (1_203, 1_204, f"{6_000:032x}"),
    ]
    assert all(one["why"].startswith("There is no prediction of this id") for one in refused)
    assert len(verdicts(journal)) == 1_201
    assert verdicts(journal, ticket_id="t5000")[0].queue == "Billing"
    again = json.loads(pointsman("feedback", "import", path, "--json", home=home).out)
    assert (again["new"], again["known"], again["refused"], again["refused_file"]) == (0, 1_201, 2, str(beside))
    assert json.loads(pointsman("feedback", "import", verdict_file(tmp_path, 1), "--json", home=home).out) == {
        "file": str(path),
        "new": 0,
        "known": 1,
        "refused": 0,
        "refused_file": None,
        "notes": [],
    }
    assert not beside.exists()


def test_outcomes_of_a_history_are_kept_once(
    pointsman: Pointsman, home: Path, journal: Engine, write_sample: Callable[..., Path]
) -> None:
    path = write_sample(600)
    said = pointsman("outcomes", "import", path, home=home)
    assert said.code == 0, said.err
    assert said.out.endswith(f"{path}: 600 outcomes are new, 0 were known.\n")
    assert "left out, since nothing is made of them: 'channel', 'language', " in said.out
    rows = {row["id"]: row for row in map(json.loads, path.read_text().splitlines())}
    kept = outcomes(journal)
    assert len(kept) == 600
    for one in kept:
        row = rows[one.ticket_id]
        assert one.said == {name: row[name] for name in ("queue", "priority", "escalated", "sla_breached")}
    again = json.loads(pointsman("outcomes", "import", path, "--json", home=home).out)
    assert (again["new"], again["known"], again["refused"]) == (0, 600, 0)


def test_outcomes_of_people_who_were_erased_are_left_out_where_the_file_names_them(
    pointsman: Pointsman, home: Path, journal: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "o.csv"
    rows = ("old,c-9,2026-11-20T10:00Z,a", "new,c-9,2026-11-21T10:01Z,a", "another,c-8,,a", "nobodys,,,a")
    path.write_text("\n".join(["id,customer_id,created_at,queue", *rows]))
    said = pointsman("outcomes", "import", path, home=home)
    assert (said.code, said.err) == (0, "")
    assert "  · 1 of people who were erased: left out\n" in said.out
    assert {one.ticket_id for one in outcomes(journal)} == {"new", "another", "nobodys"}


def test_where_no_row_can_be_used_that_is_the_users_mistake(
    pointsman: Pointsman, home: Path, journal: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "o.csv"
    path.write_text("id,queue,reopen_count\n1,,\n2,Billing,many\n")
    said = pointsman("outcomes", "import", path, home=home)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "None of the 2 rows" in said.err
    assert len((tmp_path / "o.csv.refused.jsonl").read_text().splitlines()) == 2
    said = pointsman("feedback", "import", verdict_file(tmp_path, 7_000), home=home)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert outcomes(journal) == verdicts(journal) == []


@pytest.mark.parametrize("verb", ["feedback", "outcomes"])
@pytest.mark.parametrize("content", [None, b"", b"id,queue\n1,2,3\n", b"PK\x03\x04nothing"])
def test_a_file_that_cannot_be_read_is_told_in_one_line(
    verb: str, content: bytes | None, pointsman: Pointsman, tmp_path: Path
) -> None:
    path = tmp_path / "given.csv"
    if content is not None:
        path.write_bytes(content)
    said = pointsman(verb, "import", path)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert not path.with_name("given.csv.refused.jsonl").exists()


def test_both_act_for_the_tenant_of_the_environment(
    pointsman: Pointsman, home: Path, journal: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from journal.tenants import add_tenant

    add_tenant(journal, "north", at=AT)
    monkeypatch.setenv("POINTSMAN_TENANT", "north")
    assert pointsman("feedback", "import", verdict_file(tmp_path, 1), home=home).code == 2
    path = tmp_path / "o.csv"
    path.write_text("id,queue\n1,Billing\n")
    assert pointsman("outcomes", "import", path, home=home).code == 0
    assert (len(outcomes(journal, "north")), outcomes(journal)) == (1, [])
