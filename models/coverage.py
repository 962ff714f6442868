"""What contracts cover by a version's evidence, and what other demands would cost: one JSON value for whoever asks.

Knows neither screens nor services.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from desk.demands import Demand, Demands
from desk.evidence import HAPPENED, Answered
from desk.heads import Head
from desk.pricing import CAPACITIES, DEMANDS, Contract, Price, Review, contracts_of, price_of, review_of
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.taxonomy_setting import demands_today
from models.queue_names import evidence_today, names_of
from models.version import Version

__all__ = [
    "change_json",
    "contracted",
    "contracts_json",
    "demanded_contracts",
    "demanded_prices",
    "demanded_reviews",
    "unknown_labels",
]


def contracts_json(version: Version, demands: Demands, taxonomy: Taxonomy = NO_CHANGES) -> dict[str, Any]:
    """What is demanded, what each contract covers, and what other demands and review capacities would give.

    taxonomy: records that have come about; contracts are those of the queues of today.
    """
    setting = demands.to_json()
    version, demands = contracted(version, taxonomy), demands_today(demands, taxonomy)
    heads = {
        head: {
            "demand": demand.default,
            "labels": [asdict(one) for one in demanded_contracts(version, head, demand)],
            "prices": [asdict(one) for one in demanded_prices(version, head, demand)],
        }
        for head, demand in demands.heads.items()
        if head in version.heads
    }
    reviews = [asdict(one) for one in demanded_reviews(version, demands.review_capacity)]
    return {"version": version.name, "setting": setting, "heads": heads, "reviews": reviews}


def contracted(version: Version, taxonomy: Taxonomy) -> Version:
    """The version as far as contracts go, its queues those of today: nobody is to be answered by it."""
    names = names_of(version, taxonomy)
    if names is None:
        return version
    head = replace(version.heads["queue"], labels=names.queues)
    return replace(version, heads={**version.heads, "queue": head}, evidence=evidence_today(version, names))


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
    unknown = {head: labels for head in after.heads if (labels := unknown_labels(version, head, after))}
    return {"version": version.name, "shares": shares, "unknown": unknown}


def demanded_contracts(version: Version, head: Head, demand: Demand) -> list[Contract]:
    """Each label's contract."""
    return contracts_of(_rows(version, head), version.heads[head].labels, demand)


def demanded_prices(version: Version, head: Head, demand: Demand) -> list[Price]:
    """What the head's demand gives, and what others would."""
    tried = sorted({*DEMANDS, demand.default})
    return [price_of(_rows(version, head), replace(demand, default=one)) for one in tried]


def demanded_reviews(version: Version, capacity: float) -> list[Review]:
    """What the review capacity gives, and what others would; empty where nothing is known of escalation."""
    rows = _rows(version, "escalation").get(HAPPENED)
    return [] if rows is None else [review_of(rows, one) for one in sorted({*CAPACITIES, capacity})]


def unknown_labels(version: Version, head: Head, demands: Demands) -> list[str]:
    """Labels of which something is demanded and which the version does not know."""
    known = version.heads[head].labels if head in version.heads else ()
    return [label for label in demands.heads[head].labels if label not in known]


def _rows(version: Version, head: Head) -> Mapping[str, Answered]:
    return version.evidence.get(head, {})
