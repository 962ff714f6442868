"""Whatever is handed over: one clear line, the place, what to do; never a traceback, never a ticket's text."""

import gzip
import os
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.errors import HistoryError
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history, read_tickets

PLAIN = DeskConfig()
GOOD = b"id,body,queue\n1,a,Q\n"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("h.csv", b"", "is empty"),
        ("h.csv", b" \n\n", "is empty"),
        ("h.csv", b"id,body,queue\n", "a header and no rows"),
        ("h.csv", b"id,body,queue\n1,a\n", "line 2 has 2 values, the header 3"),
        ("h.csv", b"id,body,queue\n1,a,Q\n\n2,b,Q,x\n", "line 4 has 4 values, the header 3"),
        ("h.csv", b'id,body,queue\n1,a,Q\n2,"b,Q\n3,c,Q\n', "never closed in the row that begins on line 3"),
        ("h.csv", b'id,body,queue\n1,"a"b,Q\n', "a quote stands inside a value in the row that begins on line 2"),
        ("h.csv", b"id,queue,queue\n1,Q,Q\n", "the column 'queue' stands there twice"),
        ("h.csv", b"id,,queue\n1,a,Q\n", "column 2 has no name"),
        ("h.csv", b"id,body,team\n1,a,Q\n", "no label: looked for queue, priority, escalated, sla_breached"),
        ("h.csv", b"id,body,queue\n1,a,?\n", "no row has a value in any label column"),
        (
            "h.csv",
            b"id,body,queue\n1,caf\xe9,Q\n",
            r"not UTF-8: byte 0xe9 at offset 19 \(line 2\).*iconv -f WINDOWS-1252",
        ),
        ("h.csv", "id,queue\n1,Q\n".encode("utf-16"), "is UTF-16, expected UTF-8.*iconv -f UTF-16"),
        ("h.csv", "id,queue\n1,Q\n".encode("utf-16-le"), "is UTF-16"),
        ("h.csv", b"PK\x03\x04rest", "Excel workbook"),
        ("h.csv.gz", gzip.compress(GOOD, mtime=0)[:-12], "damaged or cut off"),
        ("h.csv.gz", gzip.compress(GOOD, mtime=0)[:-1] + b"x", "damaged or cut off"),
        ("h.parquet", GOOD, "is called Parquet but does not hold it"),
        ("h.parquet", b"PAR1 nonsense PAR1", "damaged or no Parquet"),
        ("h.jsonl", b'{"id": 1, "queue": "Q"}\n{"id": 2,\n', r"line 2 is not JSON"),
        ("h.jsonl", b'{"id": 1, "queue": "Q"}\n[1]\n', "line 2 holds a list"),
        ("h.json", b'[{"id": 1, "queue": "Q"}]', "is a JSON array.*jq"),
        ("h.jsonl", b'{"id": 1, "queue": "Q", "queue": "R"}\n', "line 1: the column 'queue' stands there twice"),
        ("h.jsonl", b'{"id": 1, "queue": "Q", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "nested too deeply"),
        ("h.jsonl", b'{"id": 1, "queue": "Q", "x": ' + b"[" * 600 + b"]" * 600 + b"}\n", "nested too deeply"),
        (
            "h.jsonl",
            b'{"id": 1, "queue": "Q", "messages": "hello"}\n',
            "'messages' in row 1 .* must be a list of objects",
        ),
        ("h.jsonl", b'{"id": 1, "queue": "Q", "messages": [{"at": "x", "author": "agent"}]}\n', "`at` in 'messages'"),
        (
            "h.jsonl",
            b'{"id": 1, "queue": "Q", "messages": [{"at": "2026-01-01", "author": "cat"}]}\n',
            "'cat'; expected customer",
        ),
        ("h.jsonl", b'{"id": 1, "queue": "Q", "events": [{"at": "2026-01-01"}]}\n', "names no field"),
        (
            "h.csv",
            b"id,escalated\n1,yes\n2,maybe\n",
            r"'escalated' in row 2 \(line 3\) is 'maybe'; expected true/false, yes/no",
        ),
        (
            "h.csv",
            b"id,reassignment_count,reopen_count\n1,two,0\n",
            "'reassignment_count' in row 1 .* is 'two'; expected a whole",
        ),
        ("h.csv", b"id,reassignment_count,reopen_count\n1,-1,0\n", "is '-1'; expected a whole number from 0"),
        (
            "h.csv",
            b"id,created_at,queue\n1,soon,Q\n2,later,Q\n3,2026-01-01,Q\n",
            "2 of 3 values of 'created_at' are no times",
        ),
    ],
)
def test_a_bad_file_gets_one_clear_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(HistoryError) as raised:
        read_history(path, PLAIN)
    assert re.search(says, str(raised.value)), str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_a_folder_and_a_closed_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"There is no file '.*none\.csv'"):
        read_history(tmp_path / "none.csv", PLAIN)
    with pytest.raises(HistoryError, match="is a folder"):
        read_history(tmp_path, PLAIN)
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    closed = tmp_path / "closed.csv"
    closed.write_bytes(GOOD)
    closed.chmod(0)
    with pytest.raises(HistoryError, match="Permission denied"):
        read_history(closed, PLAIN)


def test_a_mapped_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_bytes(b"id,assignment_group\n1,Q\n")
    with pytest.raises(HistoryError, match=r"no column 'asignment_group'.*Did you mean 'assignment_group'"):
        read_history(path, DeskConfig(columns={"queue": "asignment_group"}))


def test_an_error_never_holds_a_tickets_text(tmp_path: Path) -> None:
    secret = "my account number is 4711 and my name is Kim Roe"
    path = tmp_path / "h.csv"
    path.write_text(f"id,escalated,queue\n1,{secret},Q\n")
    with pytest.raises(HistoryError) as raised:
        read_history(path, PLAIN)
    assert "4711" not in str(raised.value)


def parquet_bytes(folder: Path) -> bytes:
    pd.DataFrame({"id": ["1", "2"], "queue": ["Q", "R"], "body": ["a", "b"]}).to_parquet(folder / "good.parquet")
    return (folder / "good.parquet").read_bytes()


def said_by(read: Callable[[Path, DeskConfig], object], path: Path) -> str:
    try:
        read(path, PLAIN)
    except HistoryError as error:
        return str(error)
    return ""


DAMAGE: list[Callable[[bytes, int], bytes]] = [
    lambda content, place: content[:place],
    lambda content, place: content[:place] + b"\xff" + content[place + 1 :],
    lambda content, place: content[:place] + b'"' + content[place:],
    lambda content, place: content[:place] + b"\0" + content[place:],
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path: Path, data: st.DataObject) -> None:
    contents = {
        "h.csv": b'id,created_at,body,queue\n1,2026-01-01,"a ""b""",Q\n2,01.02.2026,c,R\n',
        "h.csv.gz": gzip.compress(GOOD),
        "h.jsonl": b'{"id": 1, "queue": "Q", "messages": [{"at": "2026-01-01", "author": "agent", "text": "x"}]}\n',
        "h.parquet": parquet_bytes(tmp_path),
    }
    name = data.draw(st.sampled_from(sorted(contents)))
    content = contents[name]
    damaged = data.draw(st.sampled_from(DAMAGE))(content, data.draw(st.integers(0, len(content) - 1)))
    path = tmp_path / name
    path.write_bytes(damaged)
    for read in (read_history, read_tickets):
        assert "\n" not in said_by(read, path)
