"""The terms on which a version's answers are applied. Knows neither journals nor services."""

from collections.abc import Sequence

from desk.demands import Demands
from desk.fallbacks import NO_FALLBACKS, Fallbacks
from desk.modes import Terms, terms_of
from models.version import Version

__all__ = ["version_terms"]


def version_terms(
    version: Version,
    demands: Demands,
    traffic: Sequence[float] = (),
    holdback: float = 0.0,
    fallbacks: Fallbacks = NO_FALLBACKS,
) -> Terms:
    """What follows from the evidence that `version` carries and from what the desk demands.

    traffic: probabilities of escalation that it gave of late, as in `desk.modes.terms_of`. holdback: the share of
    tickets that is kept from automation. fallbacks: labels whose contracts are in breach, of any version.
    """
    evidence, too_little = version.evidence, version.too_little
    fallen = fallbacks.of(version.name)
    return terms_of(evidence, demands, too_little=too_little, traffic=traffic, holdback=holdback, fallen=fallen)
