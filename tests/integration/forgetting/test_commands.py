"""`pointsman forget`, `backup` and `restore`, as people call them, over a home in which a person is everywhere."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.main import _run
from journal.database import connect, migrate, writing
from journal.environment import Environment, read_environment
from journal.predictions import RecordedPrediction, count, record
from journal.settings import put_setting
from models.check import check_version
from models.registry import fetch, versions
from models.storage import load_version
from training.histories.store import load_history

ROOT = Path(__file__).resolve().parents[3]
THEM = "customer-7f3a"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Pointsman = Callable[..., Said]


@pytest.fixture
def pointsman(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Pointsman:
    def run(*arguments: str | Path, home: Environment) -> Said:
        monkeypatch.setenv("POINTSMAN_HOME", str(home.home))
        capsys.readouterr()
        code = _run([str(one) for one in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def in_a_process(*arguments: str | Path, home: Environment) -> Said:
    """As from a shell: MLflow keeps files open for as long as the process lives, also those that were replaced."""
    command = [sys.executable, "-m", "cli.main", *map(str, arguments)]
    variables = {**os.environ, "POINTSMAN_HOME": str(home.home)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, cwd=ROOT)
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def home(make_desk_home: Callable[..., Environment]) -> Environment:
    """One prediction of theirs, one of somebody else's, made an hour ago."""
    environment = make_desk_home()
    engine = connect(environment.database_url)
    before = datetime.now(UTC) - timedelta(hours=1)
    with writing(engine) as connection:
        record(
            connection,
            [
                RecordedPrediction(
                    f"{number:032x}",
                    "default",
                    before,
                    "1",
                    {"id": f"t{number}", "customer": {"id": customer}},
                    {},
                    0.4,
                )
                for number, customer in enumerate((THEM, "c-8"))
            ],
        )
    engine.dispose()
    return environment


def rows_of_theirs(environment: Environment) -> int:
    (path,) = environment.histories.glob("*.parquet")
    similar = load_version(environment.versions / "1").similar
    assert similar is not None
    in_index = sum(similar.ids[row].startswith("theirs-") for row in range(len(similar)))
    return in_index + sum(row.ticket.customer.id == THEM for row in load_history(path).rows)


def test_a_person_who_was_forgotten_stays_forgotten_after_an_older_backup(home: Environment, tmp_path: Path) -> None:
    backup = tmp_path / "before.tar.gz"
    made = in_a_process("backup", backup, "--json", home=home)
    assert made.code == 0, made.err
    assert json.loads(made.out)["rows"]["predictions"] == 2

    would = in_a_process("forget", THEM, "--dry-run", "--json", home=home)
    assert json.loads(would.out)["erased"]["histories"] == 12
    assert rows_of_theirs(home) == 24

    told = in_a_process("forget", THEM, home=home)
    assert told.code == 0, told.out + told.err
    assert "rows of kept histories" in told.out
    assert "Trained on them: version 1." in told.out
    assert THEM not in told.out
    assert rows_of_theirs(home) == 0

    refused = in_a_process("restore", backup, home=home)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--replace" in refused.err
    done = in_a_process("restore", backup, "--replace", home=home)
    assert done.code == 0, done.out + done.err
    assert "People who were erased since: 1. Of their predictions 1 stayed out" in done.out
    assert rows_of_theirs(home) == 0
    engine = connect(home.database_url)
    assert count(engine).predictions == 1
    engine.dispose()
    assert b"theirs-" not in b"".join(one.read_bytes() for one in home.mlflow_artifacts.rglob("similar.*"))


def test_a_backup_moves_everything_to_another_home(
    make_desk_home: Callable[..., Environment], pointsman: Pointsman, tmp_path: Path
) -> None:
    here = make_desk_home()
    assert pointsman("backup", tmp_path / "b.tar", home=here).code == 0
    there = read_environment({"POINTSMAN_HOME": str(tmp_path / "there")})
    said = pointsman("restore", tmp_path / "b.tar", "--json", home=there)
    assert said.code == 0, said.err
    assert json.loads(said.out)["left"] == []
    assert check_version(there.versions / "1") == "1"
    assert [one.version for one in versions(there.mlflow_uri)] == ["1"]
    before = {one: one.stat().st_mtime_ns for one in here.home.rglob("*")}
    assert check_version(fetch(there.mlflow_uri, "1", tmp_path / "fetched" / "1")) == "1"
    assert {one: one.stat().st_mtime_ns for one in here.home.rglob("*")} == before
    assert rows_of_theirs(there) == 24


def test_a_backup_without_mlflow_leaves_it_out(home: Environment, pointsman: Pointsman, tmp_path: Path) -> None:
    with_it = json.loads(pointsman("backup", tmp_path / "a.tar", "--json", home=home).out)
    without = json.loads(pointsman("backup", tmp_path / "b.tar", "--without-mlflow", "--json", home=home).out)
    assert without["files"] < with_it["files"]


def test_what_is_too_old_goes_by_command(pointsman: Pointsman, tmp_path: Path) -> None:
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path / "home")})
    engine = connect(environment.database_url)
    migrate(engine)
    now = datetime.now(UTC)
    with writing(engine) as connection:
        old = RecordedPrediction("0" * 32, "default", now - timedelta(days=8), "1", {"id": "t"}, {}, 0.4)
        record(connection, [old])
    put_setting(engine, "retention_days", 7, who="ann", at=now)
    would = pointsman("forget", "--expired", "--dry-run", home=environment)
    said = "0 in shadow, 0 verdicts, 0 outcomes, 0 suspect labels, 0 kept answers"
    assert would.out == f"Would delete 1 predictions, 1 tickets, {said}.\n"
    told = json.loads(pointsman("forget", "--expired", "--json", home=environment).out)
    counts = {"predictions": 1, "tickets": 1, "repeats": 0, "verdicts": 0, "outcomes": 0, "shadows": 0, "suspects": 0}
    assert told == {"dry_run": False, **counts}
    assert count(engine).predictions == 0
    engine.dispose()


@pytest.mark.parametrize("arguments", [(), ("c-9", "--expired"), (" ",)])
def test_forget_wants_a_customer_or_expired(arguments: tuple[str, ...], pointsman: Pointsman, tmp_path: Path) -> None:
    said = pointsman("forget", *arguments, home=read_environment({"POINTSMAN_HOME": str(tmp_path / "home")}))
    assert (said.code, said.err.count("\n")) == (2, 1)


def test_a_file_that_is_no_backup_is_refused_in_one_line(pointsman: Pointsman, tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_bytes(b"\x1f\x8bnothing of the kind")
    home = read_environment({"POINTSMAN_HOME": str(tmp_path / "home")})
    said = pointsman("restore", tmp_path / "b.tar.gz", home=home)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "Nothing was restored" in said.err or "cannot be read" in said.err
