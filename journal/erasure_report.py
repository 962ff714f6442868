"""What became of erasing a person: how much went from where, which versions were trained on them, what is left to do.

Names nobody. Knows not how anything is erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["PLACES", "ErasureReport", "report_of"]

PLACES: Final[Mapping[str, str]] = {
    "predictions": "predictions in the journal",
    "shadows": "what challengers would have answered to these tickets",
    "tickets": "tickets in the journal",
    "repeats": "answers kept for repeated requests",
    "verdicts": "verdicts of people on these predictions",
    "outcomes": "reports of what became of these tickets",
    "suspects": "suspect labels of theirs, with texts, and decisions",
    "mentions": "others' answers that listed tickets of theirs as similar",
    "log": "records in the local log",
    "histories": "rows of kept histories",
    "sample": "rows of the sample desk's export",
    "vectors": "kept vectors of texts",
    "similar": "rows of similar-ticket indexes on this machine",
    "golden": "rows that versions on this machine are tried with",
    "facts": "names that only they had, in versions on this machine",
    "registered": "rows of versions in MLflow",
    "runs": "rows of worst errors, suspect labels in MLflow's runs",
}
"""Where something of a person may lie, and what is counted there."""


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """erased: how much by place. versions: trained on them. left: what could not be erased, in words."""

    erased: Mapping[str, int] = field(default_factory=dict)
    versions: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.left

    def __add__(self, other: "ErasureReport") -> "ErasureReport":
        """Both together; what is left to do is what the later one says."""
        erased = {
            place: found
            for place in PLACES
            if (found := self.erased.get(place, 0) + other.erased.get(place, 0))
            or place in self.erased
            or place in other.erased
        }
        versions = sorted({*self.versions, *other.versions}, key=lambda name: (len(name), name))
        return ErasureReport(erased, tuple(versions), other.left)

    def to_json(self) -> dict[str, Any]:
        """As the journal keeps it beside the tombstone."""
        return {
            "complete": self.is_complete,
            "erased": dict(self.erased),
            "versions": list(self.versions),
            "left": list(self.left),
        }


def report_of(value: Mapping[str, Any]) -> ErasureReport:
    """The report that the journal kept; one that says nothing for a tombstone that was only just set."""
    erased = {place: int(count) for place, count in value.get("erased", {}).items()}
    return ErasureReport(erased, tuple(value.get("versions", ())), tuple(value.get("left", ())))
