"""The resolved tickets of a version's history, found by likeness: an index of vectors, and what became of each ticket.

Vectors are int8 in a usearch index, facts are columns, ids and resolutions one run of bytes each; all of it is mapped
into memory, so that processes share it. A row holds a ticket's id and no text of the requester's. Knows not how a
ticket's vector is made.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from desk.likeness import SimilarTicket
from features.encoding import Encoded
from features.meaning import projection
from features.meaning.meaning import Meaning, Vector
from models.shelf import Shelf, save_array, save_json

__all__ = ["LONGEST_RESOLUTION", "Similar", "build_similar", "distances", "nearest", "read_similar", "ticket_vector"]
__all__ += ["try_similar", "vector_length", "without", "words_of", "write_similar"]

LONGEST_RESOLUTION: Final = 300
"""Characters of a resolution that are kept: enough to see what helped, and 100,000 of them stay under 100 MB."""

LABELS: Final = "similar.json"
FACTS: Final = "similar.facts.npy"
INDEX: Final = "similar.index.usearch"

_UNKNOWN: Final = -1
_INT8: Final = 127
_CONNECTIVITY: Final = 16
_BREADTH_BUILT: Final = 128
_BREADTH_ASKED: Final = 200  # with the two above: recall@5 of 0.96 at 100,000 tickets, by their words too
_BREADTH_OF_MEANINGS: Final = 100  # recall@5 of 0.98 where vectors are meanings, which lie closer; half of the time
_BATCH: Final = 1_000
_TRIED: Final = 20  # rows
_ITSELF: Final = 0.99  # a row's cosine to itself, give or take int8

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Texts:
    """Many texts as one run of bytes: the text of row i ends at `ends[i]` and begins where the one before it ends."""

    ends: NDArray[np.int64]
    run: Bytes

    def __getitem__(self, row: int) -> str:
        return bytes(self.run[self.ends[row - 1] if row else 0 : self.ends[row]]).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Similar:
    """The rows, in order of their keys in the index.

    facts: int32, shape (n, 4): place of the queue in `queues`, of the priority in `priorities`, escalated as 0 or 1,
    reassignments; -1 where the history does not say.
    """

    index: Any
    dimensions: int
    queues: tuple[str, ...]
    priorities: tuple[str, ...]
    facts: NDArray[np.int32]
    ids: Texts
    resolutions: Texts

    def __len__(self) -> int:
        return len(self.facts)


def ticket_vector(encoded: Encoded, words: int, meaning: Vector) -> Vector:
    """The vector by which a ticket is looked up: what it means, or else its words as a projection.

    words: how many places of the sparse row, from the first, are words. meaning: shape (0,) for a version without one.
    """
    return meaning if len(meaning) else projection.projected(*words_of(encoded, words))


def words_of(encoded: Encoded, words: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Places and weights of a ticket's words, without runs of characters and facts. words: as in `ticket_vector`."""
    ending = int(np.searchsorted(encoded.places[: encoded.text], words))
    return encoded.places[:ending], encoded.weights[:ending]


def vector_length(meaning: Meaning | None) -> int:
    """How long `ticket_vector` makes them."""
    return projection.DIMENSIONS if meaning is None else meaning.dimensions


def build_similar(
    tickets: Sequence[SimilarTicket], vectors: Floats, tick: Callable[[], object] = lambda: None
) -> Similar:
    """The index of `tickets`, whose own `similarity` does not count, by their vectors, shape (tickets, dimensions).

    On one thread, so that the same history gives the same index. `tick` is called once a ticket.
    """
    queues = tuple(sorted({one.queue for one in tickets if one.queue is not None}))
    priorities = tuple(sorted({one.priority for one in tickets if one.priority is not None}))
    queue_place, priority_place = ({label: place for place, label in enumerate(one)} for one in (queues, priorities))
    facts = [
        (
            _UNKNOWN if one.queue is None else queue_place[one.queue],
            _UNKNOWN if one.priority is None else priority_place[one.priority],
            _UNKNOWN if one.escalated is None else int(one.escalated),
            _UNKNOWN if one.reassignment_count is None else min(one.reassignment_count, 2**31 - 1),
        )
        for one in tickets
    ]
    return Similar(
        _index(_int8(vectors), tick),
        vectors.shape[1],
        queues,
        priorities,
        np.array(facts, dtype=np.int32).reshape(len(tickets), 4),
        _texts([one.ticket_id for one in tickets]),
        _texts([(one.resolution or "")[:LONGEST_RESOLUTION] for one in tickets]),
    )


def nearest(similar: Similar, vector: Vector, count: int, *, but: str | None = None) -> tuple[SimilarTicket, ...]:
    """The `count` tickets most like `vector`, shape (dimensions,), the nearest first.

    but: the id of the ticket that is asked about, which is not like itself. None are like a vector of nought.
    """
    if not vector.any() or not len(similar):
        return ()
    wanted = min(count + (but is not None), len(similar))
    found = similar.index.search(_int8(vector[None])[0], wanted, threads=1)
    pairs = zip(found.keys.tolist(), found.distances.tolist(), strict=True)
    rows = [_ticket(similar, row, 1 - distance) for row, distance in pairs]
    return tuple(one for one in rows if one.ticket_id != but)[:count]


def distances(similar: Similar, vectors: Floats) -> NDArray[np.float64]:
    """How far each of `vectors`, shape (n, dimensions), lies from the nearest ticket: one minus the cosine, shape (n,).

    NaN for a vector of nought, and where there is no ticket.
    """
    found = np.full(len(vectors), np.nan)
    said = np.flatnonzero(vectors.any(axis=1))
    if len(said) and len(similar):
        matches = similar.index.search(_int8(vectors[said]), 1, threads=1)
        found[said] = np.asarray(matches.distances, np.float64).reshape(len(said))
    return found


def without(similar: Similar, ticket_ids: Collection[str]) -> Similar:
    """The same without the tickets of these ids: built anew, so that nothing of them is left."""
    gone = frozenset(ticket_ids)
    kept = [row for row in range(len(similar)) if similar.ids[row] not in gone]
    tickets = [_ticket(similar, row, 0) for row in kept]
    vectors = np.array([similar.index.get(row) for row in kept], dtype=np.float32)
    return build_similar(tickets, vectors.reshape(len(kept), similar.dimensions))


def write_similar(folder: Path, similar: Similar) -> None:
    """Write the index and the rows into `folder`."""
    save_json(folder, LABELS, {"queues": similar.queues, "priorities": similar.priorities})
    save_array(folder, FACTS, similar.facts)
    for name, texts in (("ids", similar.ids), ("resolutions", similar.resolutions)):
        save_array(folder, f"similar.{name}.npy", texts.run)
        save_array(folder, f"similar.{name}.ends.npy", texts.ends)
    similar.index.save(str(folder / INDEX))


def read_similar(shelf: Shelf, dimensions: int, *, meant: bool = False) -> Similar | None:
    """The index on the shelf, for vectors of this length; None for a version without one.

    meant: whether the vectors are what texts mean, and no projections of their words.

    Raises `DamagedVersionError`. A damaged index may kill the process later: `try_similar` in one that may die.
    """
    if not any(name.startswith("similar.") for name in shelf.files):
        return None
    labels = shelf.json(LABELS)
    queues, priorities = (tuple(map(str, labels[name])) for name in ("queues", "priorities"))
    facts: NDArray[np.int32] = shelf.array(FACTS, np.int32, (None, 4))
    ends = np.array([len(queues), len(priorities), 2, 2**31])
    if ((facts < _UNKNOWN) | (facts >= ends)).any():
        raise DamagedVersionError(f"{FACTS!r} of version {shelf.folder.name!r} names labels that it does not have.")
    ids, resolutions = (_read_texts(shelf, name, len(facts)) for name in ("ids", "resolutions"))
    index = _open(shelf, dimensions, len(facts))
    if meant:
        index.expansion_search = _BREADTH_OF_MEANINGS
    return Similar(index, dimensions, queues, priorities, facts, ids, resolutions)


def try_similar(similar: Similar) -> None:
    """Look some rows up by their own vectors. Raises `DamagedVersionError` where most of them do not find their like.

    A damaged index may kill the process instead. A sound one finds nearly all: it is approximate.
    """
    rows = np.linspace(0, len(similar) - 1, min(_TRIED, len(similar)), dtype=np.int64).tolist()
    vectors = [np.asarray(similar.index.get(row), dtype=np.float32) for row in rows]
    nearest_ones = [one for vector in vectors for one in nearest(similar, vector, 1)]
    found = sum(one.similarity > _ITSELF for one in nearest_ones)
    if 2 * found < len(rows):
        raise DamagedVersionError(
            f"{INDEX!r} finds {found} of {len(rows)} rows by their own vectors: fetch the version again."
        )


def _empty_index(dimensions: int) -> Any:
    # usearch brings a C++ library of its own along. Where no other was loaded before it becomes that of all others, and
    # LightGBM can no longer write numbers; scipy brings the system's.
    import scipy.special  # noqa: F401 - for what it loads
    from usearch.index import Index  # a third of a second that only a version with an index needs

    return Index(
        ndim=dimensions,
        metric="cos",
        dtype="i8",
        connectivity=_CONNECTIVITY,
        expansion_add=_BREADTH_BUILT,
        expansion_search=_BREADTH_ASKED,
    )


def _index(vectors: NDArray[np.int8], tick: Callable[[], object]) -> Any:
    made = _empty_index(vectors.shape[1])
    for start in range(0, len(vectors), _BATCH):
        part = vectors[start : start + _BATCH]
        made.add(np.arange(start, start + len(part)), part, threads=1)
        for _ in part:
            tick()
    return made


def _open(shelf: Shelf, dimensions: int, rows: int) -> Any:
    index = _empty_index(dimensions)
    index.view(str(shelf.path(INDEX)))
    if index.ndim != dimensions or len(index) != rows:
        raise DamagedVersionError(f"{INDEX!r} holds no {rows} vectors of {dimensions}: fetch the version again.")
    return index


def _int8(vectors: Floats) -> NDArray[np.int8]:
    """Each row over the whole range of int8, shape as given: the cosine does not mind a row's length."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    return np.rint(vectors * (_INT8 / np.where(largest > 0, largest, 1))).astype(np.int8)


def _ticket(similar: Similar, row: int, similarity: float) -> SimilarTicket:
    queue, priority, escalated, reassignments = similar.facts[row].tolist()
    return SimilarTicket(
        ticket_id=similar.ids[row],
        similarity=similarity,
        queue=None if queue == _UNKNOWN else similar.queues[queue],
        priority=None if priority == _UNKNOWN else similar.priorities[priority],
        escalated=None if escalated == _UNKNOWN else bool(escalated),
        reassignment_count=None if reassignments == _UNKNOWN else reassignments,
        resolution=similar.resolutions[row] or None,
    )


def _texts(texts: Sequence[str]) -> Texts:
    parts = [text.encode("utf-8", "replace") for text in texts]
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    return Texts(ends, np.frombuffer(b"".join(parts), dtype=np.uint8))


def _read_texts(shelf: Shelf, name: str, rows: int) -> Texts:
    ends: NDArray[np.int64] = shelf.array(f"similar.{name}.ends.npy", np.int64, (rows,))
    run: Bytes = shelf.array(f"similar.{name}.npy", np.uint8, (None,))
    if rows and not (ends[0] >= 0 and (np.diff(ends) >= 0).all() and ends[-1] == len(run)):
        raise DamagedVersionError(
            f"The {name} of similar tickets in version {shelf.folder.name!r} do not fit together."
        )
    return Texts(ends, run)
