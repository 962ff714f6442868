"""A public table as matrices, and what learns from the few of its rows that are labelled.

`words` is the linear member of Pointsman's queue head with its blend, as training makes them, without what would take
minutes a round; `tfidf` is scikit-learn's TF-IDF and LinearSVC. What no label is needed for, the vocabulary, comes from
all of the training part. Knows no order and no page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from desk.outcome import ResolvedTicket
from features.encoding import encode_sparse, fit_encoder, read_all
from models.heads import Members, blend, normalised
from models.similar import ticket_vector
from training.histories.desk_config import read_desk_config
from training.histories.reading import read_history
from training.learning.blending import fit_blend
from training.learning.members import fit_linear, linear_member_scores
from training.learning.rows import Rows, encode_rows

__all__ = ["LEARNERS", "Learner", "Table", "read_table"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

FOLDS: Final = 3
DEV: Final = 0.8
_SHARPNESS: Final = 3.0  # of the softmax over a LinearSVC's distances


@dataclass(frozen=True, slots=True)
class Table:
    """n rows to ask about, and m that judge.

    ids: n; codes, truth: shapes (n,) and (m,), places in `labels`. vectors: shape (n, d), by which it is told how near
    the labelled rows are. words: (n, words), by which rows are alike.
    """

    labels: tuple[str, ...]
    ids: tuple[str, ...]
    codes: Codes
    truth: Codes
    rows: Rows
    judging: Rows
    texts: tuple[str, ...]
    judging_texts: tuple[str, ...]
    vectors: NDArray[np.float32]
    words: csr_matrix


Answers: TypeAlias = tuple[Floats, Floats]
Learner: TypeAlias = Callable[[Codes], Answers]
"""Places of labelled rows to probabilities of all rows and of those that judge."""


def read_table(folder: Path, *, dev: bool) -> Table:
    """Read the set; with `dev` the last fifth of its training part judges, and its test part is not looked at."""
    config = read_desk_config(None)
    rows = [row for row in read_history(folder / "train.csv.gz", config).rows if row.outcome.queue]
    if dev:
        border = int(DEV * len(rows))
        rows, judging = rows[:border], rows[border:]
    else:
        judging = [row for row in read_history(folder / "test.csv.gz", config).rows if row.outcome.queue]
    labels = tuple(sorted({str(row.outcome.queue) for row in rows}))
    readings, others = (read_all(row.ticket for row in some) for some in (rows, judging))
    encoder = fit_encoder(readings)
    words, nothing = len(encoder.words), np.empty(0, np.float32)
    encoded = encode_rows(encoder, readings)
    return Table(
        labels,
        tuple(row.ticket.id for row in rows),
        _codes(rows, labels),
        _codes(judging, labels),
        encoded,
        encode_rows(encoder, others),
        tuple(one.wording for one in readings),
        tuple(one.wording for one in others),
        np.array([ticket_vector(encode_sparse(encoder, one), words, nothing) for one in readings]),
        encoded.sparse[:, :words].tocsr(),
    )


def _codes(rows: list[ResolvedTicket], labels: tuple[str, ...]) -> Codes:
    place = {label: code for code, label in enumerate(labels)}
    return np.array([place.get(str(row.outcome.queue), -1) for row in rows], dtype=np.int64)


def _words(table: Table) -> Learner:
    count = len(table.labels)

    def scores(places: Codes, *asked: Rows) -> list[Floats]:
        member = fit_linear("queue", table.rows.take(places), table.codes[places], count, lambda: None)
        return [linear_member_scores(member, rows, text=False)[0] for rows in asked]

    def learn(places: Codes) -> Answers:
        codes = table.codes[places]
        folds = np.random.default_rng(0).permutation(len(places)) % FOLDS
        crossed = np.zeros((len(places), count))
        for fold in range(FOLDS):
            inside = folds == fold
            (crossed[inside],) = scores(places[~inside], table.rows.take(places[inside]))
        how = fit_blend(Members(crossed), codes, np.ones(len(codes)), risk=False)
        pool, judging = scores(places, table.rows, table.judging)
        return blend(how, Members(pool), risk=False), blend(how, Members(judging), risk=False)

    return learn


def _tfidf(table: Table) -> Learner:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    weigher = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, dtype=np.float32)
    pool: csr_matrix = weigher.fit_transform(table.texts)
    judging: csr_matrix = weigher.transform(table.judging_texts)

    def learn(places: Codes) -> Answers:
        model = LinearSVC(C=1.0, random_state=0).fit(pool[places], table.codes[places])

        def answers(rows: csr_matrix) -> Floats:
            found = np.full((rows.shape[0], len(table.labels)), -np.inf)
            distances = model.decision_function(rows)
            if distances.ndim == 1:
                distances = np.column_stack((-distances, distances))
            found[:, model.classes_] = _SHARPNESS * distances
            return normalised(found)

        return answers(pool), answers(judging)

    return learn


LEARNERS: Final[Mapping[str, Callable[[Table], Learner]]] = {"tfidf": _tfidf, "words": _words}
"""By name, what makes a learner of a table."""
