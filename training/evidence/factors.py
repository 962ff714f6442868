"""What a ticket's factors are worth on tickets that they were not learned from: learned, and by the text's own signs.

Knows what the outcomes say (`training.evidence.factor_targets`), not how factors are learned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from desk.factors import score_of
from desk.outcome import ResolvedTicket
from desk.ticket import Ticket
from features.encoding import Encoder, Reading, encode_sparse, read
from models.factors import EXPERTISE, TAUGHT, Factors, Taught, levels_of, signs_of
from training.evidence import formulas
from training.evidence.factor_targets import HIGH_SHARE, factor_targets

__all__ = ["FactorEvidence", "JudgedFactors", "judge_factors"]

Floats = NDArray[np.float64]

_MOST_SIGNS = 3_000  # the newest rows whose own signs are read: enough for a bar, and the lexicon takes its time
_MIDDLE = 50.0  # where nothing speaks for or against haste
_FEWEST_ROWS = 20  # below that a correlation says nothing


@dataclass(frozen=True, slots=True)
class FactorEvidence:
    """One factor on `rows` tickets whose outcome says something of it.

    rank_correlation: Spearman's, of the factor and what the outcomes say; auroc: of the tag, where there is one; None
    where nothing was learned, or where there is nothing to tell apart. signs_…: the same of the text's own signs, on
    the tickets that have them.
    """

    rows: int
    rank_correlation: float | None
    auroc: float | None
    signs_rank_correlation: float | None
    signs_auroc: float | None

    def figures(self) -> dict[str, float]:
        """The figures that are there, by name."""
        return {name: float(value) for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class JudgedFactors:
    """evidence: of each factor that the outcomes say something of. scores: the multi-factor score of each ticket."""

    evidence: Mapping[Taught, FactorEvidence]
    scores: Floats


def judge_factors(
    factors: Factors | None,
    encoder: Encoder,
    rows: Sequence[ResolvedTicket],
    priorities: Sequence[str],
    readings: Sequence[Reading] | None = None,
) -> JudgedFactors:
    """Judge factors on `rows`, none of which they were learned from. The score is that of the default policy.

    factors: None for a version that was made without. priorities: the most urgent first, empty where not known.
    readings: of the rows' tickets, which are read where they are not given.
    """
    levels: dict[Taught, Floats] = {name: np.full(len(rows), np.nan) for name in TAUGHT}
    own = {name: np.full(len(rows), np.nan) for name in TAUGHT}
    scores = np.empty(len(rows))
    for place, row in enumerate(rows):
        reading = read(row.ticket) if readings is None else readings[place]
        encoded = encode_sparse(encoder, reading)
        score = score_of(row.ticket, signs_of(row.ticket, factors, encoded, reading.wording))
        scores[place] = _MIDDLE if score is None else score.score
        for name, level in ({} if factors is None else levels_of(factors, encoded)).items():
            levels[name][place] = level
        own_signs = _own_signs(row.ticket) if place >= len(rows) - _MOST_SIGNS else {}
        for name, level in own_signs.items():
            own[name][place] = level
    targets = factor_targets(rows, priorities, fewest=1)
    known = {name: np.isfinite(target) for name, target in targets.items()}
    judged = {name: _evidence(name, targets[name], levels[name], own[name]) for name in TAUGHT if known[name].any()}
    return JudgedFactors(judged, scores)


def _own_signs(ticket: Ticket) -> dict[Taught, float]:
    signs = signs_of(ticket)
    said: dict[Taught, float | None] = {
        "urgency": signs.urgency,
        "sentiment": signs.sentiment,
        "complexity": signs.complexity,
        "expertise": float(EXPERTISE in signs.tags),
    }
    return {name: level for name, level in said.items() if level is not None}


def _evidence(name: Taught, target: Floats, levels: Floats, own: Floats) -> FactorEvidence:
    return FactorEvidence(
        int(np.isfinite(target).sum()),
        _rank_correlation(levels, target),
        _tag_auroc(name, levels, target),
        _rank_correlation(own, target),
        _tag_auroc(name, own, target),
    )


def _rank_correlation(levels: Floats, target: Floats) -> float | None:
    there = np.isfinite(levels) & np.isfinite(target)
    levels, target = levels[there], target[there]
    if len(levels) < _FEWEST_ROWS or levels.min() == levels.max() or target.min() == target.max():
        return None
    return float(spearmanr(levels, target).statistic)


def _tag_auroc(name: Taught, levels: Floats, target: Floats) -> float | None:
    there = np.isfinite(levels) & np.isfinite(target)
    if name not in ("complexity", "expertise") or there.sum() < _FEWEST_ROWS:
        return None
    least = 0.5 if name == "expertise" else np.quantile(target[there], 1 - HIGH_SHARE)
    tagged = target[there] > least
    return float(formulas.auroc(tagged, levels[there])) if tagged.any() and not tagged.all() else None
