"""Contracts for people and as JSON: what is demanded, what it covers, what other demands would cost. Knows no verbs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from desk.demands import Demand, Demands
from desk.evidence import HAPPENED, Answered
from desk.heads import Head
from desk.pricing import CAPACITIES, DEMANDS, Contract, Price, Review, contracts_of, price_of, review_of
from models.version import Version

__all__ = ["change_json", "contracts_json", "show_change", "show_contracts"]


def contracts_json(version: Version, demands: Demands) -> dict[str, Any]:
    """Everything that the tables show."""
    heads = {
        head: {
            "demand": demand.default,
            "labels": [asdict(one) for one in _contracts(version, head, demand)],
            "prices": [asdict(one) for one in _prices(version, head, demand)],
        }
        for head, demand in demands.heads.items()
        if head in version.heads
    }
    reviews = [asdict(one) for one in _reviews(version, demands.review_capacity)]
    return {"version": version.name, "setting": demands.to_json(), "heads": heads, "reviews": reviews}


def show_contracts(version: Version, demands: Demands) -> None:
    """Print the tables of every head that has contracts."""
    from rich.console import Console

    console = Console()
    for head, demand in demands.heads.items():
        if head in version.heads:
            console.print(_contract_table(head, _contracts(version, head, demand)))
            console.print(_price_table(head, _prices(version, head, demand), demand))
    reviews = _reviews(version, demands.review_capacity)
    if reviews:
        console.print(_review_table(reviews, demands.review_capacity))
    for line in _remarks(version, demands):
        console.print(f"  · {line}", highlight=False, markup=False, soft_wrap=True)


def change_json(version: Version | None, before: Demands | None, after: Demands) -> dict[str, Any]:
    """What a change does: per head the share that is applied by itself, before (where that is known) and after.

    `unknown`: head -> labels of which something is demanded and which the version does not know.
    """
    if version is None:
        return {"version": None, "shares": {}, "unknown": {}}
    shares: dict[str, list[float | None]] = {}
    for head, demand in after.heads.items():
        if head in version.heads:
            was = None if before is None else price_of(_rows(version, head), before.heads[head]).share
            shares[head] = [was, price_of(_rows(version, head), demand).share]
    unknown = {head: labels for head in after.heads if (labels := _unknown(version, head, after))}
    return {"version": version.name, "shares": shares, "unknown": unknown}


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


def _rows(version: Version, head: Head) -> Mapping[str, Answered]:
    return version.evidence.get(head, {})


def _contracts(version: Version, head: Head, demand: Demand) -> list[Contract]:
    return contracts_of(_rows(version, head), version.heads[head].labels, demand)


def _prices(version: Version, head: Head, demand: Demand) -> list[Price]:
    tried = sorted({*DEMANDS, demand.default})
    return [price_of(_rows(version, head), replace(demand, default=one)) for one in tried]


def _reviews(version: Version, capacity: float) -> list[Review]:
    rows = _rows(version, "escalation").get(HAPPENED)
    return [] if rows is None else [review_of(rows, one) for one in sorted({*CAPACITIES, capacity})]


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
        labels = _unknown(version, head, demands)
        if labels:
            yield _unknown_words(head, labels)


def _unknown(version: Version, head: Head, demands: Demands) -> list[str]:
    known = version.heads[head].labels if head in version.heads else ()
    return [label for label in demands.heads[head].labels if label not in known]


def _unknown_words(head: str, labels: list[str]) -> str:
    named = ", ".join(map(repr, labels))
    return f"{head}: the version does not know {named}; the demand is kept for one that does"


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _plain(label: str) -> Any:
    """A desk's label is no markup."""
    from rich.text import Text

    return Text(" ".join(label.split()))
