"""A ticket in, a prediction out: the one scoring path of the service, of `pointsman score` and of the evidence.

Pure: no clock, no files, no chance. Knows nothing of what the desk does with a prediction.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from desk.likeness import SimilarTicket
from desk.prediction import Candidate, Choice, Prediction, Risk
from desk.ticket import Ticket
from features.encoding import Encoded, encode, read
from models.factors import signs_of
from models.heads import HeadModel, normalised, ranking, score_head
from models.linear import linear_scores, meaning_scores
from models.novelty import is_novel
from models.similar import nearest, ticket_vector
from models.version import Version

__all__ = ["predict", "probabilities_of", "scores_of"]

TOP = 3
"""How many candidates an answer names unless told otherwise."""


def predict(version: Version, ticket: Ticket, top: int = TOP, similar: int = 0) -> Prediction:
    """What `version` says of `ticket`, with the `top` most probable labels of each head that chooses one.

    similar: how many resolved tickets that are like it to add; with nought, nothing is said of any.
    """
    encoded = encode(version.encoder, read(ticket))
    signs = signs_of(ticket, version.factors, encoded)
    like = _similar(version, ticket, encoded, similar) if similar else None
    return replace(_prediction(version, encoded, top), signs=signs, similar=like)


def probabilities_of(version: Version, encoded: Encoded) -> dict[Head, NDArray[np.float64]]:
    """Per head the calibrated probabilities of its labels, shape (labels,)."""
    return {head: normalised(scores) for head, scores in scores_of(version, encoded).items()}


def scores_of(version: Version, encoded: Encoded) -> dict[Head, NDArray[np.float64]]:
    """Per head what speaks for each label, shape (labels,): log-probabilities but for a constant."""
    scores = linear_scores(version.linear, encoded)
    meaning = None if version.sense is None else meaning_scores(version.sense, encoded.vector)
    return {head: score_head(model, scores, encoded.numbers, meaning) for head, model in version.heads.items()}


def _prediction(version: Version, encoded: Encoded, top: int) -> Prediction:
    choices, risks = {}, {}
    for head, scores in scores_of(version, encoded).items():
        probabilities = normalised(scores)
        if head in RISK_HEADS:
            risks[head] = Risk(float(probabilities[1]))
        else:
            choices[head] = _choice(version.heads[head], probabilities, top)
            if head == "queue" and version.novelty is not None:
                novel = is_novel(version.novelty, scores, encoded.vector)
                choices[head] = replace(choices[head], novel=novel)
    return Prediction(version.name, choices, risks)


def _similar(version: Version, ticket: Ticket, encoded: Encoded, count: int) -> tuple[SimilarTicket, ...]:
    if version.similar is None:
        return ()
    vector = ticket_vector(encoded, len(version.encoder.words), encoded.vector)
    return nearest(version.similar, vector, count, but=ticket.id)


def _choice(model: HeadModel, probabilities: NDArray[np.float64], top: int) -> Choice:
    places = ranking(probabilities, model.favour)[:top]
    return Choice(tuple(Candidate(model.labels[place], float(probabilities[place])) for place in places))
