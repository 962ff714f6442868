"""The terms on which a version's answers are applied. Knows neither journals nor services."""

from collections.abc import Sequence

from desk.demands import Demands
from desk.fallbacks import NO_FALLBACKS, Fallbacks
from desk.modes import Terms, terms_of
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.taxonomy_setting import demands_today
from models.queue_names import evidence_today, names_of
from models.version import Version

__all__ = ["version_terms"]


def version_terms(
    version: Version,
    demands: Demands,
    traffic: Sequence[float] = (),
    holdback: float = 0.0,
    taxonomy: Taxonomy = NO_CHANGES,
    fallbacks: Fallbacks = NO_FALLBACKS,
) -> Terms:
    """What follows from the evidence that `version` carries and from what the desk demands.

    traffic: probabilities of escalation that it gave of late, as in `desk.modes.terms_of`. holdback: the share of
    tickets that is kept from automation. taxonomy: records that have come about: both are read in the names of today.
    fallbacks: labels whose contracts are in breach, of any version.
    """
    evidence, too_little = evidence_today(version, names_of(version, taxonomy)), version.too_little
    demands, fallen = demands_today(demands, taxonomy), fallbacks.of(version.name)
    return terms_of(evidence, demands, too_little=too_little, traffic=traffic, holdback=holdback, fallen=fallen)
