"""Vectors of a history: embedded once, kept without the text, forgotten on demand."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from training.meaning.vectors import embed_all, forget_vectors, vectors_of

SECRET = "the-customer-wrote-this"


@dataclass
class Counting:
    """A meaning that counts characters and remembers what it was asked."""

    name: str = "counting"
    dimensions: int = 3
    asked: list[str] = field(default_factory=list)

    def embed(self, text: str) -> np.ndarray:
        self.asked.append(text)
        return np.array([len(text), text.count("e"), 0.1], dtype=np.float32)


def test_a_text_is_embedded_once_and_then_read_back_to_the_bit(tmp_path: Path) -> None:
    meaning = Counting()
    first = vectors_of(meaning, "k", ["one", "three"], tmp_path)
    again = vectors_of(meaning, "k", ["three", "two", "one"], tmp_path)
    assert meaning.asked == ["one", "three", "two"]
    assert again[[2, 0]].tobytes() == first.tobytes()
    assert again[1].tolist() == meaning.embed("two").tolist()


def test_another_encoder_has_vectors_of_its_own(tmp_path: Path) -> None:
    meaning = Counting()
    vectors_of(meaning, "k", ["one"], tmp_path)
    vectors_of(meaning, "another", ["one"], tmp_path)
    assert meaning.asked == ["one", "one"]


def test_every_text_ticks_once_whether_kept_or_new(tmp_path: Path) -> None:
    ticks: list[int] = []
    vectors_of(Counting(), "k", ["one"], tmp_path)
    vectors_of(Counting(), "k", ["one", "two", "two"], tmp_path, lambda: ticks.append(1))
    assert len(ticks) == 3


def test_no_text_is_kept_and_a_forgotten_one_leaves_no_vector(tmp_path: Path) -> None:
    meaning = Counting()
    (vector,) = vectors_of(meaning, "k", [SECRET], tmp_path)
    vectors_of(meaning, "k", ["one"], tmp_path)
    file = tmp_path / "encoders" / "vectors.sqlite"
    assert SECRET.encode() not in file.read_bytes()
    assert vector.tobytes() in file.read_bytes()
    assert forget_vectors(tmp_path, [SECRET, "never seen"]) == 1
    assert vector.tobytes() not in file.read_bytes()
    vectors_of(meaning, "k", [SECRET, "one"], tmp_path)
    assert meaning.asked == [SECRET, "one", SECRET]


def test_forgetting_where_nothing_was_kept_is_no_error(tmp_path: Path) -> None:
    assert forget_vectors(tmp_path, ["one"]) == 0
    assert not list(tmp_path.iterdir())


def test_embedding_on_two_threads_keeps_the_order(tmp_path: Path) -> None:
    words = [f"{'e' * (number % 7)}{number}" for number in range(200)]
    vectors = embed_all(Counting(), words)
    assert vectors.tolist() == [Counting().embed(word).tolist() for word in words]
    assert embed_all(Counting(), []).shape == (0, 3)
