"""Which heads a history can teach, and which labels are too rare to be learned well.

Knows labels and counts, not models.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final

from desk.heads import CLASS_HEADS, HEADS, Head, label_of
from features.wording import wording_of
from training.histories.history import History

__all__ = ["LABELLED_ROWS", "ROWS_PER_CLASS", "head_readiness", "label_counts", "rare_labels"]

LABELLED_ROWS: Final = 50
"""Rows with a label that a head needs where no encoder reads them: below that a held-out part says nothing."""

ROWS_PER_CLASS: Final = 5
"""Rows that a label needs, so that learning, calibration and judging each see it; a queue makes do with less."""

COLUMN_OF: Final[Mapping[Head, str]] = {
    "queue": "queue",
    "priority": "priority",
    "escalation": "escalated",
    "breach": "sla_breached",
}
"""The canonical column that answers each head."""


def label_counts(history: History, head: Head) -> Mapping[str, int]:
    """Label -> rows that carry it, the most frequent first, then by name."""
    labels = (label_of(row.outcome, head) for row in history.rows)
    counts = Counter(label for label in labels if label is not None)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def head_readiness(
    history: History, *, meanings: bool = False, described: Collection[str] = ()
) -> Mapping[Head, str | None]:
    """For each head None where the history can teach it, else the reason why it is skipped, in words.

    A queue head may learn labels of a single row, since names say what queues are about. meanings: whether an encoder
    reads the texts; then a queue head is taught by as few rows as there are. described: queues that the desk describes.
    """
    read = meanings and any(wording_of(row.ticket).strip() for row in history.rows)
    return {
        head: _queue_reason(label_counts(history, head), described, read=read)
        if head == "queue"
        else _reason(label_counts(history, head), COLUMN_OF[head])
        for head in HEADS
    }


def rare_labels(history: History) -> Mapping[Head, Mapping[str, int]]:
    """For each head that chooses a label: the labels with too few rows to learn well -> how many they have."""
    return {
        head: {label: n for label, n in label_counts(history, head).items() if n < ROWS_PER_CLASS}
        for head in CLASS_HEADS
    }


def _queue_reason(counts: Mapping[str, int], described: Collection[str], *, read: bool) -> str | None:
    labelled = sum(counts.values())
    if not labelled:
        return "no row says 'queue'"
    if labelled < LABELLED_ROWS and not read:
        return f"{labelled} rows say 'queue'; without an encoder {LABELLED_ROWS} are needed (docs/encoders.md)"
    if len({*counts, *described}) < 2:
        return f"every row says {next(iter(counts))!r} for 'queue'; two different labels are needed, or one in [queues]"
    return None


def _reason(counts: Mapping[str, int], column: str) -> str | None:
    labelled = sum(counts.values())
    if not labelled:
        return f"no row says {column!r}"
    if labelled < LABELLED_ROWS:
        return f"{labelled} rows say {column!r}; {LABELLED_ROWS} are needed"
    if len(counts) == 1:
        return f"every row says {next(iter(counts))!r} for {column!r}; two different labels are needed"
    large = sum(n >= ROWS_PER_CLASS for n in counts.values())
    if large < 2:
        return f"only {large} label of {column!r} has {ROWS_PER_CLASS} rows or more; two are needed"
    return None
