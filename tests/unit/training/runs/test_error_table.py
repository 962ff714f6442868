"""The table of worst errors and the page made of it: what of a text is shown, and that none of it is markup."""

import csv
from pathlib import Path

import pytest

from desk.run_policy import RunPolicy, Texts
from desk.ticket import Ticket
from training.evidence.worst_errors import WorstError
from training.runs.error_table import ERRORS_FILE, ERRORS_PAGE, write_errors

SUBJECT = "<script>alert(1)</script> call 030 9018201"
TICKET = Ticket(id="4<b>", subject=SUBJECT, body="two\nlines " + "x" * 1_000)
ERROR = WorstError("4<b>", "Billing & more", "a <i>queue</i>", 0.913, 0.05)


def written(folder: Path, texts: Texts) -> tuple[dict[str, str], str]:
    write_errors(folder, [ERROR], {TICKET.id: TICKET}, RunPolicy(texts))
    with (folder / ERRORS_FILE).open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    return row, (folder / ERRORS_PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("texts", "shown"), [("masked", SUBJECT.replace("030 9018201", "[number]")), ("whole", SUBJECT), ("none", "")]
)
def test_texts_are_shown_as_the_desk_allows(tmp_path: Path, texts: Texts, shown: str) -> None:
    row, page = written(tmp_path, texts)
    assert row["subject"] == shown
    assert row["text"].startswith("two lines xxx") == (texts != "none")
    assert len(row["text"]) <= 400
    assert ("9018201" in page) == (texts == "whole")


def test_nothing_that_a_requester_writes_is_markup(tmp_path: Path) -> None:
    _, page = written(tmp_path, "whole")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "a &lt;i&gt;queue&lt;/i&gt;" in page
    assert '<td class="n">91%</td><td class="n">5%</td>' in page


def test_a_ticket_that_is_not_there_has_no_text(tmp_path: Path) -> None:
    write_errors(tmp_path, [ERROR], {}, RunPolicy("whole"))
    assert "Billing &amp; more" in (tmp_path / ERRORS_PAGE).read_text(encoding="utf-8")
