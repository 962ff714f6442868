"""One head: how the scores of its members become the probabilities of its labels.

A head has one linear member and, where it pays, trees. Their scores are added with one weight each and a bias a label;
weights and biases are learned on rows that no member saw, which is what makes the probabilities calibrated. A linear
member that tells each label from the rest says how far a ticket lies on the label's side of a border, which is no log
of a probability; the logistic curve through those distances is (Platt, 1999). Knows neither how members are learned nor
where they are kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from models.linear import LinearScores
from models.trees import Booster, tree_scores

__all__ = ["Blend", "HeadModel", "blend", "head_probabilities", "tree_row"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blend:
    """How members' scores add up.

    linear, trees: what a point of each member's score counts. slope, offset: the logistic curve that a linear score
    goes through first; not used by a risk head, whose linear member is logistic itself. bias: shape (columns,).
    """

    linear: float
    trees: float
    slope: float
    offset: float
    bias: Floats


@dataclass(frozen=True, slots=True)
class HeadModel:
    """A trained head.

    labels: what it chooses from, ("false", "true") for a risk head. columns: its place among the linear columns; a risk
    head has one, any other has one a label.
    """

    head: Head
    labels: tuple[str, ...]
    columns: slice
    blend: Blend
    trees: Booster | None = None


def head_probabilities(model: HeadModel, scores: LinearScores, numbers: Floats) -> Floats:
    """Calibrated probabilities of one ticket, shape (labels,), that add to one."""
    linear = scores.whole[model.columns]
    trees = None
    if model.trees is not None:
        trees = tree_scores(model.trees, tree_row(numbers, scores.text[model.columns]))
    return blend(model.blend, linear, trees, risk=model.head in RISK_HEADS)


def tree_row(numbers: Floats, text_scores: Floats) -> Floats:
    """What the trees see of one ticket: the encoder's numbers, then the text's linear score of each of its columns."""
    return np.concatenate((numbers, text_scores))


def blend(how: Blend, linear: Floats, trees: Floats | None, *, risk: bool) -> Floats:
    """Probabilities from the members' scores, shape (..., columns) each; a risk head's one column becomes two."""
    evidence = linear if risk else -np.logaddexp(0, -(how.slope * linear + how.offset))
    scores = how.linear * evidence + how.bias
    if trees is not None:
        scores = scores + how.trees * trees
    if risk:
        scores = np.concatenate((np.zeros_like(scores), scores), axis=-1)
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))
