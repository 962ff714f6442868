"""Outcomes from files: every format, the time by what a row says, rows that cannot be used with their reasons."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from desk.errors import HistoryError
from desk.feedback import OutcomeReport
from journal.outcomes import GivenReport
from training.reports.outcome_file import read_outcomes

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
RESOLVED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"id": "1", "resolved_at": "2026-11-20T08:30:00Z", "queue": "Billing", "escalated": "yes", "reopen_count": 2},
    {"id": "2", "priority": "P2", "satisfaction": 4.5, "resolution": " Refunded \u201ctwice\u201d. "},
]
READ = [
    GivenReport(
        OutcomeReport(
            "1", RESOLVED, {"queue": "Billing", "escalated": True, "resolved_at": RESOLVED, "reopen_count": 2}
        )
    ),
    GivenReport(
        OutcomeReport("2", NOW, {"priority": "P2", "satisfaction": 4.5, "resolution": " Refunded \u201ctwice\u201d. "}),
        has_time=False,
    ),
]


def csv_of(folder: Path, text: str) -> Path:
    path = folder / "outcomes.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_format_says_the_same(tmp_path: Path) -> None:
    names = list(dict.fromkeys(name for row in ROWS for name in row))
    lines = [",".join(names), *(",".join(f'"{row.get(name, "")}"' for name in names) for row in ROWS)]
    (tmp_path / "o.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "o.jsonl").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    (tmp_path / "o.csv.gz").write_bytes(gzip.compress((tmp_path / "o.csv").read_bytes()))
    pq.write_table(
        pa.Table.from_pylist(ROWS, pa.schema([(name, _kind(name)) for name in names])), tmp_path / "o.parquet"
    )
    for path in sorted(tmp_path.iterdir()):
        read = read_outcomes(path, NOW)
        assert ([one.given for _, one in read.good], read.refused) == (READ, ()), path.name


def _kind(name: str) -> pa.DataType:
    return {"reopen_count": pa.int64(), "satisfaction": pa.float64()}.get(name, pa.string())


def test_the_time_is_at_else_when_it_was_resolved_else_now(tmp_path: Path) -> None:
    text = (
        "ticket_id,at,resolved_at,queue\n1,21.11.2026 09:00,2026-11-20T08:30:00Z,a\n2,,2026-11-20T08:30:00Z,a\n3,,,a\n"
    )
    read = read_outcomes(csv_of(tmp_path, text), NOW)
    assert [(one.given.report.at, one.given.has_time) for _, one in read.good] == [
        (datetime(2026, 11, 21, 9, tzinfo=UTC), True),
        (RESOLVED, True),
        (NOW, False),
    ]
    assert any("without a zone" in note for note in read.notes)


def test_columns_are_found_in_other_spellings_and_what_else_there_is_is_named(tmp_path: Path) -> None:
    text = "Ticket ID;id;Resolved-At;SLA breached;subject\n7;8;2026-11-20 08:30Z;f;secret words\n"
    read = read_outcomes(csv_of(tmp_path, text), NOW)
    ((_, one),) = read.good
    assert one.given.report == OutcomeReport("7", RESOLVED, {"resolved_at": RESOLVED, "sla_breached": False})
    assert read.notes[0] == "left out, since nothing is made of them: 'id', 'subject'"


def test_whose_ticket_it_is_and_when_it_was_opened_are_read_beside_the_report(tmp_path: Path) -> None:
    text = "id,customer_id,created_at,queue\n1,c-9,2026-11-20T08:30:00Z,a\n2,,,a\n"
    read = read_outcomes(csv_of(tmp_path, text), NOW)
    assert [(one.customer, one.opened) for _, one in read.good] == [("c-9", RESOLVED), (None, None)]
    assert all(one.given.report.said == {"queue": "a"} for _, one in read.good)


def test_labels_are_what_a_history_makes_of_them(tmp_path: Path) -> None:
    read = read_outcomes(csv_of(tmp_path, "id,queue,priority\n1,3.0,P1\n2,4.0,?\n3,N/A, P3 \n"), NOW)
    assert [one.given.report.said for _, one in read.good] == [
        {"queue": "3", "priority": "P1"},
        {"queue": "4"},
        {"priority": "P3"},
    ]


AHEAD = (NOW + timedelta(minutes=6)).isoformat()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"queue": "a"}, "'ticket_id' is missing; every row needs one."),
        ({"id": "1"}, "A report of an outcome must say one of queue, priority, "),
        ({"id": "1", "queue": "?"}, "A report of an outcome must say one of"),
        ({"id": "1", "queue": "x" * 257}, "'queue' must be a text of at most 256 characters, not one of 257; cut it."),
        ({"id": "i" * 300, "queue": "a"}, "'ticket_id' must be a text of at most 256 characters"),
        ({"id": "1", "escalated": "maybe"}, "'escalated' is 'maybe'; expected true/false, yes/no, 1/0 or t/f."),
        ({"id": "1", "reopen_count": "-1"}, "'reopen_count' is '-1'; expected a whole number from 0."),
        ({"id": "1", "satisfaction": "good"}, "'satisfaction' is 'good'; expected a number."),
        ({"id": "1", "satisfaction": "1e300"}, "'satisfaction' must be a number from -1000000 to 1000000"),
        ({"id": "1", "resolved_at": "soon"}, "'resolved_at' is 'soon'; expected a time such as 2026-11-21T10:02:00Z."),
        ({"id": "1", "queue": "a", "at": "2026-02-30"}, "'at' is '2026-02-30'; expected a time"),
        (
            {"id": "1", "queue": "a", "at": AHEAD},
            "'at' must not lie ahead of the clock, which says 2026-11-21T10:00",
        ),
        (
            {"id": "1", "resolved_at": AHEAD},
            "must not lie ahead of the clock, which says 2026-11-21T10:00:00",
        ),
        (
            {"id": "1", "queue": "a", "at": "1969-12-31T00:00:00Z"},
            "'at' must not lie before 1970, not 1969-12-31T00:00",
        ),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_stops_no_other(row: dict[str, str], why: str, tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    path.write_text(
        "".join(f"{json.dumps(one)}\n" for one in ({"id": "0", "queue": "a"}, row, {"id": 9, "queue": "b"}))
    )
    read = read_outcomes(path, NOW)
    assert [one.given.report.ticket_id for _, one in read.good] == ["0", "9"]
    (refused,) = read.refused
    assert why in refused.why
    assert (refused.row, refused.line) == (2, 2)
    assert {name: value for name, value in refused.values.items() if value is not None} == row


@pytest.mark.parametrize("content", [b"", b"id,queue\n1\n", b"PK\x03\x04", b"\xff\xfei", b"id,queue\n"])
def test_a_file_that_cannot_be_read_is_refused_whole(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_bytes(content)
    with pytest.raises(HistoryError):
        read_outcomes(path, NOW)
