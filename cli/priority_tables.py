"""What counts how much in the multi-factor score, for people. Knows no verbs."""

from collections.abc import Mapping
from typing import Any

from desk.factors import FactorPolicy

__all__ = ["show_policy"]


def show_policy(revision: int, policy: FactorPolicy) -> None:
    """Print the weights, and what tiers and impact fields stand for."""
    from rich.console import Console

    console = Console()
    console.print(_weights(policy))
    console.print(_named("Customer tiers", "tier", policy.tiers))
    if policy.levels:
        console.print(_named("What else an impact field may hold", "value", policy.levels))
    for line in (
        _revision_words(revision),
        f"business impact closes up to {policy.business_impact:g} % of what is missing to 100",
    ):
        console.print(f"  · {line}", highlight=False, markup=False, soft_wrap=True)


def _weights(policy: FactorPolicy) -> Any:
    from rich.table import Table

    table = Table(
        title="Priority score: factors",
        title_justify="left",
        caption="share: of a ticket that has them all;\nwhat it lacks leaves its share to the others",
        caption_justify="left",
    )
    table.add_column("factor")
    for name in ("weight", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    total = sum(policy.weights.values())
    for name, weight in policy.weights.items():
        table.add_row(name, f"{weight:g}", f"{weight / total:.0%}")
    return table


def _named(title: str, what: str, numbers: Mapping[str, float]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    table.add_column(what)
    table.add_column("counts", justify="right", no_wrap=True)
    for name, number in sorted(numbers.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(Text(" ".join(name.split())), f"{number:g}")
    return table


def _revision_words(revision: int) -> str:
    if not revision:
        return "never set: these are the defaults"
    return f"revision {revision}; running services follow within seconds"
