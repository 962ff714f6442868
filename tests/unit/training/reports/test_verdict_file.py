"""Verdicts from files: what is said, what is taken for granted, rows that cannot be used."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.feedback import Verdict
from training.reports.verdict_file import ReadVerdict, read_verdicts

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
HEADER = "prediction_id,who,at,queue,priority,escalation,comment,saw_suggestion,is_final\n"


def file_of(folder: Path, text: str) -> Path:
    path = folder / "verdicts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_that_a_row_says_is_read_and_the_rest_taken_for_granted(tmp_path: Path) -> None:
    rows = 'p1,ann,2026-11-20T09:30:00+01:00,Billing,P2,no,"no, ""refund""",f,1\np2, bob ,,?,P1,,,,\n'
    read = read_verdicts(file_of(tmp_path, HEADER + rows), NOW)
    assert [one for _, one in read.good] == [
        ReadVerdict(
            Verdict("p1", "ann", AT, "Billing", "P2", False, 'no, "refund"', saw_suggestion=False, is_final=True), True
        ),
        ReadVerdict(Verdict("p2", "bob", NOW, priority="P1"), False),
    ]
    assert read.refused == ()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",ann,,a,,,,,", "'prediction_id' is missing"),
        ("p1,,,a,,,,,", "'who' is missing"),
        ("p1,ann,,,,,,t,", "A verdict must say something of queue, priority or escalation, or comment on the answer."),
        ("p1,ann,,,,perhaps,,,", "'escalation' is 'perhaps'; expected true/false"),
        ("p1,ann,,a,,,,seen,", "'saw_suggestion' is 'seen'"),
        (
            f"p1,ann,,,,,{'x' * 10_001},,",
            "'comment' must be a text of at most 10000 characters, not one of 10001",
        ),
        (f"p1,{'x' * 257},,a,,,,,", "'who' must be a text of at most 256 characters"),
        ("p1,ann,2026-11-21T10:05:01Z,a,,,,,", "'at' must not lie ahead of the clock"),
        ("p1,ann,1969-01-01,a,,,,,", "'at' must not lie before 1970"),
        ("p1,ann,later,a,,,,,", "'at' is 'later'; expected a time"),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_stops_no_other(row: str, why: str, tmp_path: Path) -> None:
    read = read_verdicts(file_of(tmp_path, f"{HEADER}p0,ann,,a,,,,,\n{row}\n"), NOW)
    assert [one.verdict.prediction_id for _, one in read.good] == ["p0"]
    assert why in read.refused[0].why
    assert (read.refused[0].row, read.refused[0].line) == (2, 3)
