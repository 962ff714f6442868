"""The terms on which a version's answers are applied. Knows neither journals nor services."""

from collections.abc import Sequence

from desk.demands import Demands
from desk.modes import Terms, terms_of
from models.version import Version

__all__ = ["version_terms"]


def version_terms(version: Version, demands: Demands, traffic: Sequence[float] = ()) -> Terms:
    """What follows from the evidence that `version` carries and from what the desk demands.

    traffic: probabilities of escalation that it gave of late, as in `desk.modes.terms_of`.
    """
    return terms_of(version.evidence, demands, too_little=version.too_little, traffic=traffic)
