"""How hard the sample desk is: simple models' figures on its newest fifth, by seed.

`python -m simulation.difficulty [SEED ...]` prints the table of `docs/sample-desk.md`. The models are the usual first
choices, not the product's own. Knows nothing of how a history is generated.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from desk.outcome import ResolvedTicket
from desk.ticket import Ticket
from simulation.sample import SampleDesk, generate

__all__ = ["Split", "attribute_matrix", "later_text", "measure", "split_by_time"]

NUMBERS = ("affected_users", "account_months", "account_open_tickets", "desk_open_tickets")
MOST_MESSAGES = 5
TOO_MANY_VALUES = "error_code"
Score = NDArray[np.float64]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Split:
    """Older rows to learn from, the newest fifth to be judged on."""

    old: Sequence[ResolvedTicket]
    new: Sequence[ResolvedTicket]

    def texts(self, read: Callable[[ResolvedTicket], str]) -> tuple[csr_matrix, csr_matrix]:
        """TF-IDF of words and pairs of words, of the old rows and of the new ones."""
        vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
        return vectors.fit_transform([read(row) for row in self.old]), vectors.transform(
            [read(row) for row in self.new]
        )

    def labels(self, read: Callable[[ResolvedTicket], object]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """A label of the old rows and of the new ones."""
        return np.array([read(row) for row in self.old]), np.array([read(row) for row in self.new])


def split_by_time(rows: Sequence[ResolvedTicket]) -> Split:
    """The newest fifth is held out; `rows` are in order of opening."""
    cut = len(rows) * 4 // 5
    return Split(rows[:cut], rows[cut:])


def opening_text(row: ResolvedTicket) -> str:
    """Subject and body."""
    return f"{row.ticket.subject}\n{row.ticket.body}"


def later_text(messages: int) -> Callable[[ResolvedTicket], str]:
    """What has been written in the thread's first so many messages."""
    return lambda row: "\n".join(f"{one.author}: {one.text}" for one in row.thread[:messages])


def attribute_matrix(split: Split) -> tuple[csr_matrix, csr_matrix]:
    """One column a category's value, one a number, hour and weekday of the opening among them."""
    columns = DictVectorizer()
    old = columns.fit_transform([_known(row.ticket) for row in split.old])
    new = columns.transform([_known(row.ticket) for row in split.new])
    return _narrow(old), _narrow(new)


def _narrow(matrix: csr_matrix) -> csr_matrix:
    """With 32-bit indices, which is all that liblinear takes."""
    pointers, places = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    return csr_matrix((matrix.data, places, pointers), shape=matrix.shape)


def _known(ticket: Ticket) -> dict[str, str | float]:
    known: dict[str, str | float] = {"tier": str(ticket.customer.tier), "channel": str(ticket.channel)}
    known |= {"region": str(ticket.region), "product": str(ticket.product), "language": str(ticket.language)}
    known |= {name: log1p(float(ticket.attributes[name])) / 3 for name in NUMBERS}
    known |= {name: value for name, value in ticket.attributes.items() if name not in (*NUMBERS, TOO_MANY_VALUES)}
    if ticket.created_at:
        known |= {
            "hour": f"{ticket.created_at:%H}",
            "hours": ticket.created_at.hour / 24,
            "day": f"{ticket.created_at:%a}",
        }
    return known


def measure(rows: Sequence[ResolvedTicket]) -> Figures:
    """Every figure of the table for one history in order of opening."""
    split = split_by_time(rows)
    text, attributes = split.texts(opening_text), attribute_matrix(split)
    return {
        **_queue(split, text),
        **_priority(split, text, attributes),
        **_risk("escalation", split, text, attributes, lambda row: bool(row.outcome.escalated)),
        **_risk("breach", split, text, attributes, lambda row: bool(row.outcome.sla_breached)),
        **_thread(rows),
    }


Pair = tuple[csr_matrix, csr_matrix]


def _queue(split: Split, text: Pair) -> Figures:
    old, new = split.labels(lambda row: row.outcome.queue)
    answers = LinearSVC(C=0.5).fit(text[0], old).predict(text[1])
    hints = Counter((row.ticket.attributes["category"], row.outcome.queue) for row in split.new)
    best = {category: max(n for (one, _), n in hints.items() if one == category) for category, _ in hints}
    return {
        "queue accuracy": float(accuracy_score(new, answers)),
        "queue macro-F1": float(f1_score(new, answers, average="macro")),
        "category agrees with queue": sum(best.values()) / len(new),
    }


def _priority(split: Split, text: Pair, attributes: Pair) -> Figures:
    old, new = split.labels(lambda row: row.outcome.priority)
    model = OneVsRestClassifier(_logistic_model("balanced"))
    answers = model.fit(_beside(text[0], attributes[0]), old).predict(_beside(text[1], attributes[1]))
    return {
        "priority macro-F1": float(f1_score(new, answers, average="macro")),
        "priority kappa": float(cohen_kappa_score(new, answers, weights="quadratic")),
        "priority majority": float(np.mean(new == max(set(old), key=list(old).count))),
    }


def _risk(name: str, split: Split, text: Pair, attributes: Pair, read: Callable[[ResolvedTicket], bool]) -> Figures:
    old, new = (labels.astype(bool) for labels in split.labels(read))
    crossed, told = _told(text, old)
    linear = _logistic_model().fit(_beside(text[0], attributes[0]), old)
    return {
        f"{name} base rate": float(np.mean(np.concatenate([old, new]))),
        f"{name} text": float(roc_auc_score(new, told)),
        f"{name} text SVC": _svc(text, old, new),
        f"{name} attributes": float(roc_auc_score(new, _trees(attributes, old))),
        f"{name} attributes linear": _logistic(attributes, old, new),
        f"{name} both": float(roc_auc_score(new, _trees(_with(attributes, crossed, told), old))),
        f"{name} both linear": float(roc_auc_score(new, linear.decision_function(_beside(text[1], attributes[1])))),
    }


def _thread(rows: Sequence[ResolvedTicket]) -> Figures:
    """Escalation scored again after the first and the fifth message, on the tickets that come to five."""
    split = split_by_time([row for row in rows if len(row.thread) >= MOST_MESSAGES])
    old, new = (labels.astype(bool) for labels in split.labels(lambda row: bool(row.outcome.escalated)))
    opening = _with(attribute_matrix(split), *_told(split.texts(opening_text), old))
    figures = {}
    for messages in (1, MOST_MESSAGES):
        known = _with(opening, *_told(split.texts(later_text(messages)), old))
        figures[f"escalation after {messages}"] = float(roc_auc_score(new, _trees(known, old)))
    return figures


def _told(text: Pair, old: NDArray[np.bool_]) -> tuple[Score, Score]:
    """What words say: of the old rows cross-fitted, of the new ones by a model of all old rows."""
    words = _logistic_model()
    crossed = cross_val_predict(words, text[0], old, cv=3, method="decision_function")
    return crossed, words.fit(text[0], old).decision_function(text[1])


def _svc(pair: Pair, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> float:
    return float(roc_auc_score(new, LinearSVC(C=0.05).fit(pair[0], old).decision_function(pair[1])))


def _logistic(pair: Pair, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> float:
    return float(roc_auc_score(new, _logistic_model().fit(pair[0], old).decision_function(pair[1])))


def _logistic_model(weight: str | None = None) -> LogisticRegression:
    return LogisticRegression(C=1.0, solver="liblinear", dual=True, max_iter=3000, class_weight=weight, random_state=0)


def _trees(pair: Pair, old: NDArray[np.bool_]) -> Score:
    model = LGBMClassifier(
        n_estimators=150, learning_rate=0.05, num_leaves=7, min_child_samples=30, seed=0, n_jobs=1, verbose=-1
    )
    return np.asarray(model.fit(pair[0], old).predict_proba(pair[1]), dtype=np.float64)[:, 1]


def _with(pair: Pair, *scores: Score) -> Pair:
    old, new = (hstack([side, csr_matrix(score[:, None])]).tocsr() for side, score in zip(pair, scores, strict=True))
    return old, new


def _beside(left: csr_matrix, right: csr_matrix) -> csr_matrix:
    return hstack([left, right]).tocsr()


def main(seeds: Sequence[int]) -> None:
    """Print the table, one column a seed."""
    table = [measure(list(generate(SampleDesk(seed=seed)))) for seed in seeds]
    lines = [f"| {'figure':<28} | " + " | ".join(f"seed {seed:>2}" for seed in seeds) + " |"]
    lines.append("|---|" + "---|" * len(seeds))
    lines += [f"| {name:<28} | " + " | ".join(f"{one[name]:7.3f}" for one in table) + " |" for name in table[0]]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or [7, 1, 2])
