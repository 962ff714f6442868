"""What `mlflow models serve` does with a desk: TF-IDF + logistic regression for the same heads, in the sklearn flavour.

`python -m benchmarks.mlflow_peer HISTORY FOLDER` learns from all of a kept history and writes the model to FOLDER: from
words and pairs of them that two rows have, as the peer of the quality tables does. Knows no service of ours.
"""

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from features.wording import wording_of

__all__ = ["main"]

ROUNDS: Final = 5
"""Of learning: how many there were makes no difference to how fast it answers; how many words it knows does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn and write."""
    import mlflow.sklearn

    from training.histories.store import load_history

    history, folder = sys.argv[1:] if arguments is None else arguments
    rows = load_history(Path(history)).rows
    texts = [wording_of(row.ticket) for row in rows]
    outcomes = [row.outcome for row in rows]
    heads = [
        [str(one.queue) for one in outcomes],
        [str(one.priority) for one in outcomes],
        [str(one.escalated) for one in outcomes],
        [str(one.sla_breached) for one in outcomes],
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not converge
        mlflow.sklearn.save_model(_learned(texts, list(zip(*heads, strict=True))), folder)
    return 0


def _learned(texts: list[str], truth: list[tuple[str, ...]]) -> Any:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multioutput import MultiOutputClassifier
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    heads = MultiOutputClassifier(LogisticRegression(C=20, max_iter=ROUNDS))
    return make_pipeline(words, heads).fit(texts, np.array(truth))


if __name__ == "__main__":
    sys.exit(main())
