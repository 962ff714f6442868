"""What one look of the watch found, as values, as JSON, in words, and as numbers by name. Knows nothing of how."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from desk.heads import Head
from desk.sequential import Counts, Watch
from training.watch.accuracy import ALL, LEAST_GAP, Calibration, Expected, Measured
from training.watch.drift import A_LOOK, Drifted

__all__ = ["ContractWatched", "HeadWatched", "Watched"]

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class ContractWatched:
    """A label that a contract applies, or would. threshold: from which probability on."""

    label: str
    demand: float
    threshold: float
    watch: Watch

    @property
    def why(self) -> str:
        """The evidence in words."""
        one = self.watch
        if one.since is None:
            return f"{self.demand:g} demanded; {_counted(one.counts)}"
        did = "fell back" if one.is_in_breach else "returned"
        then = f"{did} {one.since:%Y-%m-%d %H:%M} UTC with {_counted(one.decided_by)}"
        return f"{self.demand:g} demanded; {then}; since then {_counted(one.counts)}"


@dataclass(frozen=True, slots=True)
class HeadWatched:
    """One head that chooses a label. expected, measured: by label, under "" of all.

    covered: the share of answers for which the measured ones stand.
    """

    expected: Mapping[str, Expected] = field(default_factory=dict)
    measured: Mapping[str, Measured] = field(default_factory=dict)
    covered: float = 0.0
    calibration: Calibration | None = None
    contracts: tuple[ContractWatched, ...] = ()

    @property
    def is_below(self) -> bool:
        """Whether it is surely, and by enough, less often right than it says."""
        found = self.measured.get(ALL)
        return found is not None and found.p <= A_LOOK["accuracy"] / 2 and found.expected - found.accuracy >= LEAST_GAP


@dataclass(frozen=True, slots=True)
class Watched:
    """One look at a version.

    tickets: recent ones that were looked at. reference: rows they were held against. features, novelty: data drift;
    answered, known: queues as answered and as they were in truth, beside what they were. notes: what could not be
    looked at, and why. fell, returned: labels whose mode this look changed.
    """

    at: datetime
    version: str
    tickets: int
    reference: int
    features: tuple[Drifted, ...] = ()
    novelty: Drifted | None = None
    answered: tuple[Drifted, ...] = ()
    known: tuple[Drifted, ...] = ()
    heads: Mapping[Head, HeadWatched] = field(default_factory=dict)
    fell: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """What should trigger a training, in words; empty on a quiet day."""
        data = [one for one in (*self.features, self.novelty) if one is not None and one.is_drift]
        words = [f"{one.name}: {one.what} {one.before:.1%} → {one.now:.1%}" for one in data[:_SHOWN]]
        words += [f"… and {len(data) - _SHOWN} more features"] if len(data) > _SHOWN else []
        for what, shares in (("queue as answered", self.answered), ("queue in truth", self.known)):
            words += [f"{what}: {one.name} {one.before:.1%} → {one.now:.1%}" for one in shares if one.is_drift]
        for head, one in self.heads.items():
            if one.is_below:
                found = one.measured[ALL]
                words.append(f"{head}: right in {found.accuracy:.1%}, {found.expected:.1%} expected")
            words += [
                f"{head} {held.label!r} in breach of its contract: {held.why}"
                for held in one.contracts
                if held.watch.is_in_breach
            ]
        return tuple(words)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be told."""
        return not self.reasons

    def figures(self) -> dict[str, float]:
        """Numbers by name, as MLflow takes them; `drift/features` counts, `queue/expected` is a share."""
        told = {
            "drift/tickets": float(self.tickets),
            "drift/features": float(sum(one.is_drift for one in self.features)),
            "drift/queues": float(len({one.name for one in (*self.answered, *self.known) if one.is_drift})),
            "contracts/in_breach": float(sum(self._breaches())),
        }
        if self.novelty is not None:
            told["drift/novel"] = self.novelty.now
        for head, one in self.heads.items():
            if ALL in one.expected:
                told[f"{head}/expected"] = one.expected[ALL].accuracy
            if ALL in one.measured:
                told[f"{head}/measured"] = one.measured[ALL].accuracy
                told[f"{head}/measured_rows"] = float(one.measured[ALL].rows)
            if one.calibration is not None:
                told[f"{head}/calibration_error"] = one.calibration.error
        return told

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        whole = {name: value for name, value in asdict(self).items() if name != "heads"}
        whole["at"] = self.at.isoformat()
        whole["heads"] = {head: _head_json(one) for head, one in self.heads.items()}
        return {**whole, "reasons": list(self.reasons), "quiet": self.is_quiet, "figures": self.figures()}

    def _breaches(self) -> list[bool]:
        return [held.watch.is_in_breach for one in self.heads.values() for held in one.contracts]


def _head_json(one: HeadWatched) -> dict[str, Any]:
    contracts = []
    for held in one.contracts:
        since = held.watch.since
        watch = {**asdict(held.watch), "since": None if since is None else since.isoformat()}
        contracts.append({**asdict(held), "watch": watch, "why": held.why})
    return {**asdict(one), "contracts": contracts, "below_expected": one.is_below}


def _counted(counts: Counts) -> str:
    words = f"{counts.sampled_misses} of {counts.sampled} in the sample wrong"
    return f"{words}, {counts.other_misses} of {counts.others} others shown to be" if counts.others else words
