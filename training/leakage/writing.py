"""Columns of text or of ever new codes: what their words give away, and whether they read as written afterwards.

Knows text and labels, no names. The learner is small and quick on purpose: it has to show a leak, not to be good.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.naive_bayes import ComplementNB

from training.leakage.strength import FITTED, area
from training.leakage.suspects import Codes

__all__ = ["Reading", "Telling", "names_labels", "read", "reads_as_prose", "speaks_of_the_end", "telling"]

ROWS_READ: Final = 8_000
"""Rows that are read: enough to see a leak in 150 classes, and a second's work on long tickets."""

CHARACTERS_READ: Final = 400
FEATURES: Final = 2**15
WORDS_OF_PROSE: Final = 3.0
"""Values with this many words on average are read by the word, shorter ones by the character."""

LETTERS_OF_A_NAME: Final = 4
ROWS_TO_COUNT: Final = 6
"""Judged rows that a label needs before its recall says anything: a third of 20."""

AFTERWARDS: Final = re.compile(
    r"\b(?:resolved|resolution|solved|fixed|closed|closing|workaround|root cause|rolled back|completed"
    r"|no further (?:action|issues?)|replaced|reinstalled|restarted|rebooted|reimaged|refunded|reissued|re-issued"
    r"|patched|redeployed|escalated to|handed over|reassigned|transferred to|forwarded to|confirmed with|handled by"
    r"|(?:user|customer|caller|requester) (?:has )?confirmed|(?:issue|problem|cause) was"
    r"|was (?:caused|reset|unlocked|granted|updated|applied)|works? (?:now|again)|as requested"
    r"|gelöst|behoben|erledigt|geschlossen|zurückgesetzt|ausgetauscht|neu gestartet"
    r"|resuelto|solucionado|cerrado|reemplazado|reiniciado|résolu|corrigé|fermé|remplacé|redémarré"
    r"|resolvido|encerrado|fechado|substituído)\b",
    re.IGNORECASE,
)
"""Words of somebody who looks back on a ticket."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A sample of a column's rows, read. features: shape (rows, FEATURES), 1 where a word or piece occurs."""

    rows: NDArray[np.int64]
    features: csr_matrix
    is_prose: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """How well words or characters alone tell a label of younger rows: mean recall over labels, area under the ROC."""

    recall: float
    area: float


def speaks_of_the_end(values: Sequence[str | None]) -> float:
    """Share of the values (a sample) that read as written afterwards."""
    given = [value for value in values if value]
    sample = given[:: max(1, len(given) // 2_000)]
    return sum(AFTERWARDS.search(value[:CHARACTERS_READ]) is not None for value in sample) / max(1, len(sample))


def read(values: Sequence[str | None], order: NDArray[np.int64]) -> Reading:
    """Read a sample of the rows, evenly over time."""
    rows = order[np.linspace(0, len(order) - 1, min(ROWS_READ, len(order))).astype(int)]
    texts = [(values[row] or "")[:CHARACTERS_READ] for row in rows]
    is_prose = reads_as_prose([text for text in texts if text])
    by = {"analyzer": "word", "ngram_range": (1, 2)} if is_prose else {"analyzer": "char_wb", "ngram_range": (2, 4)}
    vectorizer = HashingVectorizer(n_features=FEATURES, alternate_sign=False, binary=True, norm=None, **by)
    return Reading(rows, vectorizer.transform(texts), is_prose)


def reads_as_prose(values: Sequence[str]) -> bool:
    """Whether the values are written in words rather than codes or names."""
    return bool(np.mean([value.count(" ") + 1 for value in values] or [0]) >= WORDS_OF_PROSE)


def names_labels(values: Sequence[str | None], labels: Sequence[str | None]) -> float:
    """Share of the texts (a sample) that hold their own label's name, less the share that hold another row's."""
    pairs = [
        (value.casefold(), label.casefold()) for value, label in zip(values, labels, strict=True) if value and label
    ]
    sample = pairs[:: max(1, len(pairs) // 2_000)]
    shifted = [label for _, label in sample[len(sample) // 2 :] + sample[: len(sample) // 2]]
    own = sum(len(label) >= LETTERS_OF_A_NAME and label in value for value, label in sample)
    others = sum(
        len(label) >= LETTERS_OF_A_NAME and label in value for (value, _), label in zip(sample, shifted, strict=True)
    )
    return (own - others) / max(1, len(sample))


def telling(reading: Reading, labels: Codes) -> Telling:
    """Learn a label from the words of the older rows and judge on the younger ones.

    Complement naive Bayes (Rennie et al. 2003), because it also learns labels with few rows; labels that the older rows
    lack are not judged.
    """
    known = np.flatnonzero(labels[reading.rows] >= 0)
    truth = labels[reading.rows[known]]
    cut = int(len(known) * FITTED)
    if len(np.unique(truth[:cut])) < 2:
        return Telling(0.0, 0.5)
    model = ComplementNB(alpha=0.1).fit(reading.features[known[:cut]], truth[:cut])
    said = model.predict_log_proba(reading.features[known[cut:]])
    judged = truth[cut:]
    is_two_sided = labels.max(initial=0) == 1 and said.shape[1] == 2
    return Telling(
        _mean_recall(model.classes_[said.argmax(axis=1)], judged, np.isin(judged, model.classes_)),
        area(said[:, 1] - said[:, 0], judged) if is_two_sided else 0.5,
    )


def _mean_recall(answered: Codes, truth: Codes, judged: NDArray[np.bool_]) -> float:
    answered, truth = answered[judged], truth[judged]
    sizes = np.bincount(truth)
    large = sizes >= ROWS_TO_COUNT
    if large.sum() < 2:
        return 0.0
    hits = np.bincount(truth[answered == truth], minlength=len(sizes))
    return float((hits[large] / sizes[large]).mean())
