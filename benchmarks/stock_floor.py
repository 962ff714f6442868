"""Two BentoML services that do nothing: at BentoML's defaults (the stock floor), and at the settings of our service."""

from typing import Any

import bentoml

__all__ = ["StockFloor", "TunedFloor"]


@bentoml.service
class StockFloor:
    """Takes a ticket, says nothing."""

    @bentoml.api(route="/v1/triage")  # type: ignore[untyped-decorator]  # bentoml has no types that mypy reads
    def triage(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """Nothing at all."""
        return {"id": ticket.get("id")}


@bentoml.service(
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": [".*"]},
    traffic={"timeout": 20},
)
class TunedFloor:
    """The same, with what our service turns off turned off."""

    @bentoml.api(route="/v1/triage")  # type: ignore[untyped-decorator]  # the same
    def triage(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """Nothing at all."""
        return {"id": ticket.get("id")}
