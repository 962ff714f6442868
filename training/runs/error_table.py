"""A head's worst errors as a table, and as a page for people, with the texts that the desk lets its runs show.

Knows histories and files, not how errors are found. The table goes by the ids of tickets, by which an erasure finds
its rows; the page is made of the table alone, so that it holds no more than that.
"""

import csv
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from desk.run_policy import RunPolicy
from desk.ticket import Ticket
from training.evidence.worst_errors import WorstError

__all__ = ["ERRORS_FILE", "ERRORS_PAGE", "write_errors", "write_errors_page"]

ERRORS_FILE: Final = "worst_errors.csv"
ERRORS_PAGE: Final = "worst_errors.html"

LONGEST_SUBJECT: Final = 100
LONGEST_TEXT: Final = 400

_NAMES: Final = ("ticket_id", "truth", "answered", "probability", "of_the_truth", "subject", "text")
_STYLE: Final = (
    "body{font:14px/1.45 sans-serif;color:#22303c;margin:16px}table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #e3e7eb;padding:6px 10px;text-align:left;vertical-align:top}"
    "td.n{text-align:right;white-space:nowrap}p,small{color:#5d6b78}"
)


def write_errors(folder: Path, errors: Sequence[WorstError], tickets: Mapping[str, Ticket], policy: RunPolicy) -> None:
    """Both files, the surest error first. tickets: by id. Texts are cut, and masked or left out as the policy says."""
    with (folder / ERRORS_FILE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_NAMES)
        for one in errors:
            ticket = tickets.get(one.ticket_id)
            subject, body = ("", "") if ticket is None else (ticket.subject, ticket.body)
            texts = _cut(policy.shown(subject), LONGEST_SUBJECT), _cut(policy.shown(body), LONGEST_TEXT)
            sure = f"{one.probability:.3f}", f"{one.probability_of_truth:.3f}"
            table.writerow((one.ticket_id, one.truth, one.answered, *sure, *texts))
    write_errors_page(folder)


def write_errors_page(folder: Path) -> None:
    """The page, from the table that lies in the folder."""
    with (folder / ERRORS_FILE).open(encoding="utf-8", newline="") as file:
        rows = "\n".join(map(_row, csv.DictReader(file)))
    page = (
        f'<!doctype html><meta charset="utf-8"><title>Worst errors</title><style>{_STYLE}</style>\n'
        "<p>Held-out tickets whose answer was wrong, the surest first. How texts are shown is the setting "
        "<code>runs</code>.</p>\n"
        "<table><tr><th>ticket</th><th>truth</th><th>answered</th><th>sure of it</th><th>of the truth</th>"
        f"<th>text</th></tr>\n{rows}\n</table>\n"
    )
    (folder / ERRORS_PAGE).write_text(page, encoding="utf-8")


def _row(one: Mapping[str, str]) -> str:
    sure = "".join(f'<td class="n">{float(one[name]):.0%}</td>' for name in ("probability", "of_the_truth"))
    labels = "".join(f"<td>{escape(one[name])}</td>" for name in ("ticket_id", "truth", "answered"))
    return f"<tr>{labels}{sure}<td><b>{escape(one['subject'])}</b><br><small>{escape(one['text'])}</small></td></tr>"


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
