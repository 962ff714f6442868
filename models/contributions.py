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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from desk.heads import RISK_HEADS, Head
from features.encoding import Encoded, Encoder, Reading
from features.facts import CALENDAR, MEASURES
from features.meaning.meaning import Vector
from features.meaning.static_table import StaticTable
from features.origins import Origins, origins_of, summed_by_word
from models.answering import Said
from models.heads import HeadModel, normalised, tree_row
from models.linear import LinearScores
from models.sense import sense_scores, sense_slopes
from models.tree_shares import tree_shares
from models.version import Version

__all__ = ["Parts", "Told", "parts_of", "tell"]

Floats = NDArray[np.float64]

_FLAT = 1e-9  # a sum so near to that of the empty ticket has the curve's own slope
_NOUGHT = 1e-5  # of the whole's length: what is left when all of it is taken off is rounding
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
    """One ticket, and what every head needs of it: made once.

    scores: per head what speaks for each label. answers: the place of the label that is explained, a risk's that
    it comes true. spelled: the words
    as the ticket spells them. rows: shape (k, columns), the linear weights of the ticket's places.
    """

    version: Version
    reading: Reading
    encoded: Encoded
    scores: Mapping[Head, Floats]
    answers: Mapping[Head, int]
    origins: Origins
    spelled: list[str]
    linear: LinearScores
    rows: NDArray[np.float32]
    fact_names: list[str]
    tokens: "_Tokens | None"


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A token table's share in a ticket.

    whole, length: shape (d,), of all tokens, and its length. words: shape (v,), the words that own some. rest, lengths:
    shapes (v, d) and (v,), of all tokens but each word's. A length is one where the vector is nought.
    """

    whole: Vector
    length: float
    words: NDArray[np.int64]
    rest: Vector
    lengths: Vector


def tell(version: Version, reading: Reading, encoded: Encoded, linear: LinearScores, said: Mapping[Head, Said]) -> Told:
    """All that the parts of one ticket follow from, whichever head they are asked of.

    encoded: made of `reading`. linear: the linear scores of it. said: what each head answers.
    """
    encoder = version.encoder
    origins = origins_of(encoder, reading, encoded)
    first = len(encoder.words) + len(encoder.runs)
    return Told(
        version,
        reading,
        encoded,
        {head: one.scores for head, one in said.items()},
        {head: 1 if head in RISK_HEADS else one.places[0] for head, one in said.items()},
        origins,
        origins.spelled(),
        linear,
        version.linear.weights.take(encoded.places, axis=0),
        [encoder.columns.fact_of(place - first) for place in encoded.places[encoded.text :].tolist()],
        _tokens(encoder, reading, origins),
    )


def parts_of(told: Told, head: Head) -> Parts:
    """What every part of the ticket adds, for the head's answer or against it; a risk head's is that it comes true."""
    model = told.version.heads[head]
    against = model.blend.sureness * _against(model, told.scores[head], told.answers[head])
    # Numbers of one kind: einsum would turn thousands of weights into the other first.
    slopes = (_slopes(told, model) * against).astype(np.float32)
    said = told.encoded.weights * np.einsum("ij,j->i", told.rows[:, model.columns], slopes).astype(np.float64)
    origins, text = told.origins, told.encoded.text
    words = summed_by_word(origins.owners, origins.shares * said[origins.parts], len(origins.words))
    facts = _added({}, zip(told.fact_names, said[text:].tolist(), strict=True))
    by_word, whole = _meant(told, model, against)
    parts = Parts(words + by_word, said[:text], facts, {}, whole)
    return parts if model.trees is None else _with_trees(told, model, parts)


def _tokens(encoder: Encoder, reading: Reading, origins: Origins) -> _Tokens | None:
    if not isinstance(encoder.meaning, StaticTable):
        return None
    vectors, names = encoder.meaning.parts(reading.wording)
    whole = vectors.sum(axis=0)
    owned: dict[int, list[int]] = {}
    for place, name in enumerate(names):
        if (number := origins.words.get(name)) is not None:
            owned.setdefault(number, []).append(place)
    rest = whole - vectors[[places[0] for places in owned.values()]]
    for row, places in enumerate(owned.values()):  # most words own one
        for place in places[1:]:
            rest[row] -= vectors[place]
    length, lengths = np.sqrt(np.einsum("d,d->", whole, whole)), np.sqrt(np.einsum("vd,vd->v", rest, rest))
    lengths = np.where(lengths > _NOUGHT * length, lengths, 1.0)
    return _Tokens(whole, float(length) or 1.0, np.array([*owned], dtype=np.int64), rest, lengths)


def _against(model: HeadModel, scores: Floats, label: int) -> Floats:
    """How the answer's log-odds follow each column's score, shape (columns,): one for the answer, what the others lose.

    The derivatives of s_a - log(sum of exp(s_b) over all other labels b).
    """
    if model.head in RISK_HEADS:
        return np.ones(1)
    others = scores.copy()
    others[label] = -np.inf
    against = -normalised(others)
    against[label] = 1.0
    return against


def _slopes(told: Told, model: HeadModel) -> Floats:
    """What a point of each column's linear score adds to the column's score, shape (columns,)."""
    how = model.blend
    if model.head in RISK_HEADS:
        return np.full(1, how.linear)
    empty, whole = told.version.linear.intercepts[model.columns], told.linear.whole[model.columns]
    rise = np.logaddexp(0, -(how.slope * empty + how.offset)) - np.logaddexp(0, -(how.slope * whole + how.offset))
    steepness = how.slope * np.exp(-np.logaddexp(0, how.slope * whole + how.offset))
    is_flat = np.abs(whole - empty) < _FLAT
    return np.asarray(how.linear * np.where(is_flat, steepness, rise / np.where(is_flat, 1.0, whole - empty)))


def _meant(told: Told, model: HeadModel, against: Floats) -> tuple[Floats, float]:
    """What the meaning adds: by word, shape (words,), and what cannot be told by word."""
    by_word = np.zeros(len(told.origins.words))
    sense = told.version.sense
    if sense is None or not model.blend.meaning:
        return by_word, 0.0
    counts = model.blend.meaning * against
    if told.tokens is None:
        silent = sense_scores(sense, np.zeros_like(told.encoded.vector))
        rise = sense_scores(sense, told.encoded.vector) - silent
        return by_word, float(np.einsum("j,j->", rise[model.columns], counts))
    direction = sense_slopes(sense, told.encoded.vector, model.columns, counts).astype(np.float32)
    tokens = told.tokens
    without = np.einsum("vd,d->v", tokens.rest, direction) / tokens.lengths
    by_word[tokens.words] = np.einsum("d,d->", tokens.whole, direction) / tokens.length - without
    return by_word, 0.0


def _with_trees(told: Told, model: HeadModel, parts: Parts) -> Parts:
    label = 0 if model.head in RISK_HEADS else told.answers[model.head]
    row = tree_row(model, told.encoded, told.linear.text[model.columns])
    shares = model.blend.sureness * model.blend.trees * tree_shares(model.trees, label, row)
    names = told.version.encoder.number_names
    first = len(names) - len(MEASURES)
    facts = zip((name.removesuffix(_NUMBER) for name in names[:first]), shares[:first].tolist(), strict=True)
    measures = dict(zip(MEASURES, shares[first : len(names)].tolist(), strict=True))
    # An hour is a fact and a measure; it is one reason.
    calendar = [(name, measures.pop(name)) for name in CALENDAR]
    return replace(
        parts,
        words=parts.words + (_seen if len(model.tree_words) else _passed_on)(told, model, shares[len(names) :]),
        facts=_added(_added(parts.facts, facts), calendar),
        measures=measures,
    )


def _seen(told: Told, model: HeadModel, shares: Floats) -> Floats:
    """What the trees make of the words that they see, shape (words,); a word's absence is no part of the ticket."""
    origins, text = told.origins, told.encoded.text
    places = np.minimum(model.tree_words.searchsorted(told.encoded.places[:text]), len(model.tree_words) - 1)
    by_part = np.where(model.tree_words[places] == told.encoded.places[:text], shares[places], 0.0)
    return summed_by_word(origins.owners, origins.shares * by_part[origins.parts], len(origins.words))


def _passed_on(told: Told, model: HeadModel, shares: Floats) -> Floats:
    """What the trees make of the text's scores, by the words that bring these to where they are, shape (words,)."""
    origins, text = told.origins, told.encoded.text
    said = told.encoded.weights[:text, np.newaxis] * told.rows[:text, model.columns]
    by_part = (origins.shares * column[origins.parts] for column in said.T)
    by_word = np.column_stack([summed_by_word(origins.owners, one, len(origins.words)) for one in by_part])
    pulling = np.maximum(by_word * np.sign(told.linear.text[model.columns]), 0.0)
    total = pulling.sum(axis=0)
    return np.asarray(np.einsum("wj,j->w", pulling, shares / np.where(total > 0, total, 1.0)))


def _added(to: Mapping[str, float], more: Iterable[tuple[str, float]]) -> dict[str, float]:
    sums = dict(to)
    for name, weight in more:
        sums[name] = sums.get(name, 0.0) + weight
    return sums
