"""The leakage check: every column that a ticket is learned from, held against every label and outcome.

Knows the order of the work; `judging` holds the policy.
"""

from typing import Final

from desk.heads import Head
from training.histories.history import History
from training.leakage.judging import Case, findings_of
from training.leakage.moments import calendar_parts
from training.leakage.report import Finding, LeakageReport
from training.leakage.suspect import Suspect, suspect_of
from training.leakage.suspects import Evidence, evidence_of, suspects_in
from training.leakage.writing import Telling, read, speaks_of_the_end, telling

__all__ = ["check_leakage"]

GRAVITY: Final = {"refuse": 0, "warn": 1}


def check_leakage(history: History) -> LeakageReport:
    """Look for columns that could only be known after the opening.

    Nothing of the text is in the report: column names, labels' heads, reasons and figures.
    """
    suspects = [suspect_of(name, values) for name, values in suspects_in(history).items()]
    evidence = evidence_of(history)
    case = Case(
        evidence=evidence,
        opening=calendar_parts(evidence.created),
        later={moment: calendar_parts(times) for moment, times in evidence.moments.items()},
        own_text=_own_text(suspects, evidence),
        own_afterwards=speaks_of_the_end(evidence.texts),
    )
    found = [gravest for one in suspects if (gravest := _gravest(one, case)) is not None]
    found.sort(key=lambda one: GRAVITY[one.verdict])
    return LeakageReport(tuple(found), tuple(one.name for one in suspects))


def _gravest(suspect: Suspect, case: Case) -> Finding | None:
    return min(findings_of(suspect, case), key=lambda one: GRAVITY[one.verdict], default=None)


def _own_text(suspects: list[Suspect], evidence: Evidence) -> dict[Head, Telling]:
    """What subject and body tell of each label: only where some column is read for comparison."""
    if not any(one.reads for one in suspects) or not any(text.strip() for text in evidence.texts):
        return {}
    reading = read(evidence.texts, evidence.order)
    return {head: telling(reading, labels) for head, labels in evidence.labels.items() if labels.max(initial=0) > 0}
