"""Contracts in tables for people: what is demanded, what it covers, what other demands would cost. Knows no verbs."""

from collections.abc import Iterator, Mapping
from typing import Any

from desk.demands import Demand, Demands
from desk.heads import Head
from desk.pricing import Contract, Price, Review
from models.coverage import demanded_contracts, demanded_prices, demanded_reviews, unknown_labels
from models.version import Version

__all__ = ["show_change", "show_contracts"]


def show_contracts(version: Version, demands: Demands) -> None:
    """Print the tables of every head that has contracts."""
    from rich.console import Console

    console = Console()
    for head, demand in demands.heads.items():
        if head in version.heads:
            console.print(_contract_table(head, demanded_contracts(version, head, demand)))
            console.print(_price_table(head, demanded_prices(version, head, demand), demand))
    reviews = demanded_reviews(version, demands.review_capacity)
    if reviews:
        console.print(_review_table(reviews, demands.review_capacity))
    for line in _remarks(version, demands):
        console.print(f"  · {line}", highlight=False, markup=False, soft_wrap=True)


def show_change(revision: int, changed: Mapping[str, Any]) -> None:
    """Print what a change did."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"Contracts are at revision {revision}; running services follow within seconds.")
    for head, (before, after) in changed["shares"].items():
        was = "" if before is None else f", before {before:.1%}"
        console.print(
            f"  · {head}: {after:.1%} of tickets are applied by themselves (version {changed['version']}){was}"
        )
    for head, labels in changed["unknown"].items():
        console.print(f"  · {_unknown_words(head, labels)}")


def _contract_table(head: Head, contracts: list[Contract]) -> Any:
    from rich.table import Table

    table = Table(
        title=f"{head.capitalize()}: contracts",
        title_justify="left",
        caption="share: of the label's answers, those that are applied by themselves\n"
        "lacking: more rows without a miss that would prove the demand",
        caption_justify="left",
    )
    table.add_column("label")
    for name in ("demand", "threshold", "share", "rows of evidence", "lacking"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in contracts:
        threshold = "suggest" if one.threshold is None else f"{one.threshold:.3f}"
        share = f"{one.share:.1%}" if one.threshold is not None else ""
        cells = (f"{one.demand:g}", threshold, share, f"{one.rows:,}", f"{one.lacking:,}" if one.lacking else "")
        table.add_row(_plain(one.label), *cells)
    return table


def _price_table(head: Head, prices: list[Price], demand: Demand) -> Any:
    from rich.table import Table

    own = " (labels with a demand of their own keep it)" if demand.labels else ""
    table = Table(title=f"{head.capitalize()}: what a demand gives{own}", title_justify="left")
    for name in ("demand", "labels with a threshold", "tickets applied by themselves"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in prices:
        mark = " now" if one.demand == demand.default else ""
        style = "bold" if mark else None
        table.add_row(f"{one.demand:g}{mark}", str(one.labels), f"{one.share:.1%}", style=style)
    return table


def _review_table(reviews: list[Review], capacity: float) -> Any:
    from rich.table import Table

    table = Table(
        title="Escalation: what a review capacity gives",
        title_justify="left",
        caption="recall: share of what escalates; precision: share of what is escalated\n"
        "false alarms: share of what does not escalate",
        caption_justify="left",
    )
    for name in ("capacity", "from probability", "recall", "precision", "false alarms"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in reviews:
        mark = " now" if one.capacity == capacity else ""
        figures = [_shown(value) for value in (one.recall, one.precision, one.false_alarms)]
        cut = "" if one.cut is None else f"{one.cut:.3f}"
        table.add_row(f"{one.capacity:.1%}{mark}", cut, *figures, style="bold" if mark else None)
    return table


def _remarks(version: Version, demands: Demands) -> Iterator[str]:
    yield f"version {version.name}; suggestions begin at {demands.suggest:g}"
    yield "shares are of held-out rows; each threshold holds with 95 % confidence while tickets stay as they were"
    for head in demands.heads:
        labels = unknown_labels(version, head, demands)
        if labels:
            yield _unknown_words(head, labels)


def _unknown_words(head: str, labels: list[str]) -> str:
    named = ", ".join(map(repr, labels))
    return f"{head}: the version does not know {named}; the demand is kept for one that does"


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _plain(label: str) -> Any:
    """A desk's label is no markup."""
    from rich.text import Text

    return Text(" ".join(label.split()))
