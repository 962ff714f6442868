"""What a desk could pick instead, learned from the same rows: TF-IDF with a linear machine, MiniLM with a regression.

Each answers all four heads. Knows how long it took to learn, not how long it takes to answer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from desk.heads import HEADS, label_of
from desk.outcome import ResolvedTicket
from training.meaning.teacher import Teacher

__all__ = ["EMBEDDED", "Pick", "learn_meanings", "learn_words"]

EMBEDDED: Final = 1_000
"""Rows that MiniLM embeds here: at some fifteen milliseconds a row all of them would take half an hour."""


@dataclass(frozen=True, slots=True)
class Pick:
    """name: for people. rows: learned from. seconds: what that took. answer: texts to labels, of every head."""

    name: str
    rows: int
    seconds: float
    answer: Callable[[Sequence[str]], object]


def learn_words(rows: Sequence[ResolvedTicket], texts: Sequence[str]) -> Pick:
    """TF-IDF of words and pairs, and a LinearSVC a head, as the baseline of the evidence has them."""
    began = time.perf_counter()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    matrix = vectorizer.fit_transform(texts)
    machines = _fitted(lambda: LinearSVC(C=0.5, random_state=0), matrix, rows)

    def answer(asked: Sequence[str]) -> object:
        known = vectorizer.transform(asked)
        return [machine.predict(known) for machine in machines]

    return Pick("TF-IDF + LinearSVC", len(rows), time.perf_counter() - began, answer)


def learn_meanings(rows: Sequence[ResolvedTicket], texts: Sequence[str], teacher: Teacher) -> Pick:
    """Sentence vectors of the newest `EMBEDDED` rows, and a logistic regression a head; one thread."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model = SentenceTransformer(teacher.source, device="cpu")
    began = time.perf_counter()
    newest = rows[-EMBEDDED:]
    vectors = model.encode(list(texts[-EMBEDDED:]), show_progress_bar=False)
    machines = _fitted(lambda: LogisticRegression(max_iter=1000), vectors, newest)

    def answer(asked: Sequence[str]) -> object:
        known = model.encode(list(asked), show_progress_bar=False)
        return [machine.predict(known) for machine in machines]

    return Pick(f"{teacher.name} + LR", len(newest), time.perf_counter() - began, answer)


def _fitted(machine: Callable[[], Any], matrix: Any, rows: Sequence[ResolvedTicket]) -> list[Any]:
    found = []
    for head in HEADS:
        labels = [label_of(row.outcome, head) for row in rows]
        known = np.array([place for place, label in enumerate(labels) if label is not None])
        given = np.array([labels[place] for place in known])
        if len(set(given.tolist())) > 1:
            found.append(machine().fit(matrix[known], given))
    return found
