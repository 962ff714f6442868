"""How a risk head's answer changes as its ticket grows: the opening's log-odds and the thread's evidence, added up.

The members of a head learn from openings, and go on answering them. What was written since adds to their answer: each
message by its words, by what the same words of the customer's would say in an opening, and the thread by its numbers
(who wrote how much, how long it took). The sum is a logistic
regression that was learned from snapshots of growing tickets, beside log-odds by members that had not seen them.
Numbers are held to the range in which they were learned. Knows one head at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from desk.heads import Head
from desk.ticket import Message
from features.ngrams import Hashes
from features.thread import HOURS, THREAD_MEASURES, ThreadReading
from models.shelf import Shelf, save_array, save_json

__all__ = ["BASIS", "Grown", "Growth", "basis_of", "grown_score", "parts_of_growth", "read_growth", "write_growth"]

Floats = NDArray[np.float64]

_HOUR_STEPS: Final = (1.0, 4.0, 8.0, 24.0, 48.0, 72.0, 120.0)
_MESSAGE_STEPS: Final = (2.0, 3.0, 4.0, 5.0)
_OPENING: Final = "opening"
_TOLD: Final = "words as of an opening"
_OPEN, _FIRST = (THREAD_MEASURES.index(name) for name in ("hours open", "hours to the first answer"))

BASIS: Final = (
    _OPENING,
    _OPENING,  # times the hours that the ticket is open: what the opening says may fade
    _TOLD,
    *THREAD_MEASURES,
    *("hours open" for _ in _HOUR_STEPS),
    *("hours to the first answer" for _ in _HOUR_STEPS),
    *(THREAD_MEASURES[0] for _ in _MESSAGE_STEPS),
)
"""What each number of `basis_of` is of: the opening, the customer's words, or one of the thread's measures."""

_FIRST_MEASURE: Final = BASIS.index(THREAD_MEASURES[0])


@dataclass(frozen=True)
class Growth:
    """hashes: shape (v,), sorted, the n-grams of messages that count. words: float64, shape (v,), what each adds.

    numbers: shape (len(BASIS),), what each number counts. intercept: what all of it starts from. low, high: shape
    (len(THREAD_MEASURES),), between which each measure was learned.
    """

    hashes: Hashes
    words: Floats
    numbers: Floats
    intercept: float
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Grown:
    """What a thread adds to the log-odds: messages one by one, and measures by name.

    opening: what the opening's log-odds count beside them.
    """

    opening: float
    messages: Sequence[tuple[Message, float]]
    measures: Mapping[str, float]


def basis_of(measures: Floats, opening: Floats, told: Floats) -> Floats:
    """The numbers that are added up, shape (n, len(BASIS)).

    measures: shape (n, len(THREAD_MEASURES)), within the range that was learned. opening: shape (n,), log-odds. told:
    shape (n,), what the head's linear member makes of the words of the customer's messages that the opening has not.
    """
    plain = measures.copy()
    plain[:, HOURS:] = np.log1p(np.maximum(measures[:, HOURS:], 0.0))
    steps = [measures[:, _OPEN, np.newaxis] > _HOUR_STEPS, measures[:, _FIRST, np.newaxis] > _HOUR_STEPS]
    steps.append(measures[:, 0, np.newaxis] >= _MESSAGE_STEPS)
    fading = opening * plain[:, _OPEN]
    return np.hstack((opening[:, np.newaxis], fading[:, np.newaxis], told[:, np.newaxis], plain, *steps))


def grown_score(growth: Growth, thread: ThreadReading, opening: float, told: Floats) -> float:
    """The log-odds of the ticket as it is now.

    opening: those of its opening. told: shape (messages read,), as `basis_of` has it, of each; nought of who is no
    customer.
    """
    said = growth.intercept + float(np.add.accumulate(_numbers(growth, thread, opening, told) * growth.numbers)[-1])
    return said + sum(_worth(growth, grams) for grams in thread.grams)


def parts_of_growth(growth: Growth, thread: ThreadReading, told: Floats) -> Grown:
    """What each message and each measure adds to the log-odds; a measure's as against a thread that begins.

    A thread that begins has the least of every number that was learned, and no word that counts. told: as in
    `grown_score`.
    """
    now, begun = _numbers(growth, thread, 1.0, told), basis_of(growth.low[np.newaxis], np.ones(1), np.zeros(1))[0]
    shares = (now - begun) * growth.numbers
    measures = dict.fromkeys(THREAD_MEASURES, 0.0)
    for name, share in zip(BASIS[_FIRST_MEASURE:], shares[_FIRST_MEASURE:].tolist(), strict=True):
        measures[name] += share
    counts = float(growth.numbers[BASIS.index(_TOLD)])
    worths = [_worth(growth, grams) + counts * one for grams, one in zip(thread.grams, told.tolist(), strict=True)]
    opening = float((now * growth.numbers)[:2].sum())
    return Grown(opening, list(zip(thread.messages, worths, strict=True)), measures)


def _numbers(growth: Growth, thread: ThreadReading, opening: float, told: Floats) -> Floats:
    measures = np.clip(np.array(thread.measures), growth.low, growth.high)
    return np.asarray(basis_of(measures[np.newaxis], np.array([opening]), np.array([sum(told.tolist())]))[0])


def _worth(growth: Growth, grams: Hashes) -> float:
    if not len(growth.hashes) or not len(grams):
        return 0.0
    found = np.minimum(growth.hashes.searchsorted(grams), len(growth.hashes) - 1)
    known = growth.words[found[growth.hashes[found] == grams]]
    return float(np.add.accumulate(known)[-1]) if len(known) else 0.0


def write_growth(folder: Path, head: Head, growth: Growth) -> None:
    """Write what `head` learned of growing tickets into the version's folder."""
    save_array(folder, f"{head}.growth.hashes.npy", growth.hashes)
    save_array(folder, f"{head}.growth.words.npy", growth.words)
    numbers = [{"of": name, "counts": weight} for name, weight in zip(BASIS, growth.numbers.tolist(), strict=True)]
    between = {"low": growth.low.tolist(), "high": growth.high.tolist()}
    about = {"intercept": growth.intercept, "numbers": numbers, "measures": THREAD_MEASURES, **between}
    save_json(folder, _about(head), about)


def read_growth(shelf: Shelf, head: Head) -> Growth | None:
    """What `head` learned of growing tickets; None where it learned nothing of them, as before format 7.

    Raises `DamagedVersionError` where the numbers are not those that this build reads, or are none.
    """
    if _about(head) not in shelf:
        return None
    about = shelf.json(_about(head))
    names = tuple(one["of"] for one in about["numbers"])
    if names != BASIS or tuple(about["measures"]) != THREAD_MEASURES:
        raise DamagedVersionError(f"{_about(head)!r} of version {shelf.folder.name!r} counts other numbers than these.")
    hashes = shelf.array(f"{head}.growth.hashes.npy", np.uint64, (None,))
    words = shelf.array(f"{head}.growth.words.npy", np.float64, (len(hashes),))
    numbers, low, high = (
        np.array(some, dtype=np.float64)
        for some in ([one["counts"] for one in about["numbers"]], about["low"], about["high"])
    )
    finite = all(np.isfinite(some).all() for some in (words, numbers, low, high, [about["intercept"]]))
    if not finite or low.shape != high.shape or low.shape != (len(THREAD_MEASURES),) or (low > high).any():
        raise DamagedVersionError(f"{_about(head)!r} of version {shelf.folder.name!r} holds numbers that are none.")
    return Growth(hashes, words, numbers, float(about["intercept"]), low, high)


def _about(head: Head) -> str:
    return f"{head}.growth.json"
