"""A ticket as numbers: the one path that training, `score` and the service all take.

A ticket becomes sparse weights for linear models (words, then runs of characters, then columns of facts), a short row
of numbers for trees and, where a desk has an encoder, the vector that its text means. Knows no labels.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.ticket import Ticket
from features.columns import Columns, fit_columns
from features.facts import MEASURES, facts_of, measures_of
from features.lexicon import Found, Lexicon
from features.meaning.meaning import Meaning, Vector
from features.ngrams import Grams, chunks_in, runs_in, words_in
from features.vocabulary import Vocabulary, fit_vocabulary, without_rarest
from features.wording import wording_of

__all__ = ["Encoded", "Encoder", "Reading", "encode", "encode_sparse", "fit_encoder", "is_legible"]
__all__ += ["read", "read_all", "read_text"]

RUN_SCALE: Final = np.float32(0.5)
"""What runs of characters count beside words: they catch typing errors and word forms, words carry the meaning."""

FACTS_LENGTH: Final = 1.0
"""Length of all facts together, as of the words: twenty facts must not drown the text. Learning weighs them anew."""

_LEAST_WORD: Final = 2
_LEAST_RUN: Final = 3
_LEAST_FACT: Final = 3
_FEW: Final = 1_000  # tickets: among fewer, an n-gram that one ticket has may be all that tells its label
_MOST_GRAMS: Final = 200_000
_MOST_VALUES: Final = 5_000

_USUAL: Final = 0.95  # of a history's tickets are usual
_KNOWN_AT_LEAST: Final = 0.5
"""Of the share of words that is known of the least known usual ticket: a ticket of which less is known is in another
language, or in none. Words of one language leave 93 in 100 known, of another 24 (the sample desk, in English)."""

_MOST_ASKED: Final = 5_000  # tickets, the last, tell what is usual

_NO_VECTOR: Final[Vector] = np.empty(0, np.float32)
_NO_RUNS: Final = Vocabulary(np.empty(0, np.uint64), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read off one ticket, before any vocabulary: made once, encoded as often as there are encoders.

    chunks: of the wording, in its normal form.
    """

    wording: str
    chunks: Sequence[str]
    facts: Mapping[str, str]
    measures: Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One ticket as numbers.

    places, weights: shape (k,), where the sparse row is not nought and what it is there; the first `text` of them are
    the text's, the rest are facts. numbers: shape (m,), the trees' row. vector: shape (d,), what the text means, or
    (0,) where the encoder has no meaning. found: where in the text it comes from; None for what was kept as numbers.
    """

    places: NDArray[np.int64]
    weights: NDArray[np.float32]
    text: int
    numbers: NDArray[np.float64]
    vector: Vector = field(default_factory=lambda: _NO_VECTOR)
    found: Found | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Encoder:
    """What counts, and where it stands in the row.

    meaning: turns the whole text into a vector, where there is one. least_known: the share of its words that must be
    known of a ticket, by words alone, to say what it is about. rarity: shape (words and runs,), of all n-grams.
    """

    words: Vocabulary
    runs: Vocabulary
    columns: Columns
    meaning: Meaning | None = None
    least_known: float = 0.0
    lexicon: Lexicon = field(init=False, repr=False, compare=False)
    rarity: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready to look up."""
        object.__setattr__(self, "lexicon", Lexicon(self.words, self.runs))
        object.__setattr__(self, "rarity", np.concatenate((self.words.weights, self.runs.weights)))

    @property
    def width(self) -> int:
        """Length of the sparse row."""
        return self.facts_from + len(self.columns)

    @property
    def facts_from(self) -> int:
        """Where the facts begin in the sparse row, behind words and runs."""
        return len(self.words) + len(self.runs)

    @property
    def fact_weight(self) -> float:
        """What one fact weighs: a ticket that has a known value for every fact has facts of `FACTS_LENGTH`."""
        return FACTS_LENGTH / math.sqrt(max(len(self.columns.values), 1))

    @property
    def number_names(self) -> list[str]:
        """Names of the trees' numbers, in order."""
        return [*self.columns.code_names, *MEASURES]

    @property
    def coded(self) -> int:
        """How many of the trees' numbers, from the first, are codes of values rather than quantities."""
        return len(self.columns.values)


def read(ticket: Ticket) -> Reading:
    """Read one ticket."""
    wording = wording_of(ticket)
    return Reading(wording, chunks_in(wording), facts_of(ticket), measures_of(ticket, wording))


def read_text(text: str) -> Reading:
    """A text that is no ticket, read as the wording of one."""
    return Reading(text, chunks_in(text), {}, [])


def encode(encoder: Encoder, reading: Reading) -> Encoded:
    """Encode what was read off one ticket."""
    meaning = encoder.meaning
    return encode_sparse(encoder, reading, _NO_VECTOR if meaning is None else meaning.embed(reading.wording))


def encode_sparse(encoder: Encoder, reading: Reading, vector: Vector = _NO_VECTOR) -> Encoded:
    """The same with the vector that is given, or without one: for who has it already."""
    found = encoder.lexicon.find(reading.chunks)
    places, weights = encoder.lexicon.weigh(found, encoder.rarity, RUN_SCALE)
    known, codes = encoder.columns.read(reading.facts)
    facts = np.array(known, dtype=np.int64) + encoder.facts_from
    return Encoded(
        np.concatenate((places, facts)),
        np.concatenate((weights, np.full(len(facts), encoder.fact_weight, np.float32))),
        len(places),
        np.array([*codes, *reading.measures], dtype=np.float64),
        vector,
        found,
    )


def is_legible(encoder: Encoder, reading: Reading) -> bool:
    """Whether enough of the ticket's words are known to say what it is about; a meaning may know those of others."""
    if encoder.meaning is not None:
        return True
    share = encoder.lexicon.find(reading.chunks).share
    return share is None or share >= encoder.least_known


def fit_encoder(readings: Sequence[Reading], hints: Sequence[Grams] = ()) -> Encoder:
    """Learn which n-grams and values count from the tickets of a history; no label is looked at.

    hints: n-grams of what is known beside the tickets: each counts as if it stood in as many as it takes to count.
    """
    word = 1 if len(readings) < _FEW else _LEAST_WORD
    run = 1 if len(readings) < _FEW else _LEAST_RUN
    said = chain((words_in(one.chunks) for one in readings), *((one.words for one in hints) for _ in range(word)))
    words = fit_vocabulary(said, least_tickets=word, most=_MOST_GRAMS)
    runs = chain((runs_in(one.chunks) for one in readings), *((one.runs for one in hints) for _ in range(run)))
    return Encoder(
        words=words,
        runs=fit_vocabulary(runs, least_tickets=run, most=_MOST_GRAMS),
        columns=fit_columns([one.facts for one in readings], least_tickets=_LEAST_FACT, most_values=_MOST_VALUES),
        least_known=_least_known(words, readings[-_MOST_ASKED:]),
    )


def read_all(tickets: Iterable[Ticket], tick: Callable[[], object] = lambda: None) -> list[Reading]:
    """Read many tickets; `tick` is called after each, for a progress bar.

    What tickets share, chunks of text and names and values of facts, is kept once: half of the memory that they take.
    """
    shared: dict[str, str] = {}
    readings = []
    for ticket in tickets:
        one = read(ticket)
        chunks = tuple([shared.setdefault(chunk, chunk) for chunk in one.chunks])
        facts = {shared.setdefault(name, name): shared.setdefault(fact, fact) for name, fact in one.facts.items()}
        readings.append(Reading(one.wording, chunks, facts, np.array(one.measures)))
        tick()
    return readings


def _least_known(words: Vocabulary, readings: Sequence[Reading]) -> float:
    """What is known of the tickets that the vocabulary is of, as of new ones: by the words that others have too."""
    others = Lexicon(without_rarest(words), _NO_RUNS)
    shares = [share for one in readings if (share := others.find(one.chunks).share) is not None]
    return _KNOWN_AT_LEAST * float(np.quantile(shares, 1 - _USUAL)) if shares else 0.0
