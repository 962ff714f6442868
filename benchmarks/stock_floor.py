"""The stock floor: a BentoML service that does nothing, at BentoML's defaults; a full triage is measured against it."""

from typing import Any

import bentoml


@bentoml.service
class StockFloor:
    """Takes a ticket, says nothing."""

    @bentoml.api(route="/v1/triage")  # type: ignore[untyped-decorator]  # bentoml has no types that mypy reads
    def triage(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """Nothing at all."""
        return {"id": ticket.get("id")}
