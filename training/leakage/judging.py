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
7. *It is text that reads as written afterwards* and tells a label, or tells it far better than the ticket's own text.
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
from training.leakage.moments import Echo, Parts, calendar_echo, duration_echo, lag_after_opening
from training.leakage.presence import filled_when_known, filled_with
from training.leakage.report import Finding, Verdict
from training.leakage.strength import area, copy_of, explained, recall
from training.leakage.suspect import Suspect
from training.leakage.suspects import Codes, Evidence
from training.leakage.writing import Reading, Telling, read, speaks_of_the_end, telling

__all__ = ["Case", "findings_of"]

LABELLED_ROWS: Final = 50
"""Labelled rows that a label needs before a column can be held against it."""

COPIED: Final = 0.74
"""A copy with 20 % noise agrees with 0.8 of each label's rows; a first queue that is changed for every third ticket
with 0.67. On public tables fields known at the opening stay below 0.60 (an urgency against its priority)."""

COPIES_SOME: Final = 0.4
"""Agreement beyond chance, which is one over the number of labels, that makes a column doubtful."""

OWNERS: Final = 0.8
"""Share of the labels that must have a value of their own: a copy has one for each."""

FIXES: Final = 0.75
"""Mean recall over three labels or more; a public table's request title (883 values, 102 queues) reaches 0.53."""

FIXES_TWO: Final = 0.85
"""The same for two labels, where a request's type alone reaches 0.75 on a breach."""

EXPLAINS: Final = 0.85
"""Share of a label's entropy on younger rows; that same title reaches 0.74."""

EXPLAINS_MUCH: Final = 0.3
RANKS: Final = 0.93
"""Area under the ROC curve by categories; a request's type reaches 0.83, its title 0.87."""

RANKS_BY_NUMBER: Final = 0.90
"""The same for a number: no number known at the opening comes near, a handling time or a score does."""

RANKS_MUCH: Final = 0.75
LATER_RECALL: Final = 0.4
LATER_RANKS: Final = 0.65
"""What a column named like something later must reach: clearly more than chance."""

FILLED_PRECISION: Final = 0.9
FILLED_RECALL: Final = 0.75
HALF_FILLED: Final = 0.5
ALWAYS: Final = 0.97
FOLLOWS: Final = 0.6
FOLLOWS_MORE: Final = 0.15
"""Agreement with a part of a later moment, beyond chance, and how much more than with the opening's."""

EXACT: Final = 0.98
FOLLOWS_LENGTH: Final = 0.8
PLANS_AT_MOST: Final = 12
"""Different distances from the opening: a target set at the opening, or another time zone, has few."""

LONGEST_WORK: Final = 180.0
"""Days. What lies further ahead on the median is more likely a contract's end than the work's."""

AFTERWARDS: Final = 0.3
TELLS: Final = 0.75
FEW_ERRORS: Final = 0.4
SOME_ERRORS: Final = 0.6
"""Text's errors as a share of those that the ticket's own text leaves: a second description tells about as much as the
first, what was written afterwards leaves few. Codes are not compared: no text of the ticket's own is like them."""

TELLS_SOME: Final = 0.6
TELLS_LITTLE: Final = 0.3
NOTHING_TOLD: Final = Telling(0.0, 0.5)
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
        yield Finding(suspect.name, "refuse", None, "is named like something filled in at the resolution", {})
    yield from _moments(suspect, case)
    yield from _outcomes(suspect, case.evidence)
    taught = {head: labels for head, labels in case.evidence.labels.items() if _is_taught(labels)}
    for head, labels in taught.items():
        yield from _presence(suspect, head, labels)
        if suspect.codes is not None:
            yield from _values(suspect, suspect.codes, head, labels, case.evidence.order)
    if suspect.reads:
        yield from _words(suspect, taught, case)


def _is_taught(labels: Codes) -> bool:
    return int((labels >= 0).sum()) >= LABELLED_ROWS and int(labels.max()) >= 1


def _moments(suspect: Suspect, case: Case) -> Iterator[Finding]:
    evidence = case.evidence
    if suspect.times is not None and (lag := lag_after_opening(suspect.times, evidence.created)) is not None:
        numbers = {"after_opening": lag.after, "days_after_opening": lag.days}
        if lag.after >= 0.5 and lag.before <= 0.02 and lag.distances > PLANS_AT_MOST:
            is_later = suspect.hint not in ("planned", "opening") and lag.days <= LONGEST_WORK
            reason = f"holds times after the opening in {lag.after:.0%} of the rows"
            yield _finding(suspect, "refuse" if is_later else "warn", None, reason, numbers)
    if suspect.numbers is not None and (followed := duration_echo(suspect.numbers, evidence)) is not None:
        moment, correlation = followed
        if abs(correlation) >= FOLLOWS_LENGTH:
            reason = f"follows the time from the opening to {moment}"
            yield _finding(suspect, "refuse", moment, reason, {"rank_correlation": correlation})
    echo = None if suspect.codes is None else calendar_echo(suspect.codes, case.opening, case.later)
    if echo is not None and _follows(echo):
        reason = f"follows the {echo.part} of {echo.moment}, not of the opening"
        yield _finding(suspect, "refuse", echo.moment, reason, {"later": echo.later, "opening": echo.opening})


def _follows(echo: Echo) -> bool:
    more = FOLLOWS_MORE if echo.later < EXACT else 1 - EXACT  # few tickets are resolved in another month or quarter
    return echo.later >= FOLLOWS and echo.later - echo.opening >= more


def _outcomes(suspect: Suspect, evidence: Evidence) -> Iterator[Finding]:
    if suspect.codes is None:
        return
    for outcome, codes in evidence.outcomes.items():
        copy = copy_of(suspect.codes, codes)
        if copy.bound >= COPIED and copy.owners >= OWNERS:
            yield _finding(suspect, "refuse", outcome, f"repeats the outcome {outcome!r}", {"copied": copy.share})


def _presence(suspect: Suspect, head: Head, labels: Codes) -> Iterator[Finding]:
    shielded: Verdict = "warn" if suspect.hint == "opening" else "refuse"
    if (known := filled_when_known(suspect.filled, labels)) and known[0] >= FILLED_RECALL and known[1] <= 1 - ALWAYS:
        reason = f"is filled in only where {head} is known"
        yield _finding(suspect, shielded, head, reason, {"filled_if_known": known[0], "filled_if_unknown": known[1]})
    found = filled_with(suspect.filled, labels)
    if found is None:
        return
    numbers = {"precision": found.precision, "recall": found.recall, "usual": found.usual}
    is_lifted = found.precision - found.usual >= (1 - found.usual) / 2
    is_exact = found.precision >= FILLED_PRECISION and found.recall >= FILLED_RECALL
    is_always = found.precision >= ALWAYS and found.recall >= (HALF_FILLED if head in CLASS_HEADS else 0.1)
    if is_lifted and (is_exact or is_always):
        yield _finding(suspect, shielded, head, f"is filled in for one {head} label alone", numbers)


def _values(suspect: Suspect, codes: Codes, head: Head, labels: Codes, order: NDArray[np.int64]) -> Iterator[Finding]:
    copy, share = copy_of(codes, labels), recall(codes, labels)
    entropy, ranked = explained(codes, labels, order)
    if suspect.numbers is not None and labels.max() == 1:
        ranked = max(ranked, _ranked_by_number(suspect.numbers, labels))
    numbers = {"copied": copy.share, "recall": share, "entropy_explained": entropy, "auroc": ranked}
    if head in CLASS_HEADS:
        del numbers["auroc"]
    is_copy = copy.bound >= COPIED and copy.owners >= OWNERS
    if is_copy and (suspect.hint != "opening" or _is_opaque(suspect.values)):
        yield _finding(
            suspect, "refuse", head, f"is {head} under other names, in {copy.share:.0%} of its rows", numbers
        )
    elif suspect.hint != "opening" and _fixes(suspect, labels, share, entropy, ranked):
        yield _finding(suspect, "refuse", head, f"alone fixes {head}", numbers)
    elif suspect.hint == "later" and _tells(head, share, ranked, labels):
        reason = f"is named like something filled in later and tells {head}"
        yield _finding(suspect, "refuse", head, reason, numbers)
    elif _beyond_chance(copy.share, labels) >= COPIES_SOME or entropy >= EXPLAINS_MUCH or ranked >= RANKS_MUCH:
        yield _finding(suspect, "warn", head, f"alone tells much of {head}", numbers)


def _fixes(suspect: Suspect, labels: Codes, share: float, entropy: float, ranked: float) -> bool:
    is_two_sided = labels.max() == 1
    area_needed = RANKS if suspect.numbers is None else RANKS_BY_NUMBER
    return (
        share >= (FIXES_TWO if is_two_sided else FIXES)
        or entropy >= EXPLAINS
        or (is_two_sided and ranked >= area_needed)
    )


def _beyond_chance(share: float, labels: Codes) -> float:
    chance = 1 / (int(labels.max()) + 1)
    return (share - chance) / (1 - chance)


def _tells(head: Head, share: float, ranked: float, labels: Codes) -> bool:
    if head in CLASS_HEADS:
        return share >= max(LATER_RECALL, 2 / (int(labels.max()) + 1))
    return ranked >= LATER_RANKS


def _ranked_by_number(numbers: NDArray[np.float64], labels: Codes) -> float:
    both = (labels >= 0) & np.isfinite(numbers)
    found = area(numbers[both], labels[both])
    return max(found, 1 - found)


def _words(suspect: Suspect, taught: Mapping[Head, Codes], case: Case) -> Iterator[Finding]:
    reading = read(suspect.values, case.evidence.order)
    afterwards = speaks_of_the_end(suspect.values)
    reads_late = afterwards >= AFTERWARDS and afterwards >= 2 * case.own_afterwards + 0.1
    for head, labels in taught.items():
        told, own = telling(reading, labels), case.own_text.get(head, NOTHING_TOLD)
        numbers = {"recall": told.recall, "own_text_recall": own.recall, "reads_as_afterwards": afterwards}
        if labels.max() == 1:
            numbers |= {"auroc": told.area, "own_text_auroc": own.area}
        if (
            found := _told(suspect, head, _score(told, labels), _score(own, labels), reading, reads_late, case)
        ) is not None:
            yield _finding(suspect, found[0], head, found[1], numbers)


def _score(told: Telling, labels: Codes) -> float:
    """From 0, nothing told, to 1: mean recall over labels, for two-sided ones twice the area above the diagonal."""
    return told.recall if labels.max() > 1 else 2 * told.area - 1


def _told(
    suspect: Suspect, head: Head, score: float, own: float, reading: Reading, reads_late: bool, case: Case
) -> tuple[Verdict, str] | None:
    errors = (1 - score) / max(1e-9, 1 - own) if reading.is_prose else 0.0
    if reads_late and score >= TELLS_LITTLE:
        return "refuse", f"reads as written afterwards and tells {head}"
    if suspect.hint == "later" and score >= (LATER_RECALL if errors <= SOME_ERRORS else TELLS_SOME):
        return "refuse", f"is named like something filled in later and tells {head}"
    if score >= TELLS and errors <= FEW_ERRORS and suspect.hint != "opening":
        mapped = (
            "" if not reading.is_prose or case.own_text else " (if the requester wrote it, map it to subject or body)"
        )
        return "refuse", f"alone tells {head}{mapped}"
    if score >= TELLS_SOME and errors <= SOME_ERRORS:
        return "warn", f"tells {head} better than the ticket's own text"
    return None


def _is_opaque(values: Sequence[str | None]) -> bool:
    given = {value for value in values[:5_000] if value}
    return bool(given) and all(OPAQUE.fullmatch(value) for value in given)


def _finding(
    suspect: Suspect, verdict: Verdict, label: str | None, reason: str, numbers: Mapping[str, float]
) -> Finding:
    return Finding(suspect.name, verdict, label, reason, {name: round(float(one), 4) for name, one in numbers.items()})
