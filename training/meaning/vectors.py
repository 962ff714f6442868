"""The encoder's vectors of a history, kept under `POINTSMAN_HOME/encoders`, so that retraining does not pay again.

What is kept is a hash of each text and its vector, never the text; `forget_vectors` erases those of given texts
for good. The file may be deleted at any time. Knows neither labels nor where the texts stand in a ticket.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.meaning.meaning import Meaning, Vector
from features.meaning.onnx_encoder import OnnxEncoder
from training.meaning.preparing import encoders_folder

__all__ = ["count_vectors", "embed_all", "forget_vectors", "vectors_of"]

_THREADS: Final = 2
_BATCH: Final = 256  # texts between two writes: what a killed training loses
_FILE: Final = "vectors.sqlite"
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS vector (encoder TEXT, text BLOB, vector BLOB, PRIMARY KEY (encoder, text)) WITHOUT ROWID
"""

Floats = NDArray[np.float32]
Tick = Callable[[], object]


def embed_all(meaning: Meaning, texts: Sequence[str], tick: Tick = lambda: None) -> Floats:
    """Each text's vector, shape (texts, dimensions), one text at a time: the same as when serving."""

    def embed(text: str) -> Vector:
        vector = meaning.embed(text)
        tick()
        return vector

    vectors = np.empty((len(texts), meaning.dimensions), np.float32)
    if isinstance(meaning, OnnxEncoder):
        with ThreadPoolExecutor(_THREADS) as pool:
            vectors[:] = np.fromiter(pool.map(embed, texts), np.dtype((np.float32, meaning.dimensions)), len(texts))
    else:  # a table's work is mostly Python's own, which threads cannot share
        for place, text in enumerate(texts):
            vectors[place] = embed(text)
    return vectors


def vectors_of(meaning: Meaning, key: str, texts: Sequence[str], home: Path, tick: Tick = lambda: None) -> Floats:
    """Each text's vector, shape (texts, dimensions), from the file where it has it, else embedded and kept.

    key: of the teacher, `Teacher.key`. `tick` is called once a text.
    """
    vectors = np.zeros((len(texts), meaning.dimensions), dtype=np.float32)
    hashes = [_hash(text) for text in texts]
    with _opened(home) as file:
        new = []
        for place, vector in enumerate(_kept(file, key, hashes, meaning.dimensions)):
            if vector is None:
                new.append(place)
            else:
                vectors[place] = vector
                tick()
        for start in range(0, len(new), _BATCH):
            places = new[start : start + _BATCH]
            vectors[places] = embed_all(meaning, [texts[place] for place in places], tick)
            rows = [(key, hashes[place], vectors[place].tobytes()) for place in places]
            with file:
                file.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?)", rows)
    return vectors


def forget_vectors(home: Path, texts: Iterable[str]) -> int:
    """Erase the vectors of these texts, of every encoder, and return how many rows that were."""
    if not (encoders_folder(home) / _FILE).is_file():
        return 0
    with _opened(home) as file, file:
        gone = file.executemany("DELETE FROM vector WHERE text = ?", [(_hash(text),) for text in texts])
        return max(gone.rowcount, 0)


def count_vectors(home: Path, texts: Iterable[str]) -> int:
    """How many vectors of these texts are kept, of all encoders."""
    if not (encoders_folder(home) / _FILE).is_file():
        return 0
    with _opened(home) as file:
        query = "SELECT COUNT(*) FROM vector WHERE text = ?"
        return sum(file.execute(query, (_hash(text),)).fetchone()[0] for text in texts)


@contextmanager
def _opened(home: Path) -> Iterator[sqlite3.Connection]:
    folder = encoders_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / _FILE, timeout=60)) as file:
        file.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only unlinked
        file.execute(_TABLE)
        yield file


def _kept(file: sqlite3.Connection, key: str, hashes: Iterable[bytes], width: int) -> Iterator[Vector | None]:
    for one in hashes:
        row = file.execute("SELECT vector FROM vector WHERE encoder = ? AND text = ?", (key, one)).fetchone()
        vector = None if row is None else np.frombuffer(row[0], dtype=np.float32)
        yield vector if vector is not None and len(vector) == width else None


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
