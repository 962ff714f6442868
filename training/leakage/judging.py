"""The policy: which evidence convicts a column, which only makes it doubtful.

A column is **refused** when one of these holds; each is something that no field known at the opening does:

1. *Its name says so.* `closed_by`, `resolution_code`, `handling_time`: names with one reading (`names.CLOSING`).
2. *It is a moment after the opening*, or a part or a length of one: times that follow the opening at ever new
   distances, the weekday of the resolution, the hours until it.
3. *It repeats an outcome*: resolver, satisfaction, counts, the resolution's text.
4. *It is a label under other names*: each label has a value of its own that most of its rows carry (`COPIED`). Noise,
   hashing and numbering do not change that; a field that merges labels cannot do it.
5. *Its values fix a label*: nearly every value belongs to one label (`FIXES`, `EXPLAINS`, `RANKS`), as resolvers,
   salted codes and risk scores do.
6. *It is filled in for one label only*, or only where a label is known.
7. *It is text that reads as written afterwards* and tells a label, names the label, or tells it far better than the
   ticket's own text.
8. *Its name says that it is usually filled in later* and it tells a label clearly.

A column whose name belongs to the opening (`impact`, `category`, `initial_queue`) is only warned of for 4 to 7, unless
its values are opaque codes (4). Doubtful columns (half of the evidence) are warned of and used.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.heads import CLASS_HEADS, Head
from training.leakage import thresholds as limit
from training.leakage.judging_time import findings_in_time
from training.leakage.moments import Parts
from training.leakage.presence import filled_when_known, filled_with
from training.leakage.report import Finding, Verdict, found
from training.leakage.strength import area, copy_of, explained, recall
from training.leakage.suspect import Suspect
from training.leakage.suspects import Codes, Evidence
from training.leakage.writing import Telling, names_labels, read, speaks_of_the_end, telling

__all__ = ["Case", "findings_of"]

NOTHING_TOLD: Final = Telling(0.0, 0.5)
NOT_MAPPED: Final = " (if it is what the requester wrote, map it to subject or body)"
OPAQUE: Final = re.compile(
    r"(?=.*\d)[0-9a-fA-F]{6,}|[A-Za-z0-9+/]{8,}={1,2}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


@dataclass(frozen=True, slots=True)
class Case:
    """What every suspect is held against, made once: the evidence, parts of the moments, what own text tells."""

    evidence: Evidence
    opening: Parts
    later: Mapping[str, Parts]
    own_text: Mapping[Head, Telling]
    own_afterwards: float


def findings_of(suspect: Suspect, case: Case) -> Iterator[Finding]:
    """Everything that speaks against a column; the caller keeps the gravest."""
    if suspect.hint == "after":
        yield found(suspect.name, "refuse", None, "is named like something filled in at the resolution", {})
    yield from findings_in_time(suspect, case.evidence, case.opening, case.later)
    yield from _outcomes(suspect, case.evidence)
    taught = {head: labels for head, labels in case.evidence.labels.items() if _is_taught(labels)}
    for head, labels in taught.items():
        yield from _presence(suspect, head, labels)
        if suspect.codes is not None:
            yield from _values(suspect, suspect.codes, head, labels, case.evidence.order)
    if suspect.reads:
        yield from _words(suspect, taught, case)


def _is_taught(labels: Codes) -> bool:
    return int((labels >= 0).sum()) >= limit.LABELLED_ROWS and int(labels.max()) >= 1


def _outcomes(suspect: Suspect, evidence: Evidence) -> Iterator[Finding]:
    if suspect.codes is None:
        return
    for outcome, codes in evidence.outcomes.items():
        copy = copy_of(suspect.codes, codes)
        if copy.bound >= limit.COPIED and copy.owners >= limit.OWNERS:
            yield found(suspect.name, "refuse", outcome, f"repeats the outcome {outcome!r}", {"copied": copy.share})


def _presence(suspect: Suspect, head: Head, labels: Codes) -> Iterator[Finding]:
    shielded: Verdict = "warn" if suspect.hint == "opening" else "refuse"
    if (
        (known := filled_when_known(suspect.filled, labels))
        and known[0] >= limit.FILLED_RECALL
        and known[1] <= 1 - limit.ALWAYS
    ):
        reason = f"is filled in only where {head} is known"
        yield found(suspect.name, shielded, head, reason, {"filled_if_known": known[0], "filled_if_unknown": known[1]})
    presence = filled_with(suspect.filled, labels)
    if presence is None:
        return
    numbers = {"precision": presence.precision, "recall": presence.recall, "usual": presence.usual}
    is_lifted = presence.precision - presence.usual >= (1 - presence.usual) / 2
    is_exact = presence.precision >= limit.FILLED_PRECISION and presence.recall >= limit.FILLED_RECALL
    is_always = presence.precision >= limit.ALWAYS and presence.recall >= (
        limit.HALF_FILLED if head in CLASS_HEADS else limit.FILLED_AT_ALL
    )
    if is_lifted and (is_exact or is_always):
        yield found(suspect.name, shielded, head, f"is filled in for one {head} label alone", numbers)


def _values(suspect: Suspect, codes: Codes, head: Head, labels: Codes, order: NDArray[np.int64]) -> Iterator[Finding]:
    filled = np.where(suspect.filled, labels, -1)
    copy = max(copy_of(codes, labels), copy_of(codes, filled), key=lambda one: one.bound)
    share = recall(codes, labels)
    entropy, ranked = explained(codes, labels, order)
    if suspect.numbers is not None and labels.max() == 1:
        ranked = max(ranked, _ranked_by_number(suspect.numbers, labels))
    numbers = {"copied": copy.share, "recall": share, "entropy_explained": entropy, "auroc": ranked}
    if head in CLASS_HEADS:
        del numbers["auroc"]
    is_copy = copy.bound >= limit.COPIED and copy.owners >= limit.OWNERS
    if is_copy and (suspect.hint != "opening" or _is_opaque(suspect.values)):
        yield found(
            suspect.name, "refuse", head, f"is {head} under other names, in {copy.share:.0%} of its rows", numbers
        )
    elif suspect.hint != "opening" and _fixes(suspect, labels, share, entropy, ranked):
        yield found(suspect.name, "refuse", head, f"alone fixes {head}", numbers)
    elif suspect.hint == "later" and _tells(head, share, ranked, labels):
        reason = f"is named like something filled in later and tells {head}"
        yield found(suspect.name, "refuse", head, reason, numbers)
    elif (
        _beyond_chance(copy.share, labels) >= limit.COPIES_SOME
        or entropy >= limit.EXPLAINS_MUCH
        or ranked >= limit.RANKS_MUCH
    ):
        yield found(suspect.name, "warn", head, f"alone tells much of {head}", numbers)


def _fixes(suspect: Suspect, labels: Codes, share: float, entropy: float, ranked: float) -> bool:
    is_two_sided = labels.max() == 1
    area_needed = limit.RANKS if suspect.numbers is None else limit.RANKS_BY_NUMBER
    return (
        share >= _recall_needed(suspect, is_two_sided)
        or entropy >= limit.EXPLAINS
        or (is_two_sided and ranked >= area_needed)
    )


def _recall_needed(suspect: Suspect, is_two_sided: bool) -> float:
    if not is_two_sided:
        return limit.FIXES
    return limit.FIXES_TWO_BY_FEW if suspect.distinct <= limit.FEW_VALUES else limit.FIXES_TWO


def _beyond_chance(share: float, labels: Codes) -> float:
    chance = 1 / (int(labels.max()) + 1)
    return (share - chance) / (1 - chance)


def _tells(head: Head, share: float, ranked: float, labels: Codes) -> bool:
    if head in CLASS_HEADS:
        return share >= max(limit.LATER_RECALL, 2 / (int(labels.max()) + 1))
    return ranked >= limit.LATER_RANKS


def _ranked_by_number(numbers: NDArray[np.float64], labels: Codes) -> float:
    both = (labels >= 0) & np.isfinite(numbers)
    ranked = area(numbers[both], labels[both])
    return max(ranked, 1 - ranked)


def _words(suspect: Suspect, taught: Mapping[Head, Codes], case: Case) -> Iterator[Finding]:
    reading = read(suspect.values, case.evidence.order)
    afterwards = speaks_of_the_end(suspect.values)
    reads_late = afterwards >= limit.AFTERWARDS and afterwards >= 2 * case.own_afterwards + 0.1
    for head, labels in taught.items():
        told, own = telling(reading, labels), case.own_text.get(head, NOTHING_TOLD)
        numbers = {"recall": told.recall, "own_text_recall": own.recall, "reads_as_afterwards": afterwards}
        if labels.max() == 1:
            numbers |= {"auroc": told.area, "own_text_auroc": own.area}
        score, own_score = _score(told, labels), _score(own, labels)
        errors = (1 - score) / max(1e-9, 1 - own_score) if reading.is_prose else 0.0
        if reads_late and score >= limit.TELLS_LITTLE:
            yield found(suspect.name, "refuse", head, f"reads as written afterwards and tells {head}", numbers)
        elif head in CLASS_HEADS and suspect.hint != "opening" and _names(suspect, head, case):
            yield found(suspect.name, "refuse", head, f"names the {head}, as the ticket's own text does not", numbers)
        elif suspect.hint == "later" and _tells_later(score, errors):
            reason = f"is named like something filled in later and tells {head}"
            yield found(suspect.name, "refuse", head, reason, numbers)
        elif suspect.hint != "opening" and score >= limit.TELLS and errors <= limit.FEW_ERRORS:
            advice = "" if not reading.is_prose or case.own_text else NOT_MAPPED
            yield found(suspect.name, "refuse", head, f"alone tells {head}{advice}", numbers)
        elif score >= limit.TELLS_SOME and errors <= limit.SOME_ERRORS:
            yield found(suspect.name, "warn", head, f"tells {head} better than the ticket's own text", numbers)


def _score(told: Telling, labels: Codes) -> float:
    """From 0, nothing told, to 1: mean recall over labels, for two-sided ones twice the area above the diagonal."""
    return told.recall if labels.max() > 1 else 2 * told.area - 1


def _names(suspect: Suspect, head: Head, case: Case) -> bool:
    labels = case.evidence.label_names[head]
    named = names_labels(suspect.values, labels)
    return named >= limit.NAMES and named - names_labels(case.evidence.texts, labels) >= limit.NAMES_MORE


def _tells_later(score: float, errors: float) -> bool:
    return score >= (limit.LATER_RECALL if errors <= limit.SOME_ERRORS else limit.TELLS_SOME)


def _is_opaque(values: Sequence[str | None]) -> bool:
    given = {value for value in values[:5_000] if value}
    return bool(given) and all(OPAQUE.fullmatch(value) for value in given)
