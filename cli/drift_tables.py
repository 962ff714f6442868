"""What a look of the watch found, in tables for people. Knows no verbs."""

from collections.abc import Sequence
from typing import Any, Final

from desk.heads import Head
from training.watch.accuracy import ALL
from training.watch.drift import Drifted
from training.watch.report import HeadWatched, Watched

__all__ = ["show_watched"]

LABEL: Final = 12
"""Characters of a label that a narrow terminal shows at least: without them nobody knows what the figures are of."""

_MOST: int = 12
"""Features that are shown: those that drifted, then the likeliest."""


def show_watched(found: Watched) -> None:
    """Print the tables, what could not be looked at, and the verdict in one line."""
    from rich.console import Console

    console = Console(highlight=False)
    if found.features:
        console.print(_drift_table("Features", "feature", found.features[:_MOST], is_share=False))
    for title, shares in (("Queues as answered", found.answered), ("Queues in truth", found.known)):
        if shares:
            console.print(_drift_table(title, "queue", shares, is_share=True))
    for head, one in found.heads.items():
        if one.expected or one.measured:
            console.print(_accuracy_table(head, one))
        if one.contracts:
            console.print(_contract_table(head, one))
    for line in _remarks(found):
        console.print(f"  · {line}", markup=False, soft_wrap=True)
    console.print(_verdict(found), markup=False, soft_wrap=True)


def _verdict(found: Watched) -> str:
    seen = f"version {found.version}, {found.tickets:,} tickets against {found.reference:,}"
    if found.is_quiet:
        return f"Quiet: {seen}."
    return f"Not quiet: {seen}: {'; '.join(found.reasons)}."


def _remarks(found: Watched) -> list[str]:
    novelty = found.novelty
    lines = [*found.notes]
    if novelty is not None:
        lines.append(f"{novelty.now:.1%} of tickets are about something unknown, {novelty.before:.0%} are usual")
    lines += [f"{label} fell back to suggest" for label in found.fell]
    return lines + [f"{label} is applied again" for label in found.returned]


def _drift_table(title: str, what: str, rows: Sequence[Drifted], *, is_share: bool) -> Any:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    table.add_column(what, min_width=LABEL)
    if not is_share:
        table.add_column("most changed")
    for name in ("before", "now", "p", *(() if is_share else ("PSI",)), ""):
        table.add_column(name, justify="right", no_wrap=True)
    for one in rows:
        cells = [f"{one.before:.1%}", f"{one.now:.1%}", f"{one.p:.2g}"]
        cells += [] if is_share else [f"{one.psi:.3f}"]
        first = [_plain(one.name)] if is_share else [_plain(one.name), _plain(one.what)]
        table.add_row(*first, *cells, "drift" if one.is_drift else "")
    return table


def _accuracy_table(head: Head, one: HeadWatched) -> Any:
    from rich.table import Table

    calibration = one.calibration
    words = "" if calibration is None else f"ECE {calibration.error:.3f}, of chance {calibration.of_chance:.3f}; "
    table = Table(
        title=f"{head.capitalize()}: right",
        title_justify="left",
        caption=f"{words}labels stand for {one.covered:.0%} of answers\n"
        "expected: by the probabilities of recent answers\n"
        "measured: by labels, beside what was expected of the same answers",
        caption_justify="left",
    )
    for name in ("label", "answers", "expected", "interval", "labels", "measured", "interval", "was expected"):
        is_label = name == "label"
        table.add_column(name, justify="left" if is_label else "right", min_width=LABEL if is_label else None)
    for label in sorted({*one.expected, *one.measured}, key=lambda name: (name == ALL, name)):
        expected, measured = one.expected.get(label), one.measured.get(label)
        cells = ["", "", ""]
        if expected is not None:
            cells = [f"{expected.rows:,}", f"{expected.accuracy:.3f}", f"{expected.low:.3f}–{expected.high:.3f}"]
        if measured is not None:
            cells += [f"{measured.rows:,}", f"{measured.accuracy:.3f}", f"{measured.low:.3f}–{measured.high:.3f}"]
            cells.append(f"{measured.expected:.3f}")
        table.add_row(_plain(label) if label != ALL else "all", *cells)
    return table


def _contract_table(head: Head, one: HeadWatched) -> Any:
    from rich.table import Table

    table = Table(title=f"{head.capitalize()}: contracts", title_justify="left")
    for name in ("label", "", "evidence"):
        table.add_column(name)
    for held in one.contracts:
        table.add_row(_plain(held.label), "suggest" if held.watch.is_in_breach else "auto", _plain(held.why))
    return table


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text)
