"""Trees of one head: where facts, times and text meet, by what the text's linear scores say or by the words themselves.

Words beat scores where there are many rows to learn from; what the words say together, and no sum of them can, is what
trees add. On few rows, and where linear scores of several labels have to be weighed, it is the other way round: which
of the two a head gets is tried (`training.learning.growing`).

A risk head has two boosters in one. A value's code tells which value it is, and, the most frequent being 0, how usual:
one half of the trees may put any values together, which believes chance where values are many, the other half splits
the usual from the rare. Each errs where the other does not. Knows matrices and label codes, neither tickets nor
calibration.
"""

import re
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from desk.heads import RISK_HEADS, Head
from models.trees import Booster, lightgbm_core
from training.learning.rows import Rows

__all__ = ["MOST_ROWS", "NO_WORDS", "fit_trees", "frequent_words", "has_trees", "tree_member_scores"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_WORDS: Final[Codes] = np.empty(0, np.int64)
"""For trees that see the text's scores."""

_SEED = 1
_MOST_LABELS = 20  # a tree a label and round: beyond this, training and answering cost more than they bring
_MOST_WORDS = 2_000
MOST_ROWS: Final = 40_000
"""The newest rows, of which trees learn that see words: a minute of learning."""

_ROUNDS: Final = {"risk": 75, "scores": 50, "words": 60}  # twice as many rank no better, and take twice as long
_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "risk": {"max_depth": 6, "learning_rate": 0.1, "num_leaves": 31, "feature_fraction": 0.8, "path_smooth": 5.0},
    "scores": {"learning_rate": 0.15, "num_leaves": 15, "feature_fraction": 0.8},
    "words": {"learning_rate": 0.2, "num_leaves": 31, "lambda_l2": 5.0, "max_bin": 15},
}

_VALUES: Final = re.compile(r"(?m)^((?:leaf|internal)_value)=(.*)$")


def has_trees(labels: int) -> bool:
    """Whether trees pay for a head of so many labels."""
    return labels < _MOST_LABELS


def frequent_words(rows: Rows, words: int) -> Codes:
    """The places of the words that most rows have, at most 2,000, ascending; words: how many places are words'."""
    places = rows.sparse.indices[rows.sparse.indices < words]
    counts = np.bincount(places, minlength=words)
    most = np.argsort(-counts, kind="stable")[:_MOST_WORDS]
    return np.sort(most[counts[most] > 0]).astype(np.int64)


def fit_trees(
    head: Head, rows: Rows, text_scores: Floats, codes: Codes, labels: int, coded: int, words: Codes = NO_WORDS
) -> Booster:
    """Learn trees on the rows' numbers, and beside them on `words`, or without any on text scores.

    text_scores: of models that did not see the row, shape (n, columns). coded: how many of the numbers, from the first,
    are codes of values, the most frequent first, rather than quantities. Rows count as much as `rows.counts` says.
    """
    lightgbm = lightgbm_core()
    risk = head in RISK_HEADS
    kind = "words" if len(words) else "risk" if risk else "scores"
    if len(words):
        newest = np.arange(max(len(rows) - MOST_ROWS, 0), len(rows))
        rows, text_scores, codes = rows.take(newest), text_scores[newest], codes[newest]
    parameters = {
        "objective": "binary" if risk else "multiclass",
        **({} if risk else {"num_class": labels}),
        **_SETTINGS[kind],
        "min_data_in_leaf": 20,
        "num_threads": 1,  # threads that wait for each other crawl on a busy machine; folds run side by side instead
        "seed": _SEED,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    seen = _seen(rows, text_scores, words)

    def grown(named: int) -> Booster:
        table = lightgbm.Dataset(
            seen, codes, weight=rows.counts, categorical_feature=list(range(named)), free_raw_data=True
        )
        return lightgbm.train(parameters, table, num_boost_round=_ROUNDS[kind])

    return _mean(grown(coded), grown(0)) if risk and coded else grown(coded)


def tree_member_scores(booster: Booster, rows: Rows, text_scores: Floats, words: Codes = NO_WORDS) -> Floats:
    """Raw scores, shape (n, columns); words: what `booster` learned from."""
    scores = booster.predict(_seen(rows, text_scores, words), raw_score=True, num_threads=1)
    return np.asarray(scores, np.float64).reshape(len(rows), -1)


def _mean(one: Booster, other: Booster) -> Booster:
    """One booster with the trees of both, that scores what they score on the average; both score one label.

    LightGBM has no such thing: it is made in its text, whose halves are exact.
    """
    head, *trees = _parted(one)
    trees += _parted(other)[1:]
    numbered = "".join(f"Tree={number}\n{tree}" for number, tree in enumerate(trees))
    return lightgbm_core().Booster(model_str=f"{head}{_VALUES.sub(_halved, numbered)}end of trees\n")


def _parted(booster: Booster) -> list[str]:
    """The text before the trees, without their sizes, which it need not hold, and then each tree without its number."""
    text = booster.model_to_string(num_iteration=-1).split("end of trees")[0]
    head, *trees = re.split(r"(?m)^Tree=\d+\n", text)
    return [re.sub(r"(?m)^tree_sizes=.*\n", "", head), *trees]


def _halved(line: re.Match[str]) -> str:
    return f"{line[1]}={' '.join(repr(float(value) / 2) for value in line[2].split())}"


def _seen(rows: Rows, text_scores: Floats, words: Codes) -> Floats | sparse.csr_matrix:
    """What trees see of every row, as `models.heads.tree_row` shows it of one."""
    if not len(words):
        return np.hstack((rows.numbers, text_scores))
    return sparse.hstack((sparse.csr_matrix(rows.numbers), rows.sparse[:, words].astype(np.float64)), format="csr")
