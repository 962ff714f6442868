"""Learning the factors of the multi-factor score: a linear column each over the encoded tickets, and its percentiles.

What the outcomes of fewer than 200 tickets tell, or what the tickets tell no better than chance, is not learned: then
the text's own signs answer (`models.factors`). The customer and the tier are kept out: a tier counts once, under its
own name. Knows neither heads nor the score.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import lsqr
from scipy.stats import spearmanr

from desk.factors import DEFAULT_PRIORITIES
from desk.outcome import ResolvedTicket
from features.encoding import Encoder, read_all
from models.factors import STEPS, Factors, Taught
from training.evidence.factor_targets import FEWEST_ROWS, HIGH_SHARE, factor_targets
from training.learning.rows import encode_rows

__all__ = ["MOST_ROWS", "learn_factors"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

MOST_ROWS: Final = 20_000
"""The newest rows that factors are learned from: more make them no better and training longer."""

_FOLDS: Final = 3
_RIDGE: Final = 5.0
"""Of ridge regression on rows of about unit length; from 2 to 10 no factor ranks visibly better or worse."""

_SURE: Final = 3.0
"""Standard errors by which unseen rows must be ranked better than by chance."""

_KEPT_OUT: Final = frozenset({"customer", "customer tier"})


def learn_factors(
    rows: Sequence[ResolvedTicket],
    encoder: Encoder,
    priorities: Sequence[str],
    encoded: Callable[[Sequence[int]], csr_matrix] | None = None,
) -> Factors:
    """Learn from the newest `MOST_ROWS` of `rows`, by the order they stand in where they have no times.

    priorities: the desk's, the most urgent first; empty where their order is not known. encoded: from places among
    `rows` to the sparse rows of their tickets, which are read and encoded where it is not given.
    """
    places = _newest(rows)
    newest = [rows[place] for place in places]
    whole = encode_rows(encoder, read_all(row.ticket for row in newest)).sparse if encoded is None else encoded(places)
    matrix, seen = _without_customer(whole.astype(np.float64), encoder)
    columns: list[NDArray[np.float32]] = []
    scales: dict[Taught, tuple[float, ...]] = {}
    cuts: dict[Taught, float] = {}
    for name, target in factor_targets(newest, priorities).items():
        known = np.flatnonzero(np.isfinite(target))
        scores = _unseen_scores(matrix[known], target[known])
        if scores is None:
            continue
        column = np.zeros(encoder.width, np.float32)
        column[seen] = _ridge(matrix[known], target[known])
        columns.append(column)
        scales[name] = tuple(np.percentile(scores, np.linspace(0, 100, STEPS)).tolist())
        if name in ("complexity", "expertise"):
            share = HIGH_SHARE if name == "complexity" else float(target[known].mean())
            cuts[name] = 100.0 * (1.0 - share)
    weights = np.stack(columns, axis=1) if columns else np.empty((encoder.width, 0), np.float32)
    return Factors(weights, scales, cuts, tuple(priorities) or DEFAULT_PRIORITIES)


def _newest(rows: Sequence[ResolvedTicket]) -> list[int]:
    times = [row.ticket.created_at.timestamp() if row.ticket.created_at else np.nan for row in rows]
    order = list(range(len(rows))) if np.isnan(times).any() else np.argsort(times, kind="stable").tolist()
    return order[-MOST_ROWS:]


def _without_customer(matrix: csr_matrix, encoder: Encoder) -> tuple[csr_matrix, Places]:
    """The columns that factors may look at, and their places in the encoder's row."""
    facts = encoder.width - len(encoder.columns)
    kept = [place for place in range(len(encoder.columns)) if encoder.columns.name_of(place)[0] not in _KEPT_OUT]
    seen = np.concatenate((np.arange(facts), np.array(kept, dtype=np.int64) + facts))
    return matrix[:, seen], seen


def _unseen_scores(matrix: csr_matrix, target: Floats) -> Floats | None:
    """Scores of each row by a column that did not learn from it; None where they rank no better than chance."""
    if len(target) < FEWEST_ROWS or target.min() == target.max():
        return None
    fold = np.random.default_rng(0).permutation(len(target)) % _FOLDS
    scores = np.empty(len(target))
    for one in range(_FOLDS):
        inside = np.flatnonzero(fold == one)
        taught = np.flatnonzero(fold != one)
        scores[inside] = matrix[inside] @ _ridge(matrix[taught], target[taught])
    if scores.min() == scores.max():
        return None
    rank = float(spearmanr(scores, target).statistic)
    return scores if rank * np.sqrt(len(target) - 1) > _SURE else None


def _ridge(matrix: csr_matrix, target: Floats) -> Floats:
    """The weights of ridge regression on the target less its mean, by LSQR (Paige and Saunders, 1982)."""
    found = lsqr(matrix, target - target.mean(), damp=float(np.sqrt(_RIDGE)), atol=1e-4, btol=1e-4, iter_lim=50)
    return np.asarray(found[0])
