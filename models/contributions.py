"""What each part of a ticket adds to the log-odds of an answer: words, facts and measures, member by member.

The log-odds are those of the answered label against all others, each counting as probable as it is. Linear members are
sums already. Where their sum goes through the logistic curve, each part gets the mean slope between the ticket with
nothing in it and the ticket as it is (integrated gradients; Sundararajan, Taly and Yan, Axiomatic Attribution for Deep
Networks, 2017), so that the parts still add up. With a token table each word gets what its absence would change, by the
slope at the ticket where resolved tickets have a voice; the share of a transformer is one figure, for its words have
none of their own. Trees speak of the answered label alone, by LightGBM's own contributions; what they make of the
text's score goes to the words that made it.

The temperature that follows how scattered the doubt is (`models.heads`) scales all parts of one answer alike: it is
left out.

Knows neither how reasons are worded nor who asked.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from features.encoding import Encoded, Reading
from features.facts import CALENDAR, MEASURES
from features.meaning.static_table import StaticTable
from features.origins import Origins, origins_of
from models.answering import Said
from models.heads import HeadModel, tree_row
from models.linear import LinearScores
from models.sense import sense_scores, sense_slopes
from models.tree_shares import boosters_by_label, tree_shares
from models.trees import Trees
from models.version import Version

__all__ = ["Parts", "Told", "begin_shares", "parts_of", "prepare", "tell"]

Floats = NDArray[np.float64]

_NUMBER = " (number)"


@dataclass(frozen=True, slots=True)
class Parts:
    """What each part of a ticket adds to the log-odds of one head's answer.

    words: shape (words,), as `Origins` counts them. text: what each part of the encoded text adds by the linear member,
    which is in `words` already. facts, measures: by name. whole: what the meaning of the whole text adds, where no word
    has a share of it.
    """

    words: Floats
    text: Floats
    facts: Mapping[str, float]
    measures: Mapping[str, float]
    whole: float


@dataclass(frozen=True, slots=True)
class Told:
    """One ticket, and what its parts say to every head: made once.

    scores: per head what speaks for each label. answers: the place of the label that is explained, a risk's that it
    comes true. shares: gives what each number that a head's trees see adds to that label's score; without a head whose
    trees LightGBM itself is asked for.
    """

    version: Version
    reading: Reading
    encoded: Encoded
    linear: LinearScores
    scores: Mapping[Head, Floats]
    answers: Mapping[Head, int]
    origins: Origins
    shares: Callable[[], Mapping[Head, Floats]]

    @property
    def heads(self) -> dict[Head, HeadModel]:
        """The heads that have something to explain."""
        return {head: model for head, model in self.version.heads.items() if head in self.scores}


def prepare(version: Version) -> None:
    """Make ready now what the first ticket that asks for reasons would wait for: a tenth of a second and more."""
    forest, grown = version.forest, {head: one.trees for head, one in version.heads.items() if one.trees is not None}
    for head, trees in grown.items():
        asked = np.zeros(len(version.encoder.number_names) + len(version.linear.intercepts))
        if head not in forest.shares({head: 0}, asked)():
            boosters_by_label(trees.booster)


def begin_shares(
    version: Version, encoded: Encoded, linear: LinearScores, said: Mapping[Head, Said], beside: Executor | None
) -> Callable[[], Mapping[Head, Floats]]:
    """What gives `Told.shares`. encoded, linear, said: as `tell` takes them. beside: as in `models.meanwhile`."""
    outputs = {head: 0 if head in RISK_HEADS else one.places[0] for head, one in said.items()}
    return version.forest.shares(outputs, np.concatenate((encoded.numbers, linear.text)), beside)


def tell(
    version: Version,
    reading: Reading,
    encoded: Encoded,
    linear: LinearScores,
    said: Mapping[Head, Said],
    shares: Callable[[], Mapping[Head, Floats]],
) -> Told:
    """All that the parts of one ticket follow from.

    encoded: made of `reading`. linear: the linear scores of it. said: what each head answers. shares: of
    `begin_shares`.
    """
    answers = {head: 1 if head in RISK_HEADS else one.places[0] for head, one in said.items()}
    origins = origins_of(version.encoder, reading, encoded)
    scores = {head: one.scores for head, one in said.items()}
    return Told(version, reading, encoded, linear, scores, answers, origins, shares)


def parts_of(told: Told) -> dict[Head, Parts]:
    """What every part of the ticket adds to each head's answer or against it; a risk head's is that it comes true.

    The linear members of all heads are gone through together: a ticket's rows are read once.
    """
    encoded, origins, linear = told.encoded, told.origins, told.version.linear
    heads = told.heads
    against = np.zeros(len(linear.intercepts))
    slopes = np.zeros(len(against), np.float32)
    for head, model in heads.items():
        at = model.columns
        if model.answering is None:
            against[at], slopes[at] = model.blend.sureness, model.blend.sureness * model.blend.linear
            continue
        ends = linear.intercepts[at], told.linear.whole[at]
        against[at], along = model.answering.slopes(told.scores[head], told.answers[head], *ends)
        slopes[at] = against[at] * along
    spans = np.array([(at.start, at.stop - at.start, at.start) for at in (one.columns for one in heads.values())])
    said = encoded.weights[:, np.newaxis].astype(np.float64) * linear.rows.products(slopes, spans, encoded.places)
    words = origins.by_word(said)
    by_word, whole = _meant(told, against, spans)
    names = _fact_names(told)
    facts = [dict(zip(names, some, strict=True)) for some in said[encoded.text :].T.tolist()]
    found = {}
    passed_on, shares = _passed_on(told), told.shares()
    for place, (head, model) in enumerate(heads.items()):
        parts = Parts(words[:, place] + by_word[:, place], said[: encoded.text, place], facts[place], {}, whole[place])
        if model.trees is None:
            found[head] = parts
        else:
            by_number = _by_lightgbm(told, model, model.trees) if head not in shares else shares[head]
            found[head] = _with_trees(told, model, parts, by_number, passed_on.get(head))
    return found


def _fact_names(told: Told) -> list[str]:
    columns, first = told.version.encoder.columns, told.version.encoder.facts_from
    return [columns.fact_of(place - first) for place in told.encoded.places[told.encoded.text :].tolist()]


def _meant(told: Told, against: Floats, spans: NDArray[np.int64]) -> tuple[Floats, list[float]]:
    """What the meaning adds to each head: by word, shape (words, heads), and what cannot be told by word.

    against: how the answers' log-odds follow each column's score. spans: the columns of each head.
    """
    heads, origins, vector = told.heads.values(), told.origins, told.encoded.vector
    by_word, whole = np.zeros((len(origins.words), len(spans))), [0.0] * len(spans)
    sense, meaning = told.version.sense, told.version.encoder.meaning
    if sense is None or not any(model.blend.meaning for model in heads):
        return by_word, whole
    counts = np.zeros(len(against))
    for model in heads:
        counts[model.columns] = model.blend.meaning * against[model.columns]
    if not isinstance(meaning, StaticTable):
        rise = (sense_scores(sense, vector) - sense_scores(sense, np.zeros_like(vector))) * counts
        return by_word, [float(np.add.accumulate(rise[model.columns])[-1]) for model in heads]
    directions = sense_slopes(sense, vector, counts, spans).astype(np.float32)
    return meaning.absences(told.reading.wording, origins.words, directions).astype(np.float64), whole


def _with_trees(told: Told, model: HeadModel, parts: Parts, by_number: Floats, passed_on: Floats | None) -> Parts:
    """by_number: what each number that the trees see adds to the score of the answer.

    passed_on: of each score of the text, which share of it each word brings; None where the trees see words.
    """
    shares = model.blend.sureness * model.blend.trees * by_number
    names = told.version.encoder.number_names
    first = len(names) - len(MEASURES)
    facts = zip((name.removesuffix(_NUMBER) for name in names[:first]), shares[:first].tolist(), strict=True)
    measures = dict(zip(MEASURES, shares[first : len(names)].tolist(), strict=True))
    # An hour is a fact and a measure; it is one reason.
    calendar = [(name, measures.pop(name)) for name in CALENDAR]
    of_text = shares[len(names) :]
    by_word = _seen(told, model, of_text) if passed_on is None else np.einsum("wj,j->w", passed_on, of_text)
    return replace(
        parts,
        words=parts.words + by_word,
        facts=_added(_added(parts.facts, facts), calendar),
        measures=measures,
    )


def _by_lightgbm(told: Told, model: HeadModel, trees: Trees) -> Floats:
    """What each number that the trees see adds to the score of the answer, by LightGBM itself."""
    label = 0 if model.head in RISK_HEADS else told.answers[model.head]
    return tree_shares(trees.booster, label, tree_row(model, told.encoded, told.linear.text[model.columns]))


def _seen(told: Told, model: HeadModel, shares: Floats) -> Floats:
    """What the trees make of the words that they see, shape (words,); a word's absence is no part of the ticket."""
    origins, text = told.origins, told.encoded.text
    places = np.minimum(model.tree_words.searchsorted(told.encoded.places[:text]), len(model.tree_words) - 1)
    by_part = np.where(model.tree_words[places] == told.encoded.places[:text], shares[places], 0.0)
    return np.asarray(origins.by_word(by_part[:, np.newaxis])[:, 0])


def _passed_on(told: Told) -> dict[Head, Floats]:
    """Of each score of the text that a head's trees see, the share of each word that brings it to where it is.

    Shape (words, scores) by head. All heads' columns are gone through together.
    """
    heads = [one for one in told.heads.values() if one.trees is not None and not len(one.tree_words)]
    if not heads:
        return {}
    columns = np.concatenate([np.arange(one.columns.start, one.columns.stop) for one in heads])
    text = told.encoded.text
    rows = told.version.linear.weights[told.encoded.places[:text, np.newaxis], columns]
    by_word = told.origins.by_word(told.encoded.weights[:text, np.newaxis].astype(np.float64) * rows)
    pulling = np.maximum(by_word * np.sign(told.linear.text[columns]), 0.0)
    total = pulling.sum(axis=0)
    pulling /= np.where(total > 0, total, 1.0)
    ends = np.cumsum([one.columns.stop - one.columns.start for one in heads]).tolist()
    return {
        one.head: pulling[:, end - (one.columns.stop - one.columns.start) : end]
        for one, end in zip(heads, ends, strict=True)
    }


def _added(to: Mapping[str, float], more: Iterable[tuple[str, float]]) -> dict[str, float]:
    sums = dict(to)
    for name, weight in more:
        if weight:  # trees ask for few of the numbers
            sums[name] = sums.get(name, 0.0) + weight
    return sums
