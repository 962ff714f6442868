"""What a head is worth on rows that it never saw: every figure of the evidence, from one `HeldOut`.

Knows what each figure means and when it must be withheld; the formulas are in `training.evidence.formulas`. Knows
neither where the rows came from nor where the figures go.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.demands import Demands
from desk.heads import RISK_HEADS, Head
from training.evidence import formulas, redrawn
from training.evidence.contracts import HeadContract, applied
from training.evidence.held_out import HeldOut
from training.evidence.intervals import Interval, bootstrap
from training.evidence.reliability import wilson

__all__ = [
    "CALIBRATED_FROM",
    "DEMANDED_PRECISION",
    "RARE_ROWS",
    "REVIEW_CAPACITY",
    "UNKNOWN_LABEL",
    "ClassMeasures",
    "Measures",
    "measure",
]

REVIEW_CAPACITY = Demands().review_capacity
"""Share of tickets that a desk can review for escalation unless it says otherwise."""

DEMANDED_PRECISION = 0.95
SAID_RIGHT, FALSE_ALARMS = 0.94, 0.06
"""Of a risk head's yes and no: how many must be right, and fewer than how many of the noes may be called yes."""

RARE_ROWS = range(5, 31)
"""Rows that a label has been learned from for it to be rare and yet learnable."""

CALIBRATED_FROM = 200
"""Rows of a label from which on its calibration, or a slice's, can be told from chance."""

UNKNOWN_LABEL = "(label unknown to the version)"


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """One label's figures. `precision` and `confidence` are None where the head never answers the label.

    `support` and `answered` are rows where it is true and where it is answered, `confidence` the mean probability of
    the label where it is answered. recall_low, recall_high: Wilson's 95 % interval of `recall`. ece: calibration error
    of the label's probability against all other labels', where 200 rows have it.
    """

    label: str
    support: int
    answered: int
    precision: float | None
    recall: float | None
    f1: float
    confidence: float | None
    recall_low: float | None = None
    recall_high: float | None = None
    ece: float | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """One head's figures on `rows` held-out rows; shares lie between 0 and 1.

    A figure is None where it means nothing, and `withheld` says why. `unknown` rows have a true label that the head
    does not know: they count as wrong, in `log_loss`, `kappa` and `two_levels_off` they are left out. `two_levels_off`
    is the share of answers that are two levels or more from the true priority. `coverage_95` and `coverage_96` are the
    largest shares of rows that can be answered, the surest first, with that precision; `coverage_94` of a risk head the
    share of which it can be said whether it happens, 94 % rightly and with under 6 % of the others flagged.
    `contract_coverage` is the share applied by itself under contracts that other rows proved, `contract_precision` what
    of it is right; `false_alarms_at_capacity` is the false-positive rate at the review capacity. `intervals` are 95 %
    bootstrap intervals of the main figures, by name. `ece_of_chance` is what a perfectly calibrated head stays under
    on such rows in 95 % of cases; `worst_label_ece` the largest one-vs-rest calibration error of the labels with 200
    rows and more, `worst_label` the one that has it. `rare_recall` is the mean recall over the labels that were learned
    from 5 to 30 rows. The formulas and their sources are those of
    `training.evidence.formulas`; `brier` of a risk head is the mean squared error of its probability, of another head
    the sum over the labels.
    """

    head: Head
    rows: int
    unknown: int
    accuracy: float
    macro_f1: float
    top3: float | None
    ece: float
    ece_equal_mass: float
    coverage_95: float
    brier: float
    log_loss: float | None
    kappa: float | None = None
    two_levels_off: float | None = None
    auroc: float | None = None
    average_precision: float | None = None
    recall_at_capacity: float | None = None
    false_alarms_at_capacity: float | None = None
    coverage_94: float | None = None
    base_rate: float | None = None
    coverage_96: float | None = None
    contract_coverage: float | None = None
    contract_precision: float | None = None
    ece_of_chance: float | None = None
    worst_label_ece: float | None = None
    rare_recall: float | None = None
    worst_label: str | None = None
    withheld: Mapping[str, str] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    by_class: tuple[ClassMeasures, ...] = ()

    def figures(self) -> dict[str, float]:
        """The figures that are there, by name, in the order of this class."""
        numbers = asdict(self)
        return {name: float(numbers[name]) for name in FIGURES if numbers[name] is not None}

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values: absent figures are null, intervals pairs."""
        everything = asdict(self)
        everything["intervals"] = {name: [one.low, one.high] for name, one in self.intervals.items()}
        everything["by_class"] = [asdict(one) for one in self.by_class]
        return everything


FIGURES = (
    "accuracy",
    "macro_f1",
    "top3",
    "rare_recall",
    "ece",
    "ece_of_chance",
    "ece_equal_mass",
    "worst_label_ece",
    "coverage_95",
    "coverage_96",
    "contract_coverage",
    "contract_precision",
    "brier",
    "log_loss",
    "kappa",
    "two_levels_off",
    "auroc",
    "average_precision",
    "recall_at_capacity",
    "false_alarms_at_capacity",
    "coverage_94",
    "base_rate",
)


def measure(
    held_out: HeldOut,
    *,
    priority_order: Sequence[str] = (),
    unseen: int | None = None,
    capacity: float = REVIEW_CAPACITY,
    contract: HeadContract | None = None,
    taught: Mapping[str, int] | None = None,
    intervals: bool = True,
) -> Measures:
    """Every figure of one head.

    priority_order: the priorities, most urgent first; without it kappa is withheld with the reason.
    unseen: how many distinct true labels the head does not know (macro-F1 counts each as a class never found); not
        given, they count as one.
    capacity: share of tickets that can be reviewed. contract: what other rows proved; without it nothing is said of
        contracts. taught: rows of each label that were learned from; without it nothing is said of rare labels.
    intervals: whether to bootstrap (about a second for 10,000 rows).
    Raises ValueError where there is no row at all.
    """
    if not len(held_out.truth):
        raise ValueError(f"Figures of {held_out.head!r} need held-out rows, but there are none.")
    risk = held_out.head in RISK_HEADS
    special, withheld = _risk_figures(held_out, capacity) if risk else _choice_figures(held_out, priority_order)
    contracted, unproven = _contract_figures(held_out, contract)
    hit, confidence = held_out.hit, held_out.confidence
    rare, by_class = _rare(held_out, taught or {}), tuple(_by_class(held_out))
    worst = max((one for one in by_class if one.ece is not None), key=lambda one: one.ece or 0.0, default=None)
    return Measures(
        head=held_out.head,
        rows=len(hit),
        unknown=int((held_out.truth < 0).sum()),
        accuracy=float(hit.mean()),
        macro_f1=formulas.macro_f1(held_out.truth, held_out.answered, unseen=unseen),
        ece=formulas.calibration_error(confidence, hit),
        ece_equal_mass=formulas.equal_mass_error(confidence, hit),
        coverage_95=formulas.coverage_at(confidence, hit, DEMANDED_PRECISION),
        coverage_96=formulas.coverage_at(confidence, hit, 0.96),
        brier=formulas.brier(held_out.truth, held_out.probabilities) / (2 if risk else 1),
        log_loss=_number(formulas.log_loss(held_out.truth, held_out.probabilities)),
        ece_of_chance=formulas.calibration_error_of_chance(confidence),
        worst_label_ece=None if worst is None else worst.ece,
        worst_label=None if worst is None else worst.label,
        rare_recall=_number(formulas.mean_recall(held_out.truth, held_out.answered, rare)),
        **special,
        **contracted,
        withheld=withheld | unproven,
        intervals=_intervals(held_out, unseen, rare, capacity) if intervals else {},
        by_class=by_class,
    )


def _contract_figures(
    held_out: HeldOut, contract: HeadContract | None
) -> tuple[dict[str, float | None], dict[str, str]]:
    if contract is None:
        return {}, {}
    rows = applied(held_out, contract)
    figures = {
        "contract_coverage": float(rows.mean()),
        "contract_precision": _share(held_out.hit[rows].sum(), rows.sum()),
    }
    if rows.any():
        return figures, {}
    return figures, {"contract_precision": f"nothing is applied by itself at the demanded {contract.demand:g}"}


def _happened(held_out: HeldOut) -> NDArray[np.bool_]:
    return np.equal(held_out.truth, 1)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _risk_figures(held_out: HeldOut, capacity: float) -> tuple[dict[str, Any], dict[str, str]]:
    happened, probability = _happened(held_out), held_out.probabilities[:, 1]
    figures: dict[str, Any] = {
        "top3": None,
        "auroc": _number(formulas.auroc(happened, probability)),
        "average_precision": _number(formulas.average_precision(happened, probability)),
        "recall_at_capacity": _number(formulas.recall_at_capacity(happened, probability, capacity)),
        "false_alarms_at_capacity": _number(formulas.false_alarms_at_capacity(happened, probability, capacity)),
        "coverage_94": formulas.coverage_within(happened, probability, SAID_RIGHT, FALSE_ALARMS),
        "base_rate": float(happened.mean()),
    }
    why = "it happened in every held-out row" if happened.all() else "it happened in no held-out row"
    return figures, {name: why for name, value in figures.items() if value is None and name != "top3"}


def _choice_figures(held_out: HeldOut, priority_order: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    figures: dict[str, Any] = {"top3": formulas.top_share(held_out.truth, held_out.probabilities)}
    if held_out.head != "priority":
        return figures, {}
    levels = _levels(held_out, priority_order)
    if isinstance(levels, str):
        return figures, dict.fromkeys(("kappa", "two_levels_off"), levels)
    truth, answered, count = levels
    figures["two_levels_off"] = float(np.mean(np.abs(truth - answered) >= 2))
    kappa = formulas.quadratic_kappa(truth, answered, count)
    if math.isnan(kappa):
        return figures, {"kappa": "truth and answers are one and the same priority throughout"}
    return {**figures, "kappa": kappa}, {}


def _levels(held_out: HeldOut, priority_order: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], int] | str:
    """The levels of truth and answers in the desk's order, and how many there are; or why there are none."""
    if not priority_order:
        return "the order of the priorities is not known: say it in [labels] priority_order"
    strangers = sorted(set(held_out.labels) - set(priority_order))
    if strangers:
        return f"[labels] priority_order does not name {', '.join(map(repr, strangers))}"
    order = [label for label in priority_order if label in held_out.labels]
    level = np.array([order.index(label) for label in held_out.labels])
    known = held_out.truth >= 0
    if not known.any():
        return "no held-out row has a priority that the version knows"
    return level[held_out.truth[known]], level[held_out.answered[known]], len(order)


def _rare(held_out: HeldOut, taught: Mapping[str, int]) -> NDArray[np.int64]:
    """The columns of the rare labels; a risk head has none."""
    if held_out.head in RISK_HEADS:
        return np.empty(0, dtype=np.int64)
    columns = [column for column, label in enumerate(held_out.labels) if taught.get(label, 0) in RARE_ROWS]
    return np.array(columns, dtype=np.int64)


def _intervals(held_out: HeldOut, unseen: int | None, rare: NDArray[np.int64], capacity: float) -> dict[str, Interval]:
    truth, answered, hit, sure = held_out.truth, held_out.answered, held_out.hit, held_out.confidence
    figures: dict[str, Callable[[NDArray[np.int64]], float]] = {
        "accuracy": lambda rows: float(hit[rows].mean()),
        "macro_f1": redrawn.macro_f1(truth, answered, unseen=unseen),
        "coverage_96": redrawn.coverage_at(sure, hit, 0.96),
    }
    if np.isin(truth, rare).any():
        figures["rare_recall"] = lambda rows: formulas.mean_recall(truth[rows], answered[rows], rare)
    if held_out.head in RISK_HEADS:
        happened, probability = _happened(held_out), held_out.probabilities[:, 1]
        figures["auroc"] = redrawn.auroc(happened, probability)
        figures["average_precision"] = redrawn.average_precision(happened, probability)
        figures["recall_at_capacity"] = redrawn.recall_at_capacity(happened, probability, capacity)
    return {name: bootstrap(figure, len(truth)) for name, figure in figures.items()}


def _by_class(held_out: HeldOut) -> list[ClassMeasures]:
    """The labels that occur or are answered, the most frequent first; labels unknown to the head as one row."""
    width = len(held_out.labels)
    support = np.bincount(held_out.truth[held_out.truth >= 0], minlength=width)
    answered = np.bincount(held_out.answered, minlength=width)
    hits = np.bincount(held_out.truth[held_out.hit], minlength=width)
    sure = np.bincount(held_out.answered, weights=held_out.confidence, minlength=width)
    there = [column for column in range(width) if support[column] + answered[column]]
    low, high = wilson(hits / np.maximum(support, 1), np.maximum(support, 1))
    rows = [
        ClassMeasures(
            label=held_out.labels[column],
            support=int(support[column]),
            answered=int(answered[column]),
            precision=_share(hits[column], answered[column]),
            recall=_share(hits[column], support[column]),
            f1=float(2 * hits[column] / (support[column] + answered[column])),
            confidence=_share(sure[column], answered[column]),
            recall_low=float(low[column]) if support[column] else None,
            recall_high=float(high[column]) if support[column] else None,
            ece=_one_against_the_rest(held_out, column) if support[column] >= CALIBRATED_FROM else None,
        )
        for column in there
    ]
    unknown = int((held_out.truth < 0).sum())
    if unknown:
        rows.append(ClassMeasures(UNKNOWN_LABEL, unknown, 0, None, 0.0, 0.0, None))
    return sorted(rows, key=lambda row: (-row.support, row.label))


def _one_against_the_rest(held_out: HeldOut, column: int) -> float:
    return formulas.calibration_error(held_out.probabilities[:, column], np.equal(held_out.truth, column))


def _share(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None
