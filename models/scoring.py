"""A ticket in, a prediction out: the one scoring path of the service, of `pointsman score` and of the evidence.

Pure: no clock, no files, no chance. Knows nothing of what the desk does with a prediction.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from desk.likeness import SimilarTicket
from desk.prediction import Candidate, Choice, Extras, Prediction, Risk
from desk.ticket import Ticket
from features.encoding import Encoded, encode, is_legible, read
from features.ngrams import is_cut
from models.answering import Said
from models.contributions import begin_shares, tell
from models.factors import signs_of
from models.growing import growing_of, grown_reasons
from models.heads import answer
from models.linear import LinearScores, linear_scores
from models.novelty import is_novel
from models.queue_names import QueueNames
from models.reasons import reasons_of
from models.sense import sense_scores
from models.similar import nearest, ticket_vector
from models.version import Version

__all__ = ["NO_EXTRAS", "predict", "probabilities_of", "said_of"]

TOP = 3
"""How many candidates an answer names unless told otherwise."""

NO_EXTRAS: Final = Extras()


def predict(
    version: Version,
    ticket: Ticket,
    top: int = TOP,
    extras: Extras = NO_EXTRAS,
    beside: Executor | None = None,
    names: QueueNames | None = None,
) -> Prediction:
    """What `version` says of `ticket`, with the `top` most probable labels of each head that chooses one.

    beside: a thread that does meanwhile what compiled code can do of the extras; None for all on this one. names: what
    its queues are called today (`models.queue_names`); None for the names that it learned.
    """
    reading = read(ticket)
    encoded = encode(version.encoder, reading)
    linear = linear_scores(version.linear, encoded)
    said = said_of(version, encoded, linear, top)
    queue = None
    if names is not None and "queue" in said:
        said["queue"], queue = names.answer(said["queue"], top)
    growing = growing_of(version, ticket, said_of) if ticket.messages and version.growing else None
    # The search lets go of the interpreter, which the thread beside needs for a moment to begin.
    beside = beside if extras.similar else None
    shares = begin_shares(version, encoded, linear, said, beside) if extras.explain else None
    similar = _similar(version, ticket, encoded, extras.similar) if extras.similar else None
    reasons = None
    if shares is not None:
        told = tell(version, reading, encoded, linear, said, shares)
        reasons = reasons_of(told, ticket, None if queue is None else queue.label)
    if growing is not None:
        said |= growing.now
        reasons = None if reasons is None else reasons | grown_reasons(version, growing)
    choices, risks = _answers(version, encoded, said, legible=is_legible(version.encoder, reading))
    if names is not None:
        similar = None if similar is None else names.told(similar)
        choices = _with_queue(choices, queue)
        reasons = None if reasons is None else {head: reasons[head] for head in reasons if head in {*choices, *risks}}
    return Prediction(
        version.name,
        choices,
        risks,
        signs=signs_of(ticket, version.factors, encoded, reading.wording),
        reasons=reasons,
        similar=similar,
        is_cut=is_cut(reading.wording),
    )


def probabilities_of(version: Version, encoded: Encoded) -> dict[Head, NDArray[np.float64]]:
    """Per head the calibrated probabilities of its labels, shape (labels,)."""
    said = said_of(version, encoded, linear_scores(version.linear, encoded))
    return {head: one.probabilities for head, one in said.items()}


def said_of(version: Version, encoded: Encoded, linear: LinearScores, top: int = 1) -> dict[Head, Said]:
    """What each head answers, with the places of its `top` first labels. linear: the linear scores of `encoded`."""
    meaning = None if version.sense is None else sense_scores(version.sense, encoded.vector)
    trees = version.forest.scores(np.concatenate((encoded.numbers, linear.text)))
    heads = version.heads.items()
    return {head: answer(model, encoded, linear, meaning, trees.get(head), top) for head, model in heads}


def _answers(
    version: Version, encoded: Encoded, said: Mapping[Head, Said], *, legible: bool
) -> tuple[dict[Head, Choice], dict[Head, Risk]]:
    choices, risks = {}, {}
    for head, one in said.items():
        if head in RISK_HEADS:
            risks[head] = Risk(float(one.probabilities[1]))
        else:
            novelty = version.novelty if head == "queue" else None
            novel = novelty is not None and (not legible or is_novel(novelty, one.scores, encoded.vector))
            choices[head] = _choice(version.heads[head].labels, one, novel=novel)
    return choices, risks


def _with_queue(choices: Mapping[Head, Choice], queue: Choice | None) -> dict[Head, Choice]:
    """The choices with that of the queue under the names of today, or without one where no queue of it is left."""
    kept = dict(choices)
    if queue is None:
        kept.pop("queue", None)
    else:
        kept["queue"] = replace(queue, novel=choices["queue"].novel)
    return kept


def _similar(version: Version, ticket: Ticket, encoded: Encoded, count: int) -> tuple[SimilarTicket, ...]:
    if version.similar is None:
        return ()
    vector = ticket_vector(encoded, len(version.encoder.words), encoded.vector)
    return nearest(version.similar, vector, count, but=ticket.id)


def _choice(labels: Sequence[str], said: Said, *, novel: bool) -> Choice:
    return Choice(tuple([Candidate(labels[place], float(said.probabilities[place])) for place in said.places]), novel)
