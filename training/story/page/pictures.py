"""Pictures of the page as SVG that stands in it: a thousand tickets as marks, and bars. Knows counts, no story.

Each kind of mark has a shape of its own: who sees no colours, or prints without them, sees the same.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from training.story.page.elements import Html, count, name, text

__all__ = ["KINDS", "Bar", "bars", "legend", "thousand", "whole_counts"]

KINDS: Final = ("right", "wrong", "suggested", "left")
"""What may become of a ticket, in the order in which it is drawn."""

Bar = tuple[str, Sequence[float]]
"""A name, and how many tickets of each of `KINDS`."""

_ACROSS: Final = 50
_CELL: Final = 10
_SPOKEN: Final = {
    "right": "sent by itself, rightly",
    "wrong": "sent by itself, wrongly",
    "suggested": "only suggested",
    "left": "left alone",
}
_SHORT: Final = {"right": "sent rightly", "wrong": "sent wrongly", "suggested": "suggested", "left": "left alone"}
_MARKS: Final = {
    "right": "m{x} {y}h7v7h-7z",
    "wrong": "m{x} {y}l7 7m0 -7l-7 7",
    "suggested": "m{x} {y}m.7 .7h5.6v5.6h-5.6z",
    "left": "m{x} {y}m1.9 1.9h3.2v3.2h-3.2z",
}
"""Of one ticket: where it begins is relative to the whole picture's upper left corner."""


def thousand(counts: Sequence[float]) -> Html:
    """A thousand marks, of which `counts` are of each of `KINDS`."""
    whole = whole_counts(counts, 1_000)
    told = "; ".join(f"{number:,} {_SPOKEN[kind]}" for kind, number in zip(KINDS, whole, strict=True))
    paths, place = [], 0
    for kind, number in zip(KINDS, whole, strict=True):
        marks = "".join(_mark(kind, one) for one in range(place, place + number))
        paths.append(f'<path class="mark {kind}" d="{marks}"/>' if marks else "")
        place += number
    height = 1_000 // _ACROSS * _CELL
    return (
        f'<figure>{legend()}<svg role="img" viewBox="0 0 {_ACROSS * _CELL} {height}" '
        f'aria-label="A thousand tickets: {told}.">{"".join(paths)}</svg>'
        "<figcaption>Every mark is one ticket of a thousand.</figcaption></figure>"
    )


def legend() -> Html:
    """What each kind of mark means."""
    told = "".join(
        f'<li><svg viewBox="0 0 10 10" aria-hidden="true"><path class="mark {kind}" d="{_mark(kind, 0)}"/></svg>'
        f"{_SPOKEN[kind]}</li>"
        for kind in KINDS
    )
    return f'<ul class="legend">{told}</ul>'


def bars(caption: str, rows: Iterable[Bar]) -> Html:
    """A bar for each row, all drawn to one scale, with its name above it and its counts in words beneath."""
    listed = list(rows)
    most = max((sum(counts) for _, counts in listed), default=0.0) or 1.0
    told = "".join(_bar(row, most) for row in listed)
    return f'<figure class="bars">{legend()}<ul>{told}</ul><figcaption>{text(caption)}</figcaption></figure>'


def whole_counts(counts: Sequence[float], total: int) -> list[int]:
    """The counts in whole numbers that add up to `total`: the largest remainders are rounded up.

    Counts add up to about `total`, or to nought. What is not none is at least one.
    """
    added = sum(counts)
    if added <= 0:
        return [0 for _ in counts]
    exact = [one * total / added for one in counts]
    whole = [max(int(one), 1 if given > 0 else 0) for one, given in zip(exact, counts, strict=True)]
    order = sorted(range(len(exact)), key=lambda place: whole[place] - exact[place])
    for place in order[: max(total - sum(whole), 0)]:
        whole[place] += 1
    whole[max(range(len(whole)), key=whole.__getitem__)] -= max(sum(whole) - total, 0)
    return whole


def _mark(kind: str, place: int) -> str:
    x, y = place % _ACROSS * _CELL + 1.5, place // _ACROSS * _CELL + 1.5
    return _MARKS[kind].format(x=f"{x:g}", y=f"{y:g}").replace("m", "M", 1)


def _bar(row: Bar, most: float) -> Html:
    label, counts = row
    parts, place = [], 0.0
    for kind, number in zip(KINDS, counts, strict=True):
        width = 100 * number / most
        parts.append(f'<rect class="{kind}" x="{place:.2f}" y="0" width="{width:.2f}" height="4"/>' if number else "")
        place += width
    told = ", ".join(f"{count(number)} {_SHORT[kind]}" for kind, number in zip(KINDS, counts, strict=True) if number)
    return (
        f"<li>{name(label)}"
        f'<svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
        f"<span>{told or 'none'}</span></li>"
    )
