"""What a desk would have without Pointsman: the most frequent label, a linear model on words and attributes, a score.

All answer as a `HeldOut`, so that every figure of a version stands beside theirs. Knows nothing of how Pointsman
itself learns, and shares no features with it: a bar must not move with what is measured against it. Of a large desk the
linear model is solved by `fit_margins`, an optimum to a hundredth in a fifth of scikit-learn's time.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC

from desk.heads import RISK_HEADS, Head
from desk.ticket import Ticket
from training.evidence.held_out import HeldOut
from training.learning.margins import fit_margins

__all__ = ["Design", "beside", "design", "linear", "majority", "score", "truth_columns"]

Codes = NDArray[np.int64]

RISK_LABELS = ("false", "true")
ABSENT = "nan"
FEWEST_OF_A_CATEGORY = 3
STRENGTH = 0.5
LARGE = 1_000_000
"""Rows times labels from which on scikit-learn would take minutes."""


@dataclass(frozen=True, slots=True)
class Design:
    """Tickets as numbers: `history` has shape (n, f) and is learned from, `asked` has shape (m, f) and is answered."""

    history: csr_matrix
    asked: csr_matrix


def beside(
    head: Head,
    features: Design,
    labels: Sequence[str | None],
    truth: Sequence[str | None],
    *,
    scores: NDArray[np.float64],
    order: Sequence[str],
) -> dict[str, HeldOut]:
    """Every baseline of one head by its name; `score` of a priority only, where the order names all its labels."""
    answers = {"majority": majority(head, labels, truth), "linear": linear(head, features, labels, truth)}
    if head == "priority" and order and {*labels} <= {*order, None}:
        answers["score"] = score(scores, labels, order, truth)
    return answers


def majority(head: Head, labels: Sequence[str | None], truth: Sequence[str | None]) -> HeldOut:
    """Answer each of `truth`'s rows with the frequencies of `labels` (the history's; None is no label).

    Rows of `truth` without a label are left out. Of equally frequent labels the first by name is answered. A risk
    head has two labels even where one of them never occurs.
    """
    given = np.array([label for label in labels if label is not None])
    names, counts = np.unique(given, return_counts=True)
    frequency = dict(zip(names.tolist(), (counts / len(given)).tolist(), strict=True))
    columns = RISK_LABELS if head in RISK_HEADS else tuple(frequency)
    answer = np.array([frequency.get(name, 0.0) for name in columns])
    known = truth_columns(columns, truth)
    return HeldOut(head, columns, known, np.tile(answer, (len(known), 1)))


def design(history: Sequence[Ticket], asked: Sequence[Ticket]) -> Design:
    """TF-IDF of subject and body (words, 1-2-grams, sublinear, min_df 2) beside one-hot attributes and calendar parts.

    The vocabulary and the categories are `history`'s; a category of fewer than 3 tickets counts as none. The same as
    `mixed_svc`, the strongest simple baseline on the public tables. One design serves every head.
    """
    names = sorted({name for ticket in history for name in _categories(ticket)})
    blocks = [_words(history, asked)] if any(_text(ticket).strip() for ticket in history) else []
    if names:
        encoder = OneHotEncoder(handle_unknown="ignore", min_frequency=FEWEST_OF_A_CATEGORY)
        blocks.append((encoder.fit_transform(_table(history, names)), encoder.transform(_table(asked, names))))
    if not blocks:
        blocks = [(csr_matrix((len(history), 1)), csr_matrix((len(asked), 1)))]
    return Design(*(hstack(side, format="csr") for side in zip(*blocks, strict=True)))


def linear(head: Head, features: Design, labels: Sequence[str | None], truth: Sequence[str | None]) -> HeldOut:
    """A linear support vector machine (C 0.5) per label, on `features`, learned from `labels`.

    labels: the history's, in the order of `features.history`; truth: in the order of `features.asked`; None is no
    label, and such rows are left out of both. The probabilities are a softmax of distances to the separating planes:
    they rank, but they are **not calibrated**. With one label only there is nothing to learn: `majority` then.
    """
    taught = np.array([row for row, label in enumerate(labels) if label is not None], dtype=np.int64)
    names, codes = np.unique([labels[row] for row in taught], return_inverse=True)
    if len(names) < 2:
        return majority(head, labels, truth)
    rows = np.array([row for row, label in enumerate(truth) if label is not None], dtype=np.int64)
    distances = _distances(features.history[taught], codes, len(names), features.asked[rows])
    columns = tuple(map(str, names))
    return HeldOut(head, columns, truth_columns(columns, truth), np.asarray(softmax(distances, axis=1), np.float64))


def score(
    scores: NDArray[np.float64], labels: Sequence[str | None], order: Sequence[str], truth: Sequence[str | None]
) -> HeldOut:
    """The multi-factor score as a priority: ranked by it, the tickets get the history's shares of the priorities.

    scores: shape (m,), one for each row of `truth`. labels: the history's. order: the most urgent first, every one of
    `labels` in it. It knows no probabilities: all of it is on the answer.
    """
    given = [label for label in labels if label is not None]
    columns = tuple(label for label in order if label in set(given))
    shares = np.cumsum([given.count(label) for label in columns]) / len(given)
    asked = scores[[row for row, label in enumerate(truth) if label is not None]]
    places = np.empty(len(asked), dtype=np.int64)
    places[np.argsort(-asked, kind="stable")] = np.searchsorted(shares, (np.arange(len(asked)) + 0.5) / len(asked))
    return HeldOut("priority", columns, truth_columns(columns, truth), np.eye(len(columns))[places])


def truth_columns(labels: Sequence[str], truth: Sequence[str | None]) -> NDArray[np.int64]:
    """The column of each true label, -1 where `labels` has no such column; rows without a label are left out."""
    column = {label: place for place, label in enumerate(labels)}
    return np.array([column.get(label, -1) for label in truth if label is not None], dtype=np.int64)


def _distances(taught: csr_matrix, codes: Codes, labels: int, asked: csr_matrix) -> NDArray[np.float64]:
    """How far each asked row lies on each label's side of its border, shape (m, labels)."""
    if len(codes) * labels > LARGE:
        weights, intercepts = fit_margins(taught, codes, labels, np.full(len(codes), STRENGTH))
        return np.asarray(asked @ weights + intercepts, np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # more labels than half the rows: meant, with one row a label
        machine = LinearSVC(C=STRENGTH, random_state=0).fit(taught, codes)
    distances = np.asarray(machine.decision_function(asked), np.float64)
    return np.column_stack((-distances, distances)) if distances.ndim == 1 else distances


def _words(history: Sequence[Ticket], asked: Sequence[Ticket]) -> tuple[csr_matrix, csr_matrix]:
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    try:
        learned = vectorizer.fit_transform([_text(ticket) for ticket in history])
    except ValueError:  # no word occurs in two tickets: scikit-learn refuses an empty vocabulary
        return csr_matrix((len(history), 1)), csr_matrix((len(asked), 1))
    return learned, vectorizer.transform([_text(ticket) for ticket in asked])


def _text(ticket: Ticket) -> str:
    return f"{ticket.subject}\n{ticket.body}"


def _table(tickets: Sequence[Ticket], names: Sequence[str]) -> NDArray[np.object_]:
    rows = [_categories(ticket) for ticket in tickets]
    return np.array([[row.get(name, ABSENT) for name in names] for row in rows], dtype=object)


def _categories(ticket: Ticket) -> Mapping[str, str]:
    """Every category of a ticket by name; an attribute and a field of the same name stay apart."""
    fields = {
        "channel": ticket.channel,
        "language": ticket.language,
        "region": ticket.region,
        "product": ticket.product,
        "customer tier": ticket.customer.tier,
        "customer id": ticket.customer.id,
    }
    categories = {name: value for name, value in fields.items() if value is not None}
    if ticket.created_at is not None:
        moment = ticket.created_at.astimezone(UTC)
        categories["hour"], categories["weekday"] = str(moment.hour), str(moment.weekday())
    if ticket.tags:
        categories["tags"] = ",".join(sorted(ticket.tags))
    return categories | {f"attribute {name}": value for name, value in ticket.attributes.items()}
