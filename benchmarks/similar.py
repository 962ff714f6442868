"""`python -m benchmarks.similar [TICKETS]`: similar tickets at full size: do they find what an exact search finds?

Writes a sample desk of 100,000 tickets (or as many as asked for) and 1,000 more, indexes the former, looks the latter
up. Once by what the texts mean, through a token table fitted to 4,000 of them, where there is an encoder; once by their
words alone. Prints recall@5 against exact search over the same int8 vectors (a ticket as near as the fifth counts: a
desk's forms repeat), milliseconds a query on one thread, the time to build, megabytes on disk and rows that agree
on the queue with the ticket that was looked up.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.outcome import ResolvedTicket
from features.encoding import Reading, read_all
from features.meaning.projection import projected
from features.meaning.static_table import StaticTable
from features.ngrams import words_in
from features.vocabulary import Vocabulary, at_length_one, fit_vocabulary, places_in, weigh
from features.wording import wording_of
from journal.environment import read_environment
from models.similar import Similar, nearest, write_similar
from simulation.sample import SampleDesk, generate
from training.learning.similar import fit_similar
from training.meaning.preparing import distilled, onnx
from training.meaning.teacher import Teacher, available, why_absent
from training.meaning.tuning import tuned
from training.meaning.vectors import embed_all, vectors_of
from training.progress import Unwatched

TICKETS: Final = 100_000
QUEUES: Final = 75
ASKED: Final = 1_000
TAUGHT: Final = 4_000
COUNT: Final = 5
_SAME: Final = 1e-4  # of a cosine: as near as that is as near

Floats = NDArray[np.float32]


def main(arguments: list[str]) -> int:
    """Measure both kinds of vectors; return the exit code."""
    tickets = int(arguments[0]) if arguments else TICKETS
    rows = list(generate(SampleDesk(tickets=tickets + ASKED, queues=QUEUES)))
    readings = read_all(row.ticket for row in rows)
    print("| vectors | tickets | recall@5 | median ms | 99 % ms | built in s | MB on disk | same queue |")
    print("|---|---|---|---|---|---|---|---|")
    texts = [wording_of(row.ticket) for row in rows]
    environment = read_environment()
    if (teacher := available(environment)) is None:
        print(f"| meaning | {why_absent(environment)} | | | | | | |")
    else:
        _say("meaning", rows, readings, embed_all(_table(teacher, environment.home, texts[:tickets]), texts))
    words = fit_vocabulary((words_in(one.chunks) for one in readings[:tickets]), least_tickets=2, most=200_000)
    known = (places_in(words, words_in(one.chunks)) for one in readings)
    weighed = (weigh(words.weights, places[places >= 0]) for places in known)
    projections = [projected(places, at_length_one(weights)) for places, weights in weighed]
    _say("words, projected", rows, readings, np.array(projections))
    return 0


def _table(teacher: Teacher, home: Path, texts: Sequence[str]) -> StaticTable:
    """What tickets mean, by a table fitted to the newest of them."""
    newest = texts[-TAUGHT:]
    vectors = vectors_of(onnx(teacher, home, Unwatched()), teacher.key, newest, home)
    return tuned(distilled(teacher, home, Unwatched()), newest, vectors)


def _say(name: str, rows: Sequence[ResolvedTicket], readings: Sequence[Reading], vectors: Floats) -> None:
    kept, asked = rows[:-ASKED], rows[-ASKED:]
    words = Vocabulary(np.empty(0, np.uint64), np.empty(0, np.float32))
    began = time.perf_counter()
    similar = fit_similar(kept, readings, words, vectors[: len(kept)], Unwatched())
    built = time.perf_counter() - began
    recall, agree, seconds = _ask(similar, vectors, asked)
    milliseconds = np.percentile(seconds, [50, 99]) * 1000
    print(
        f"| {name} | {len(similar):,} | {recall:.3f} | {milliseconds[0]:.2f} | {milliseconds[1]:.2f} | {built:.0f} "
        f"| {_megabytes(similar):.0f} | {agree:.2f} |",
        flush=True,
    )


def _ask(similar: Similar, vectors: Floats, asked: Sequence[ResolvedTicket]) -> tuple[float, float, list[float]]:
    """Recall@5, the share of the five that went to the asked ticket's own queue, and the seconds of each query."""
    hits = agree = total = 0
    seconds = []
    stored = np.array([similar.index.get(key) for key in range(len(similar))], dtype=np.float32)
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)
    for vector, row in zip(vectors[-len(asked) :], asked, strict=True):
        if not vector.any():
            continue
        began = time.perf_counter()
        found = nearest(similar, vector, COUNT)
        seconds.append(time.perf_counter() - began)
        whole = np.rint(vector * (127 / np.abs(vector).max()))
        exact = stored @ (whole / np.linalg.norm(whole)).astype(np.float32)
        fifth = np.partition(exact, -COUNT)[-COUNT]
        hits += sum(one.similarity >= fifth - _SAME for one in found)
        agree += sum(one.queue == row.outcome.queue for one in found)
        total += COUNT
    return hits / total, agree / total, seconds


def _megabytes(similar: Similar) -> float:
    with tempfile.TemporaryDirectory() as folder:
        write_similar(Path(folder), similar)
        return sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
