"""Every operation of the API, gathered from the rooms of `serving.routes`.

The app's routes and the OpenAPI document are both made from this table, so neither can know of one that the other does
not. The routes that are asked most come first.
"""

from typing import Final

from serving.operation import Operation, Schema
from serving.routes import (
    contracts,
    feedback,
    forgetting,
    health,
    keys,
    metrics,
    model,
    outcomes,
    pages,
    predictions,
    promotions,
    settings,
    triage,
)

__all__ = ["OPERATIONS", "SCHEMAS"]

ROOMS: Final = (
    triage,
    predictions,
    feedback,
    outcomes,
    model,
    promotions,
    settings,
    contracts,
    keys,
    forgetting,
    health,
    metrics,
    pages,
)

OPERATIONS: Final[tuple[Operation, ...]] = tuple(one for room in ROOMS for one in room.OPERATIONS)
SCHEMAS: Final[dict[str, Schema]] = {name: schema for room in ROOMS for name, schema in room.SCHEMAS.items()}
"""Schemas of the document that belong to one room alone; those of tickets and answers are in `serving.schemas`."""
