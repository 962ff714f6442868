"""What a user gets wrong: exit code 2 and one clear line on stderr, without a traceback or a word of a ticket."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from journal.environment import Environment

ROOT = Path(__file__).resolve().parents[3]
SECRET = "hunter2 Weber"
HEADER = "id,subject,queue\n"


def rows(count: int, queue: str = "A,B") -> str:
    queues = queue.split(",")
    return "".join(f"{number},printer {SECRET} {number},{queues[number % len(queues)]}\n" for number in range(count))


def one_line(said: Any, code: int = 2) -> str:
    assert said.code == code, said
    assert said.out == ""
    assert said.err.startswith("pointsman: ")
    assert said.err.count("\n") == 1, said.err
    assert "Traceback" not in said.err
    assert not any(word in said.err for word in SECRET.split())
    return str(said.err)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("h.csv", b"", "is empty"),
        ("h.csv", b" \n\n", "is empty"),
        ("h.csv", HEADER.encode(), "no row"),
        ("h.csv", (HEADER + rows(60)).encode("utf-16"), "UTF-16, expected UTF-8"),
        ("h.csv", (HEADER + rows(60) + "61,\u00fcber,A\n").encode("latin-1"), "not UTF-8: byte 0xfc at offset"),
        ("h.csv", ("id,subject,subject\n" + rows(60)).encode(), "'subject'"),
        ("h.csv", ("id,subject,colour\n" + rows(60)).encode(), "has no label: looked for queue, priority"),
        ("h.csv", (HEADER + rows(60, "A")).encode(), "every row says 'A' for 'queue'; two different labels are needed"),
        ("h.csv", (HEADER + rows(5)).encode(), "5 rows say 'queue'; without an encoder 50 are needed"),
        ("h.csv", (HEADER + "1,a,b,c\n").encode(), "line 2 has 4 values, the header 3"),
        ("h.csv", (HEADER + '1,"a,b\n').encode(), "a quote is opened and never closed"),
        ("h.csv.gz", gzip.compress((HEADER + rows(60)).encode(), mtime=0)[:-40], "damaged or cut off"),
        ("h.parquet", (HEADER + rows(60)).encode(), "does not hold it"),
        ("h.xlsx", b"PK\x03\x04" + b"0" * 50, "Excel"),
        ("h.jsonl", b'{"id": 1,\n', "line 1 is not JSON"),
        ("h.jsonl", b"[" * 50_000, "nested too deeply"),
        ("h.jsonl", b'[{"id": 1}]', "JSON array"),
    ],
)
def test_a_history_that_cannot_be_used_is_explained_in_one_line(
    pointsman: Callable[..., Any], tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert expected in one_line(pointsman("train", tmp_path / name))


def test_too_few_rows_name_what_is_needed_and_what_still_works(pointsman: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text(HEADER + rows(5))
    line = one_line(pointsman("train", tmp_path / "h.csv"))
    assert "50 are needed" in line
    assert "the service answers with the default queue" in line


@pytest.mark.parametrize("verb", ["train", "evaluate", "score"])
def test_a_file_that_is_not_there_is_named(pointsman: Callable[..., Any], home_copy: Environment, verb: str) -> None:
    more = ("--output", home_copy.home / "out.jsonl") if verb == "score" else ()
    assert "There is no file 'nowhere.csv'" in one_line(pointsman(verb, "nowhere.csv", *more, home=home_copy))


@pytest.mark.parametrize("verb", [("score", "--output", "out.jsonl"), ("evaluate",)])
def test_before_there_is_a_version_it_says_how_to_get_one(
    pointsman: Callable[..., Any], tmp_path: Path, verb: tuple[str, ...]
) -> None:
    (tmp_path / "t.csv").write_text(HEADER + rows(5))
    said = pointsman(verb[0], tmp_path / "t.csv", *verb[1:])
    assert "No version has been trained yet; `pointsman train HISTORY` makes the first." in one_line(said)


def test_there_is_nothing_to_go_back_to_and_nothing_to_list_at_first(pointsman: Callable[..., Any]) -> None:
    assert "There is no version to go back to" in one_line(pointsman("rollback"))
    said = pointsman("versions")
    assert (said.code, said.err) == (0, "")
    assert "No version yet" in said.out


@pytest.mark.parametrize(
    "version", ["99", "0", "01", "-1", "", " ", "..", "../versions/1", "1/", "1\n", "\u0661", "latest", "1" * 400]
)
def test_a_version_that_does_not_exist_is_refused_and_nothing_is_promoted(
    pointsman: Callable[..., Any], home_copy: Environment, version: str
) -> None:
    line = one_line(pointsman("promote", "--", version, home=home_copy))
    assert "pointsman versions" in line
    told = json.loads(pointsman("versions", "--json", home=home_copy).out)
    assert [one["version"] for one in told["promotions"]] == ["1"]


def test_a_folder_elsewhere_cannot_be_promoted_by_its_path(
    pointsman: Callable[..., Any], home_copy: Environment, trained_home: Environment
) -> None:
    one_line(pointsman("promote", trained_home.versions / "1", home=home_copy))
    assert len(json.loads(pointsman("versions", "--json", home=home_copy).out)["promotions"]) == 1


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("POINTSMAN_PORT", "http", "POINTSMAN_PORT must be a whole number"),
        ("POINTSMAN_PORT", "70000", "from 1 to 65535"),
        ("POINTSMAN_WORKERS", "0", "POINTSMAN_WORKERS must be"),
        ("POINTSMAN_DATABASE_URL", "mysql://u:hunter2@h/x", "must be `sqlite:///FILE` or `postgresql://"),
        ("POINTSMAN_DATABASE_URL", "nonsense", "set POINTSMAN_DATABASE_URL"),
        ("POINTSMAN_MLFLOW_URI", "file:///tmp/runs", "set POINTSMAN_MLFLOW_URI"),
        ("POINTSMAN_MLFLOW_URI", "nonsense", "set POINTSMAN_MLFLOW_URI"),
    ],
)
def test_a_wrong_variable_is_named(
    pointsman: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert expected in one_line(pointsman("versions"))


def test_a_wrong_registry_is_noticed_before_the_learning(
    pointsman: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, write_sample: Callable[..., Path]
) -> None:
    monkeypatch.setenv("POINTSMAN_MLFLOW_URI", "nonsense")
    monkeypatch.setattr("training.making.learn", lambda *_: pytest.fail("it went on to learn"))
    assert "set POINTSMAN_MLFLOW_URI" in one_line(pointsman("train", write_sample(60)))


@pytest.mark.parametrize("verb", ["train", "versions", "promote"])
def test_a_home_that_cannot_be_written_is_said(
    pointsman: Callable[..., Any], tmp_path: Path, write_sample: Callable[..., Path], verb: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    arguments = {"train": [write_sample(60)], "versions": [], "promote": ["1"]}[verb]
    line = one_line(pointsman(verb, *arguments, home=tmp_path / "file" / "home"), code=1)
    assert "cannot be made" in line


def test_answers_are_never_written_over_the_tickets_or_where_nothing_can_be_written(
    pointsman: Callable[..., Any], home_copy: Environment, tmp_path: Path
) -> None:
    tickets = tmp_path / "t.csv"
    tickets.write_text(HEADER + rows(5))
    before = tickets.read_text()
    assert "holds the tickets themselves" in one_line(
        pointsman("score", tickets, "--output", tmp_path / "." / "t.csv", home=home_copy)
    )
    assert tickets.read_text() == before
    assert "Cannot write" in one_line(
        pointsman("score", tickets, "--output", tmp_path / "no" / "out.jsonl", home=home_copy)
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "t.csv"]


def test_a_bad_row_is_named_by_its_line_while_other_processes_wait_for_tickets(
    pointsman: Callable[..., Any], home_copy: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.scorers.WORTH_A_PROCESS", 10)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    rows = [f'{{"id": {number}, "subject": "printer {SECRET}"}}\n' for number in range(1, 700)]
    (tmp_path / "t.jsonl").write_text("".join(rows) + '{"id": 700, "subject": \n')
    line = one_line(pointsman("score", tmp_path / "t.jsonl", "--output", tmp_path / "o.jsonl", home=home_copy))
    assert "line 700 is not JSON" in line
    files = '{"id": 700, "attachments": [{"name": "a.txt"}, 7]}\n'  # found when tickets are on their way already
    (tmp_path / "t.jsonl").write_text("".join(rows) + files)
    line = one_line(pointsman("score", tmp_path / "t.jsonl", "--output", tmp_path / "o.jsonl", home=home_copy))
    assert "'attachments' in row 700 (line 700) must be a list of objects" in line
    assert not list(tmp_path.glob("o.jsonl*"))
    (tmp_path / "t.jsonl").write_text("".join(rows))
    said = pointsman("score", tmp_path / "t.jsonl", "--output", tmp_path / "o.jsonl", "--json", home=home_copy)
    assert json.loads(said.out)["tickets"] == 699
    answers = [json.loads(line)["ticket_id"] for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert answers == [str(number) for number in range(1, 700)]


def test_a_damaged_version_is_our_mistake_and_leaves_no_half_file(
    pointsman: Callable[..., Any], home_copy: Environment, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(HEADER + rows(5))
    (home_copy.versions / "1" / "heads.json").write_text("{}")
    said = pointsman("score", tmp_path / "t.csv", "--output", tmp_path / "o.jsonl", home=home_copy)
    assert "is not what was written" in one_line(said, code=1)
    assert not list(tmp_path.glob("o.jsonl*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("train",),
        ("score", "t.csv"),
        ("promote",),
        ("no-such-verb",),
        ("versions", "--no-such-option"),
        ("train", "a", "b"),
    ],
)
def test_a_wrong_call_is_one_line_that_names_the_help(
    pointsman: Callable[..., Any], arguments: tuple[str, ...]
) -> None:
    assert "--help` says more" in one_line(pointsman(*arguments))


def test_what_nobody_foresaw_is_one_line_and_ours(
    pointsman: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("models.registry.versions", fail)
    line = one_line(pointsman("versions"), code=1)
    assert "something went wrong in Pointsman itself (ZeroDivisionError)" in line
    with pytest.raises(ZeroDivisionError):
        pointsman("--traceback", "versions")


@pytest.mark.parametrize("verb", ["train", "evaluate", "score", "serve", "versions", "promote", "rollback", "demo"])
def test_every_verb_has_help(pointsman: Callable[..., Any], verb: str) -> None:
    said = pointsman(verb, "--help")
    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) > 4


def test_a_process_of_its_own_says_no_more_than_that(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text(HEADER + rows(5))
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "train", str(tmp_path / "h.csv")],
        env={**os.environ, "POINTSMAN_HOME": str(tmp_path / "home")},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert "50 are needed" in done.stderr
