"""One head: how the scores of its members become the probabilities of its labels, and which label is answered.

A head has up to three members: a linear one on n-grams and facts, one on what the text means, and trees. Their scores
are added with one weight each and a bias a label; weights and biases are learned on rows that no member saw, which is
what makes the probabilities calibrated. A linear member that tells each label from the rest says how far a ticket lies
on the label's side of a border, which is no log of a probability; the logistic curve through those distances is (Platt,
1999). Knows neither how members are learned nor where they are kept.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from features.encoding import Encoded
from models.answering import Answering, Said, Weights
from models.growth import Growth
from models.linear import LinearScores
from models.trees import Trees, tree_scores

__all__ = [
    "Blend",
    "HeadModel",
    "Members",
    "add_up",
    "answer",
    "blend",
    "chosen",
    "normalised",
    "risk_of",
    "scattered",
    "tree_row",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blend:
    """How members' scores add up.

    linear, meaning, trees: what a point of each member's score counts. slope, offset: the logistic curve that a linear
    score goes through first; not used by a risk head, whose linear member is logistic itself. bias: shape (columns,).
    sureness: what all of it counts together. scatter: how much more where the doubt is scattered over many labels.
    familiar: how much more a point of the largest score, which says how familiar a ticket is.
    """

    linear: float
    meaning: float
    trees: float
    slope: float
    offset: float
    bias: Floats
    sureness: float = 1.0
    scatter: float = 0.0
    familiar: float = 0.0


@dataclass(frozen=True, slots=True)
class Members:
    """What each member says, shape (..., columns): None for one that the head lacks."""

    linear: Floats
    meaning: Floats | None = None
    trees: Floats | None = None


@dataclass(frozen=True, slots=True)
class HeadModel:
    """A trained head.

    labels: what it chooses from, ("false", "true") for a risk head. columns: its place among the linear columns; a risk
    head has one, any other has one a label. favour: what is added to the log of a label's probability before one is
    chosen, as `chosen` has it, so that of two labels that are nearly as likely the rarer is answered, or the one that
    is not far from the truth where it is wrong.
    tree_words: shape (words,), ascending: the places in the encoded row that the trees see beside the numbers; (0,) for
    trees that see the text's linear scores instead.
    growth: what was learned of tickets that grow, by a risk head; None for one that answers them as it does any other.
    """

    head: Head
    labels: tuple[str, ...]
    columns: slice
    blend: Blend
    trees: Trees | None = None
    favour: Floats = field(default_factory=lambda: np.empty(0))
    tree_words: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    growth: Growth | None = None
    answering: Answering | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready to answer; a risk has but one number to add up."""
        object.__setattr__(self, "answering", None if self.head in RISK_HEADS else self._answering())

    def _answering(self) -> Answering:
        how = self.blend
        weights = Weights(**{name: getattr(how, name) for name in Weights.__slots__})
        return Answering(weights, how.bias, self.favour)


def answer(
    model: HeadModel,
    encoded: Encoded,
    scores: LinearScores,
    meaning: Floats | None,
    trees: Floats | None = None,
    top: int = 1,
) -> Said:
    """What a head answers to one ticket, with the places of its `top` first labels.

    scores, meaning: of all columns of the version; no meaning for a version without one. trees: what the head's say,
    where the version's forest has them.
    """
    if model.trees is not None and trees is None:
        trees = tree_scores(model.trees.booster, tree_row(model, encoded, scores.text[model.columns]))
    if model.answering is None:
        return _answer_of_risk(model, scores, meaning, trees)
    columns = model.columns
    return model.answering.answer(scores.whole[columns], None if meaning is None else meaning[columns], trees, top)


def _answer_of_risk(model: HeadModel, scores: LinearScores, meaning: Floats | None, trees: Floats | None) -> Said:
    """`add_up` of a risk's one ticket: arrays of one number cost ten times the sum."""
    how, column = model.blend, model.columns.start
    score = how.linear * float(scores.whole[column]) + float(how.bias[0])
    if meaning is not None:
        score += how.meaning * float(meaning[column])
    if trees is not None:
        score += how.trees * float(trees[0])
    return risk_of(score)


def risk_of(score: float) -> Said:
    """What a risk head answers whose log-odds are `score`."""
    probability = 1.0 / (1.0 + math.exp(-score)) if score >= 0 else math.exp(score) / (1.0 + math.exp(score))
    return Said(np.array((0.0, score)), np.array((1.0 - probability, probability)), (int(score > 0), int(score <= 0)))


def tree_row(model: HeadModel, encoded: Encoded, text: Floats) -> Floats:
    """What the trees see of one ticket: the encoder's numbers, then words or the text's linear scores, shape (inputs,).

    text: shape (columns of the head,).
    """
    if not len(model.tree_words):
        return np.concatenate((encoded.numbers, text))
    places, weights = encoded.places[: encoded.text], encoded.weights[: encoded.text]
    spots = np.minimum(model.tree_words.searchsorted(places), len(model.tree_words) - 1)
    seen = model.tree_words[spots] == places
    words = np.zeros(len(model.tree_words))
    words[spots[seen]] = weights[seen]
    return np.concatenate((encoded.numbers, words))


def blend(how: Blend, members: Members, *, risk: bool) -> Floats:
    """Calibrated probabilities that add to one, shape (..., labels); a risk head's one column becomes two."""
    return normalised(add_up(how, members, risk=risk))


def add_up(how: Blend, members: Members, *, risk: bool) -> Floats:
    """What speaks for each label: the members' scores, weighed, with the labels' biases; shape (..., labels)."""
    evidence = members.linear if risk else -np.logaddexp(0, -(how.slope * members.linear + how.offset))
    scores = how.linear * evidence + how.bias
    if members.meaning is not None:
        scores = scores + how.meaning * members.meaning
    if members.trees is not None:
        scores = scores + how.trees * members.trees
    if risk:
        return np.concatenate((np.zeros_like(scores), scores), axis=-1)
    if how.scatter or how.familiar:
        largest = scores.max(axis=-1, keepdims=True)
        scores = scores * np.exp(how.scatter * scattered(scores) + how.familiar * largest)
    return scores * how.sureness if how.sureness != 1 else scores


def scattered(scores: Floats) -> Floats:
    """How scattered the doubt in the answer is, shape (..., 1): the entropy of the other labels' shares, in nats.

    Nought where one rival is all there is to doubt; the log of their number where all others are alike.
    """
    rivals = scores.copy()
    answers = _answered(scores)
    rivals[answers] = -np.inf
    rivals -= rivals.max(axis=-1, keepdims=True)
    odds = np.exp(rivals)
    rivals[answers] = 0.0
    total = odds.sum(axis=-1, keepdims=True)
    return np.asarray(np.log(total) - (odds * rivals).sum(axis=-1, keepdims=True) / total)


def _answered(scores: Floats) -> tuple[NDArray[np.int64], ...] | tuple[np.int64]:
    """Where the most probable label stands, of each row: numpy's own way takes 0.02 ms a ticket more."""
    found = scores.argmax(axis=-1)
    return (found,) if scores.ndim == 1 else (*np.indices(found.shape, sparse=True), found)


def normalised(scores: Floats) -> Floats:
    """Probabilities from what speaks for each label (the softmax), shape (..., labels)."""
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))


def chosen(probabilities: Floats, favour: Floats) -> NDArray[np.int64]:
    """The place of the label that is answered, shape (...,).

    favour: shape (0,) for nought, or (labels,), what is added to the log of each label's probability; where labels have
    an order (1 + labels, labels), that in the first row, and below it what each label's probability adds to the others.
    """
    if not favour.size:
        return np.asarray(probabilities.argmax(axis=-1), dtype=np.int64)
    said = np.log(np.maximum(probabilities, 1e-300))
    said += favour if favour.ndim == 1 else favour[0] + probabilities @ favour[1:]
    return np.asarray(said.argmax(axis=-1), dtype=np.int64)
