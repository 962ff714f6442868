"""A token table fitted to a desk: what its texts mean to the encoder, as nearly as a mean over tokens can say it.

A distilled table knows each token only by itself. Ridge regression moves the rows of the tokens that a desk's texts
hold until the texts' means match the encoder's own vectors of the texts, and no farther than that takes; tokens that no
text holds stay where they were. (tokenlearn does the same by gradient descent.) Knows no labels.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from features.meaning.static_table import StaticTable
from features.meaning.tokens import parse_tokenizer, token_ids
from training.meaning.preparing import Distilled

__all__ = ["DIMENSIONS", "plain", "tuned"]

DIMENSIONS: Final = 256
"""Of a table's vectors, by principal components: the last third of MiniLM's 384 is worth a third of a point or less."""

_PENALTY: Final = 0.1  # of 0.03 to 3 the best or near it on four public tables and with 1 to 400 texts a class
_STEPS: Final = 30  # of conjugate gradients: what more of them change is far below the penalty's own error
_INT8: Final = 127

Floats = NDArray[np.float32]


def plain(table: Distilled) -> StaticTable:
    """The table as it was distilled, reduced to its principal components: for a desk without texts."""
    return _reduced(table, table.rows, table.rows)


def tuned(table: Distilled, texts: Sequence[str], vectors: Floats) -> StaticTable:
    """The table fitted to `texts` and the encoder's unit vectors of them, shape (texts, width of the table).

    From a few hundred texts on it is worth several points of accuracy; 4,000 are enough. Raises `ValueError` where the
    shapes do not fit.
    """
    if vectors.shape != (len(texts), table.rows.shape[1]):
        raise ValueError(f"Expected vectors of shape {(len(texts), table.rows.shape[1])}, not {vectors.shape}.")
    counts = _token_counts(table, texts)
    lengths = np.linalg.norm(counts @ table.rows, axis=1)
    said = np.flatnonzero((lengths > 0) & vectors.any(axis=1))
    if not len(said):
        return plain(table)
    means = sp.diags((1 / lengths[said]).astype(np.float32)) @ counts[said]
    start = table.rows * _likeness(means @ table.rows, vectors[said])
    rows = start + _ridge(means.tocsr(), vectors[said] - means @ start)
    return _reduced(table, rows, _unit(means @ rows))


def _token_counts(table: Distilled, texts: Sequence[str]) -> sp.csr_matrix:
    """How often each token stands in each text, shape (texts, tokens)."""
    tokenizer = parse_tokenizer(table.tokenizer)
    ids = [token_ids(tokenizer, text) for text in texts]
    ends = np.cumsum([0, *map(len, ids)])
    columns = np.fromiter((one for each in ids for one in each), dtype=np.int64, count=ends[-1])
    return sp.csr_matrix((np.ones(ends[-1], np.float32), columns, ends), shape=(len(texts), len(table.rows)))


def _likeness(found: Floats, wanted: Floats) -> np.float32:
    """The mean cosine: the factor at which `found`, rows of length one, fits `wanted` best."""
    return np.float32(max(np.einsum("ij,ij->", found, wanted) / len(found), 0.1))


def _ridge(means: sp.csr_matrix, wanted: Floats) -> Floats:
    """The rows X with the least |means X - wanted|^2 + penalty |X|^2, a column at a time, all columns at once.

    Conjugate gradients on the normal equations (Hestenes and Stiefel, 1952), from nought.
    """
    transposed = means.T.tocsr()
    left = np.asarray(transposed @ wanted)
    found, step = np.zeros_like(left), left.copy()
    error = np.einsum("ij,ij->j", left, left)
    tiny = np.finfo(np.float32).tiny
    for _ in range(_STEPS):
        curved = transposed @ (means @ step) + np.float32(_PENALTY) * step
        reach = error / np.maximum(np.einsum("ij,ij->j", step, curved), tiny)
        found += reach * step
        left -= reach * curved
        before, error = error, np.einsum("ij,ij->j", left, left)
        step = left + step * (error / np.maximum(before, tiny))
    return found


def _reduced(table: Distilled, rows: Floats, sample: Floats) -> StaticTable:
    """`rows` in the directions in which `sample` varies most, as int8 with a scale a row."""
    width = min(DIMENSIONS, rows.shape[1])
    _, directions = np.linalg.eigh(np.cov(sample.T.astype(np.float64)))
    turned = rows @ directions[:, ::-1][:, :width].astype(np.float32)
    scales = (np.abs(turned).max(axis=1) / _INT8).astype(np.float32)
    whole = turned / np.where(scales > 0, scales, 1)[:, None]
    return StaticTable(table.name, np.rint(whole).astype(np.int8), scales, parse_tokenizer(table.tokenizer))


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)
