"""A ticket in, a prediction out: the one scoring path of the service, of `pointsman score` and of the evidence.

Pure: no clock, no files, no chance. Knows nothing of what the desk does with a prediction.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from desk.prediction import Candidate, Choice, Prediction, Risk
from desk.ticket import Ticket
from features.encoding import Encoded, encode, read
from models.factors import signs_of
from models.heads import head_probabilities
from models.linear import linear_scores
from models.version import Version

__all__ = ["predict", "probabilities_of"]

TOP = 3
"""How many candidates an answer names unless told otherwise."""


def predict(version: Version, ticket: Ticket, top: int = TOP) -> Prediction:
    """What `version` says of `ticket`, with the `top` most probable labels of each head that chooses one."""
    encoded = encode(version.encoder, read(ticket))
    signs = signs_of(ticket, version.factors, encoded)
    return replace(_prediction(version, probabilities_of(version, encoded), top), signs=signs)


def probabilities_of(version: Version, encoded: Encoded) -> dict[Head, NDArray[np.float64]]:
    """Per head the calibrated probabilities of its labels, shape (labels,)."""
    scores = linear_scores(version.linear, encoded)
    return {head: head_probabilities(model, scores, encoded.numbers) for head, model in version.heads.items()}


def _prediction(version: Version, answers: dict[Head, NDArray[np.float64]], top: int) -> Prediction:
    choices, risks = {}, {}
    for head, probabilities in answers.items():
        if head in RISK_HEADS:
            risks[head] = Risk(float(probabilities[1]))
        else:
            choices[head] = _choice(version.heads[head].labels, probabilities, top)
    return Prediction(version.name, choices, risks)


def _choice(labels: tuple[str, ...], probabilities: NDArray[np.float64], top: int) -> Choice:
    order = np.argsort(-probabilities, kind="stable")[:top]
    return Choice(tuple(Candidate(labels[place], float(probabilities[place])) for place in order))
