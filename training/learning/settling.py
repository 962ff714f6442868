"""What scores of rows that members had not seen make of a head: its blend, its favour, its evidence.

Knows scores and labels, neither how members learn nor what becomes of the version.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from desk.evidence import Answered
from models.heads import Blend, blend
from training.evidence.contracts import evidence_of
from training.evidence.held_out import HeldOut
from training.learning.blending import DEAREST, DEAREST_AHEAD, fit_blend, fit_favour, fit_ordered_favour
from training.learning.crossing import Scores
from training.learning.rises import fair_rises
from training.learning.room import make_room
from training.learning.states import Judged, Lesson, known_places
from training.learning.sureness import AS_SURE_AS_IT_IS, Sureness, fit_sureness, tempered
from training.learning.tasks import Task

__all__ = ["blend_of", "evidence_from", "favour_of", "said_judged", "said_unseen", "whole_blend", "whole_favour"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

_AHEAD = 300  # newer rows: of fewer it would be chance


def blend_of(task: Task, scores: Scores, codes: Codes, ages: Floats) -> Blend:
    """The blend that fits the rows which have scores, with room for new labels."""
    members, known = scores.known.members, codes[scores.there]
    how = fit_blend(members, known, ages[scores.there], risk=task.risk)
    return how if task.risk else make_room(how, members, known, task.new)


def whole_blend(history: Lesson, judged: Judged, scores: Scores, known: Codes) -> Blend:
    """The same of all rows, the judged ones as the elder twin scored them; as sure of itself as it may be."""
    task = judged.task
    members, codes = scores.known.members, task.codes[known][scores.there]
    how = fit_blend(members, codes, history.weights(task)[known][scores.there], risk=task.risk)
    if task.risk:
        return how
    if history.split.by_time:
        taught, labels = known_places(history, task), len(task.labels)
        before, now = (np.bincount(task.codes[places], minlength=labels) for places in (taught, known))
        how = fair_rises(how, judged.blend, before, now)
    how = make_room(how, members, codes, task.new)
    return tempered(how, _sureness(history, judged, how))


def whole_favour(history: Lesson, judged: Judged, how: Blend, scores: Scores, known: Codes) -> Floats:
    """What is added before a label is chosen, by the newest rows as the elder twin scored them where there are such."""
    task = judged.task
    codes, ahead = task.codes[known], _newer_places(history, task, known)
    if ahead is None:
        return favour_of(task, how, scores, codes, history.favours(task)[known])
    newest = np.isin(np.arange(len(known)), ahead) * history.testimony(task)[known]
    return favour_of(task, how, scores, codes, newest, DEAREST_AHEAD)


def _newer_places(history: Lesson, task: Task, known: Codes) -> Codes | None:
    """The places in `known` of the judged rows, where they are newer than all that taught; None where they are not.

    What holds within the time that taught need not hold after it: favouring the rare was cheap there on uci's queues,
    and cost two points of accuracy a month later.
    """
    ahead = np.flatnonzero(np.isin(known, history.split.judged) & ~history.hearsay[task.head][known])
    return ahead if history.split.by_time and len(ahead) >= _AHEAD else None


def _sureness(history: Lesson, judged: Judged, how: Blend) -> Sureness:
    """How sure `how` might have been of the judged rows, had it gone by the elder twin's members, and so may be."""
    codes = judged.said.truth
    labelled = np.flatnonzero(codes >= 0)
    if not history.split.by_time or len(labelled) < _AHEAD:
        return AS_SURE_AS_IT_IS
    return fit_sureness(how, judged.scores.take(history.split.judged[labelled]).members, codes[labelled])


def favour_of(task: Task, how: Blend, scores: Scores, codes: Codes, ages: Floats, dearest: float = DEAREST) -> Floats:
    """What is added before a label is chosen; nothing where there is none to choose."""
    if task.risk:
        return np.empty(0)
    probabilities = blend(how, scores.known.members, risk=False)
    known, counts = codes[scores.there], ages[scores.there]
    if len(task.levels):
        return fit_ordered_favour(probabilities, known, counts, task.levels, dearest)
    return fit_favour(probabilities, known, counts, dearest)


def evidence_from(task: Task, how: Blend, favour: Floats, scores: Scores, codes: Codes) -> Mapping[str, Answered]:
    """What contracts are derived from: the answers to the rows that members scored without having seen them.

    codes: -1 where a row does not testify.
    """
    return evidence_of(said_unseen(task, how, favour, scores, codes).labelled)


def said_unseen(task: Task, how: Blend, favour: Floats, scores: Scores, codes: Codes) -> HeldOut:
    """What is said of all rows that have scores by members that had not seen them."""
    probabilities = blend(how, scores.known.members, risk=task.risk)
    return HeldOut(task.head, task.labels, codes[scores.there], probabilities, favour)


def said_judged(task: Task, how: Blend, favour: Floats, judged: Scores, truth: Codes) -> HeldOut:
    """What was said of the judged rows."""
    return HeldOut(task.head, task.labels, truth, blend(how, judged.members, risk=task.risk), favour)
