"""How often a version would have answered each queue lately: what the watch holds today's answers against.

To rows without a label, since what was applied to them stayed, a version answers as to new ones. Rows with a label it
learned by heart; there the label counts, as much more or less often as the version names it where it had not seen the
row. Left out, the former would be missing from the very queues that are applied by themselves, and every week would
seem to bring more of them. Knows labels and counts, neither versions nor tests.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["expected_answers"]

_FEWEST: Final = 30  # rows with a label, and answers: of fewer nobody knows how much more often it is named
_MOST: Final = 2.0  # times as often, or as seldom


def expected_answers(
    unseen: Mapping[str, int], history: Sequence[str], labels: Sequence[str], answers: Sequence[str]
) -> dict[str, float]:
    """Of each queue how many of the newest rows would have been answered with it.

    unseen: how often the version named each to labelled rows that it had not seen. history: the labels of these rows.
    labels, answers: of the newest rows the labels, and what the version says of those that have none.
    """
    true, rows, named = Counter(history), max(len(history), 1), max(sum(unseen.values()), 1)
    found = {label: float(count) for label, count in Counter(answers).items()}
    for label, count in Counter(labels).items():
        times = 1.0
        if min(true[label], unseen.get(label, 0)) >= _FEWEST:
            times = min(max(unseen[label] / named * rows / true[label], 1 / _MOST), _MOST)
        found[label] = found.get(label, 0.0) + count * times
    return found
