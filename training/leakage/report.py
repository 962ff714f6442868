"""What the leakage check found, in words and numbers, and what training does about it.

Knows findings, not how they came about.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from desk.errors import LeakageError

__all__ = ["Finding", "LeakageReport", "Verdict", "enforce", "found"]

Verdict = Literal["refuse", "warn"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One column that may know the future.

    label: the head or outcome that it gives away, None where it is the time or the name that tells.
    reason: for people. evidence: the numbers behind it, by name.
    """

    column: str
    verdict: Verdict
    label: str | None
    reason: str
    evidence: Mapping[str, float]


def found(column: str, verdict: Verdict, label: str | None, reason: str, evidence: Mapping[str, float]) -> Finding:
    """A finding whose figures are rounded for people and for JSON."""
    return Finding(column, verdict, label, reason, {name: round(float(one), 4) for name, one in evidence.items()})


@dataclass(frozen=True, slots=True)
class LeakageReport:
    """At most one finding a column, the gravest; refused columns first. checked: every column looked at."""

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """The findings that stop training unless the user insists."""
        return tuple(one for one in self.findings if one.verdict == "refuse")

    @property
    def warned(self) -> tuple[Finding, ...]:
        """The doubtful columns, which are used."""
        return tuple(one for one in self.findings if one.verdict == "warn")

    def to_json(self) -> dict[str, Any]:
        """The report as the run and `--json` hold it."""
        return {"findings": [asdict(one) for one in self.findings], "checked": list(self.checked)}


def enforce(report: LeakageReport, allowed: Collection[str] = ()) -> None:
    """Let training go on, or raise `LeakageError` that names every refused column which nobody insisted on."""
    refused = [one for one in report.refused if one.column not in allowed]
    if not refused:
        return
    reasons = "; ".join(f"{one.column!r} {one.reason}" for one in refused)
    names = ", ".join(f'"{one.column}"' for one in refused)
    insist = " ".join(f"--allow-leakage {one.column}" for one in refused)
    raise LeakageError(
        f"{len(refused)} {'columns know' if len(refused) > 1 else 'column knows'} the future: {reasons}. "
        f"Leave them out by `[ignore] columns = [{names}]` in the desk config, "
        f"or insist that they are known at the opening by `{insist}`."
    )
