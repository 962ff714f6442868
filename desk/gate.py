"""May a new version take the champion's place? The judgement, in words.

A challenger is refused for what is surely worse beyond its margin. Some hundred figures are looked at, of which one in
twenty would seem so by chance alone: their p-values are corrected (Holm, 1979). And it takes a proof to be promoted: on
all rows that judge, that it is better at something, corrected in the same way, while no head looks worse than its
margin, or that nothing is worse than its margin. Where only a proof is missing it is undecided, and people can be asked
about what would tell (`desk.run_off`). Knows neither versions nor how a figure comes about.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from desk.gate_policy import GatePolicy
from desk.heads import CLASS_HEADS, Head
from desk.run_off import Tally

__all__ = [
    "LOWER_IS_BETTER",
    "Changed",
    "Figure",
    "GateEvidence",
    "Judgement",
    "RowsName",
    "evidence_in",
    "judged",
    "with_run_off",
]

RowsName: TypeAlias = Literal["golden", "newest", "both", "differing"]
"""differing: tickets that the two answer otherwise, of which people were asked by chance."""

ALPHA: Final = 0.05
"""The chance that a version that is as good is refused for any of its figures, at most."""

_Z: Final = 1.959964
"""Half the width of a 95 % interval, in standard errors."""

LOWER_IS_BETTER: Final = frozenset({"ece", "brier"})

_SPOKEN: Final[Mapping[str, str]] = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "kappa": "kappa",
    "auroc": "AUROC",
    "ece": "calibration error",
    "brier": "Brier score",
    "coverage": "share applied by itself",
}
_ON: Final[Mapping[RowsName, str]] = {
    "golden": "the golden set",
    "newest": "the newest tickets",
    "both": "all tickets that judge",
    "differing": "tickets that the two answer otherwise",
}
_PROVING: Final[frozenset[RowsName]] = frozenset({"both", "differing"})
"""Rows that tell of the tickets of today as they come, so that they prove something."""

_NOW: Final[frozenset[RowsName]] = frozenset({"newest", "differing"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both versions on the same rows.

    low, high: interval of challenger minus champion at 95 %; NaN where it has none. where: the slice, such as "queue
    Billing"; empty for all rows. name: as in `GatePolicy`, and `brier` of a risk's slice. tally: of `differing` rows,
    what was counted; then champion and challenger are what these rows give to the accuracy on all tickets.
    """

    on: RowsName
    head: Head
    name: str
    rows: int
    champion: float
    challenger: float
    low: float
    high: float
    where: str = ""
    tally: Tally | None = None

    @property
    def loss(self) -> float:
        """How much worse the challenger is; below nought where it is better."""
        difference = self.challenger - self.champion
        return difference if self.name in LOWER_IS_BETTER else -difference

    @property
    def is_worse(self) -> bool:
        """Whether the challenger is worse, and not by chance."""
        return self.low > 0 if self.name in LOWER_IS_BETTER else self.high < 0

    @property
    def is_better(self) -> bool:
        """Whether the challenger is better, and not by chance."""
        return self.high < 0 if self.name in LOWER_IS_BETTER else self.low > 0


@dataclass(frozen=True, slots=True)
class Changed:
    """share: of so many tickets, those that both answer, neither abstaining, and with different labels."""

    tickets: int
    share: float


@dataclass(frozen=True, slots=True)
class GateEvidence:
    """What the judgement is made from. rows: how many labelled rows of either kind judged.

    changed: by head. milliseconds, megabytes, taught: (champion, challenger), of one ticket, of the whole version, and
    the tickets that it learned from; nought where it was not measured. missing: heads that the champion answers and the
    challenger lacks, with the reason.
    """

    rows: Mapping[RowsName, int]
    figures: Sequence[Figure] = ()
    changed: Mapping[Head, Changed] = field(default_factory=dict)
    milliseconds: tuple[float, float] = (0.0, 0.0)
    megabytes: tuple[float, float] = (0.0, 0.0)
    taught: tuple[int, int] = (0, 0)
    missing: Mapping[Head, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; a number that is none is null."""
        figures = [
            {name: None if isinstance(one, float) and math.isnan(one) else one for name, one in asdict(figure).items()}
            for figure in self.figures
        ]
        return {
            "rows": dict(self.rows),
            "figures": figures,
            "changed": {head: asdict(one) for head, one in self.changed.items()},
            "milliseconds": list(self.milliseconds),
            "megabytes": list(self.megabytes),
            "taught": list(self.taught),
            "missing": dict(self.missing),
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """passes: whether the challenger may take the champion's place. reasons: why not, in words, or why, where it may.

    notes: what would have spoken against it, and was let pass. undecided: whether it would pass, were it proven that
    its answers are right more often than the champion's where they differ.
    """

    passes: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    undecided: bool = False


def judged(evidence: GateEvidence, policy: GatePolicy) -> Judgement:
    """The judgement that follows from the evidence."""
    found = _judged(evidence, policy)
    if found.passes:
        return found
    return replace(found, undecided=_judged(_were_it_better(evidence), policy).passes)


def evidence_in(value: Mapping[str, Any]) -> GateEvidence:
    """What `GateEvidence.to_json` gave. Raises KeyError, TypeError where it is none."""
    return GateEvidence(
        rows=value["rows"],
        figures=tuple(_figure_in(one) for one in value["figures"]),
        changed={head: Changed(**one) for head, one in value["changed"].items()},
        milliseconds=tuple(value["milliseconds"]),
        megabytes=tuple(value["megabytes"]),
        taught=tuple(value.get("taught", (0, 0))),
        missing=value["missing"],
    )


def with_run_off(evidence: GateEvidence, tallies: Mapping[Head, Tally]) -> GateEvidence:
    """The evidence with what people said of tickets that the two answer otherwise, in place of what was known of it."""
    kept = [one for one in evidence.figures if one.on != "differing"]
    return replace(evidence, figures=(*kept, *(_run_off_figure(head, tally) for head, tally in tallies.items())))


def _run_off_figure(head: Head, tally: Tally) -> Figure:
    told = max(tally.told, 1)
    champion, challenger = (tally.share * count / told for count in (tally.champion, tally.challenger))
    low, high = tally.interval
    return Figure("differing", head, "accuracy", tally.told, champion, challenger, low, high, tally=tally)


def _figure_in(value: Mapping[str, Any]) -> Figure:
    numbers: dict[str, Any] = {
        name: math.nan if one is None else one for name, one in value.items() if name not in ("tally", "where")
    }
    tally = value.get("tally")
    return Figure(**numbers, where=value["where"], tally=None if tally is None else Tally(**tally))


def _judged(evidence: GateEvidence, policy: GatePolicy) -> Judgement:
    against = list(_against(evidence, policy))
    notes: list[str] = []
    for figure in _worse_ones(evidence.figures, policy):
        if _is_outdone(figure, evidence.figures):
            notes.append(f"{_worse(figure, policy)}, but on the newest tickets it is better: the desk has changed")
        else:
            against.append(_worse(figure, policy))
    if against:
        return Judgement(False, tuple(against), tuple(notes))
    better = _better_ones(evidence.figures)
    harmless = {one.head for one in evidence.figures if one.on in _PROVING and _is_harmless(one, policy)}
    unproven = [one for one in evidence.figures if one.on == "both" and one.head not in harmless]
    if better:
        unproven = [one for one in unproven if _looks_worse(one, evidence.figures, policy)]
    if unproven:
        words = _maybe_worse if better else _unproven
        return Judgement(False, tuple(words(figure, policy) for figure in unproven), tuple(notes))
    reasons = tuple(map(_told, better)) or ("it is surely no worse than its margins allow, and knows newer tickets",)
    return Judgement(True, reasons, tuple(notes))


def _were_it_better(evidence: GateEvidence) -> GateEvidence:
    """The evidence, had people found the challenger right and the champion wrong wherever they were asked."""
    heads = {figure.head for figure in evidence.figures} & {*CLASS_HEADS}
    told = Tally(tickets=1_000, differing=100, told=100, champion=0, challenger=100)
    return with_run_off(evidence, dict.fromkeys(sorted(heads), told))


def _against(evidence: GateEvidence, policy: GatePolicy) -> Sequence[str]:
    """What speaks against the challenger beside its figures."""
    found = [f"it has no {head} head: {reason}" for head, reason in evidence.missing.items()]
    if max((evidence.rows.get(name, 0) for name in ("golden", "newest")), default=0) < policy.fewest_rows:
        golden, newest = (evidence.rows.get(name, 0) for name in ("golden", "newest"))
        found.append(
            f"too few rows judge it: {golden} of the golden set and {newest} new labelled tickets, where "
            f"{policy.fewest_rows} of either are needed"
        )
    for head, changed in evidence.changed.items():
        if changed.share > policy.changed and not _is_for_the_better(head, evidence.figures):
            found.append(
                f"it answers the {head} of {changed.share:.0%} of {changed.tickets:,} recent tickets otherwise, where "
                f"{policy.changed:.0%} is allowed and no new label says that it is right"
            )
    fewer, more = evidence.taught
    grown = max(more / fewer, 1.0) if fewer else 1.0  # who learned from twice as many tickets knows twice as many
    for (before, now), allowed, what, unit in (
        (evidence.milliseconds, policy.slower, "takes", "ms a ticket"),
        (evidence.megabytes, policy.larger * grown, "has", "MB"),
    ):
        if before and now > allowed * before:
            found.append(
                f"it {what} {now:.3g} {unit}, {now / before:.1f} times the champion's; {allowed:.3g} times is allowed"
            )
    return found


def _is_for_the_better(head: Head, figures: Sequence[Figure]) -> bool:
    """Whether new labels say so of what a head answers otherwise: by a proof, or people who were asked about just that.

    The limit is a fuse against a version gone astray, not a demand for a proof of each head: where people, asked by
    chance, name the challenger's answers more often than the champion's, it holds.
    """
    return any(
        (one.is_better or (one.tally is not None and one.tally.challenger > one.tally.champion))
        for one in figures
        if one.head == head and one.name == "accuracy" and not one.where and one.on in _NOW
    )


def _worse_ones(figures: Sequence[Figure], policy: GatePolicy) -> list[Figure]:
    """What is surely worse: a head's main figure at all, on all rows together; any other by more than its margin."""
    main = [figure for figure in figures if figure.on == "both" and figure.loss > _margin(figure, policy)]
    others = [figure for figure in figures if figure.on != "both" and not math.isnan(figure.loss)]
    heads = sum(figure.on == "both" for figure in figures)
    found = [figure for figure in main if _chance(figure, 0.0) <= ALPHA / heads]
    worse = _surely([_chance(figure, _margin(figure, policy)) for figure in others])
    return [*found, *(figure for place, figure in enumerate(others) if place in worse)]


def _better_ones(figures: Sequence[Figure]) -> list[Figure]:
    """What is surely better, of a head's main figure and of what people told: corrected for how many could seem so."""
    proofs = [figure for figure in figures if figure.on in _PROVING]
    chances = [_chance(replace(one, champion=one.challenger, challenger=one.champion), 0.0) for one in proofs]
    return [proofs[place] for place in sorted(_surely(chances))]


def _looks_worse(figure: Figure, figures: Sequence[Figure], policy: GatePolicy) -> bool:
    """Whether a head seems worse by more than its margin, be it by chance: by `figure` and what people told, pooled.

    Each counts as precisely as it is known (inverse variances): who was asked, was asked about other tickets.
    """
    told = [one for one in figures if one.on == "differing" and one.head == figure.head]
    known = [(one.loss, one.high - one.low) for one in (figure, *told) if one.high > one.low]
    if not known:
        return figure.loss > _margin(figure, policy)
    weights = [width**-2 for _, width in known]
    pooled = sum(weight * loss for weight, (loss, _) in zip(weights, known, strict=True)) / sum(weights)
    return pooled > _margin(figure, policy)


def _surely(chances: Sequence[float]) -> set[int]:
    """The places of the p-values that hold together at `ALPHA`.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics (1979).
    """
    found = set()
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[place] > ALPHA / (len(chances) - rank):
            break
        found.add(place)
    return found


def _chance(figure: Figure, margin: float) -> float:
    """How likely so great a loss is where the challenger is worse by no more than `margin`: a normal approximation."""
    error = (figure.high - figure.low) / (2 * _Z)
    if math.isnan(error):
        return 1.0
    beyond = figure.loss - margin
    if error <= 0:
        return 0.0 if beyond > 0 else 1.0
    return 0.5 * math.erfc(beyond / error / math.sqrt(2))


def _margin(figure: Figure, policy: GatePolicy) -> float:
    return policy.of_a_slice if figure.where else policy.margin(figure.name)


def _is_harmless(figure: Figure, policy: GatePolicy) -> bool:
    """Whether more than its margin can be ruled out."""
    return not figure.low <= -_margin(figure, policy)  # where nothing is known there is nothing to rule out


def _unproven(figure: Figure, policy: GatePolicy) -> str:
    return (
        f"nothing proves it better, and on {_ON[figure.on]} ({figure.rows:,} rows) its {figure.head} "
        f"{_SPOKEN[figure.name]} may be {_points(-figure.low)} lower {_signed(figure)}, where "
        f"{_points(_margin(figure, policy))} are allowed: more labels will tell"
    )


def _maybe_worse(figure: Figure, policy: GatePolicy) -> str:
    return (
        f"on {_ON[figure.on]} ({figure.rows:,} rows) its {figure.head} {_SPOKEN[figure.name]} looks "
        f"{_points(figure.loss)} lower {_signed(figure)}, where {_points(_margin(figure, policy))} are allowed, and "
        "nothing says yet that this is chance: more labels will tell"
    )


def _signed(figure: Figure) -> str:
    return f"({100 * figure.low:+.1f} to {100 * figure.high:+.1f})"


def _is_outdone(figure: Figure, figures: Sequence[Figure]) -> bool:
    """Whether something better on the newest tickets makes up for it.

    For a loss on old tickets the same figure, for then they are out of date. For a smaller share applied by itself that
    more answers are right: who has learned that the desk has changed is sure of less until there is evidence again.
    """
    better = {
        one.name for one in figures if one.is_better and one.on in _NOW and one.head == figure.head and not one.where
    }
    if figure.name == "coverage" and "accuracy" in better:
        return True
    return figure.on in ("golden", "both") and figure.name in better


def _worse(figure: Figure, policy: GatePolicy) -> str:
    return f"{_told(figure)}; {_points(_margin(figure, policy))} worse is allowed"


def _told(figure: Figure) -> str:
    if figure.tally is not None:
        return _counted(figure, figure.tally)
    where = f" of {figure.where}" if figure.where else ""
    direction = "higher" if figure.challenger > figure.champion else "lower"
    low, high = sorted((abs(figure.low), abs(figure.high)))
    return (
        f"on {_ON[figure.on]} ({figure.rows:,} rows{where}) its {figure.head} {_SPOKEN[figure.name]} is "
        f"{figure.challenger:.3f}, the champion's {figure.champion:.3f}: {_points(abs(figure.loss))} {direction} "
        f"({100 * low:.1f} to {100 * high:.1f})"
    )


def _counted(figure: Figure, tally: Tally) -> str:
    more = "more" if figure.challenger >= figure.champion else "fewer"
    return (
        f"asked by chance about {tally.told:,} of the {tally.differing:,} of {tally.tickets:,} tickets whose "
        f"{figure.head} they answer otherwise, people named the challenger's {tally.challenger:,} times and the "
        f"champion's {tally.champion:,} times: {_points(abs(figure.loss))} {more} are right "
        f"({100 * figure.low:+.1f} to {100 * figure.high:+.1f})"
    )


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"
