"""Pieces of a page: escaped text, numbers as people say them, paragraphs, lists, tables. Knows no story.

Whoever writes markup passes every text that is not its own through `text` or `name`.
"""

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal, TypeAlias

from training.evidence.intervals import Interval

__all__ = ["Html", "between", "bullets", "code", "count", "name", "paragraph", "section", "share", "table", "text"]

Html: TypeAlias = str
"""Markup that is safe to put into a page as it stands."""


def text(words: str) -> Html:
    """Any text, escaped."""
    return escape(" ".join(words.split()))


def name(words: str) -> Html:
    """A name that others chose, escaped, and kept apart from the direction in which the page is written."""
    return f"<bdi>{text(words)}</bdi>"


def code(words: str) -> Html:
    """Something to be typed as it stands."""
    return f"<code>{text(words)}</code>"


def count(number: float) -> str:
    """How many, in a whole number; what is not none never looks like none."""
    if 0 < number < 0.5:
        return "fewer than 1"
    return f"{round(number):,}"


def share(part: float) -> str:
    """A share between 0 and 1, of a hundred: 0.96 is `96 in 100`, 0.975 is `97.5 in 100`."""
    return f"{100 * part:.4g} in 100"


def between(interval: Interval) -> str:
    """An interval of counts, in whole numbers that hold at least what it holds."""
    low, high = math.floor(interval.low), math.ceil(interval.high)
    return f"between {low:,} and {high:,}"


def paragraph(words: Html, kind: str = "") -> Html:
    """One paragraph; kind: its class."""
    return f'<p class="{kind}">{words}</p>' if kind else f"<p>{words}</p>"


def bullets(lines: Iterable[Html], kind: Literal["ul", "ol"] = "ul") -> Html:
    """A list; nothing where there is no line."""
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<{kind}>{items}</{kind}>" if items else ""


def section(anchor: str, title: str, *parts: Html) -> Html:
    """A part of the page under a heading of its own."""
    whole = "\n".join(part for part in parts if part)
    return f'<section aria-labelledby="{anchor}">\n<h2 id="{anchor}">{text(title)}</h2>\n{whole}\n</section>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Html]], *, words: Sequence[int] = ()) -> Html:
    """A table whose first column names the row; words: places of the columns that hold words, not numbers.

    A narrow screen shows each row as a card. Roles are said, for a browser forgets them where cells are no table's.
    """
    told = "".join(
        f'<th role="columnheader" scope="col"{_kind(place, words)}>{text(head)}</th>'
        for place, head in enumerate(heads)
    )
    body = "\n".join(_row(heads, cells, words) for cells in rows)
    return (
        f'<table role="table">\n<caption>{text(caption)}</caption>\n<thead role="rowgroup"><tr role="row">{told}</tr>'
        f'</thead>\n<tbody role="rowgroup">\n{body}\n</tbody></table>'
    )


def _row(heads: Sequence[str], cells: Sequence[Html], words: Sequence[int]) -> Html:
    first, *others = cells
    told = "".join(
        f'<td role="cell" data-head="{text(heads[place])}"{_kind(place, words)}>{cell}</td>'
        for place, cell in enumerate(others, 1)
    )
    return f'<tr role="row"><th role="rowheader" scope="row">{first}</th>{told}</tr>'


def _kind(place: int, words: Sequence[int]) -> str:
    return "" if place == 0 or place in words else ' class="number"'
