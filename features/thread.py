"""What was written after a ticket's opening, read for those who score it again: numbers, and each message's n-grams.

A ticket that nobody has written to has no such reading. Words are read message by message, for what a thread says adds
up: the second complaint is as much as the first. Knows neither labels nor what a message counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.snapshots import MOST_MESSAGES, written_since
from desk.ticket import Message, Ticket
from features.encoding import Encoder, encode_sparse, read_text
from features.mixing import mixed
from features.ngrams import Hashes, chunks_in, words_in
from features.wording import own_part

__all__ = ["HOURS", "THREAD_MEASURES", "ThreadReading", "grams_of_message", "new_words", "read_thread"]

THREAD_MEASURES: Final = (
    "messages since the opening",
    "messages of the customer",
    "messages of agents",
    "messages of the system",
    "first answer",
    "question marks of the customer",
    "exclamation marks of the customer",
    "capitals of the customer",
    "hours open",
    "hours between messages",
    "hours to the first answer",
)
"""Names of the numbers of a thread, in order; those of the customer's are of the newest message of theirs."""

HOURS: Final = len(THREAD_MEASURES) - 3
"""Where the numbers begin that are hours."""

_MOST_READ: Final = 2_000  # characters of a message
_SALTS: Final = {
    "customer": np.uint64(0x8F14E45FCEEA167A),
    "agent": np.uint64(0x45C48CCE2E2D7FBD),
    "system": np.uint64(0xD3D9446802A44259),
}
_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class ThreadReading:
    """measures: the numbers of `THREAD_MEASURES`. messages: the newest, five at most, as many as training reads.

    grams: of each of these the words and pairs of neighbouring words, once each, as hashes that tell who wrote them.
    """

    measures: tuple[float, ...]
    messages: tuple[Message, ...]
    grams: tuple[Hashes, ...]


def grams_of_message(message: Message) -> Hashes:
    """The words of a message and its pairs of neighbouring words, once each, as hashes that tell who wrote them."""
    said = words_in(chunks_in(own_part(message.text)[:_MOST_READ]))
    hashes = np.sort(mixed(said ^ _SALTS.get(message.author, _SALTS["system"])))
    return hashes[np.append(True, hashes[1:] != hashes[:-1])] if len(hashes) else hashes


def new_words(
    encoder: Encoder, message: Message, known: NDArray[np.int32] | NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The n-grams of a customer's message that the opening has not, as the sparse row of an opening would have them.

    Places and weights, shape (k,) each; none of another's message. known: the places of the opening's own, ascending.
    """
    if message.author != "customer":
        return np.empty(0, np.int64), np.empty(0, np.float32)
    found = encode_sparse(encoder, read_text(own_part(message.text)[:_MOST_READ]))
    places, weights = found.places[: found.text], found.weights[: found.text]
    if not len(known):
        return places, weights
    new = known[np.minimum(known.searchsorted(places), len(known) - 1)] != places
    return places[new], weights[new]


def read_thread(ticket: Ticket, grams: Callable[[Message], Hashes] = grams_of_message) -> ThreadReading | None:
    """Read what was written after the ticket's opening; None where nothing was.

    Hours count to the newest message: a ticket knows no other present. Where nobody knows when it was opened, they
    count from its first message. grams: `grams_of_message`, or what remembers it for who reads a thread again.
    """
    later = written_since(ticket)
    if not later:
        return None
    later = tuple(sorted(later, key=lambda one: one.at))
    opened = ticket.created_at or min(one.at for one in ticket.messages)
    newest = later[-MOST_MESSAGES:]
    return ThreadReading(_measures(later, opened), newest, tuple(map(grams, newest)))


def _measures(later: Sequence[Message], opened: datetime) -> tuple[float, ...]:
    authors = [one.author for one in later]
    customers, agents = authors.count("customer"), authors.count("agent")
    said = next((own_part(one.text)[:_MOST_READ] for one in reversed(later) if one.author == "customer"), "")
    first = next((one.at for one in later if one.author == "agent"), None)
    hours = [(one.at - opened).total_seconds() / _SECONDS for one in later[-2:]]
    return (
        float(len(later)),
        float(customers),
        float(agents),
        float(len(later) - customers - agents),
        float(first is not None),
        float(said.count("?")),
        float(said.count("!")),
        sum(map(str.isupper, said)) / max(len(said), 1),
        hours[-1],
        hours[-1] - (hours[0] if len(hours) > 1 else 0.0),
        0.0 if first is None else (first - opened).total_seconds() / _SECONDS,
    )
