"""A run's first page: may this version go live? In a minute, without opening a file.

MLflow shows it on top of the run. Markdown; holds labels and column names, never a ticket's text. What is found out
later, by the gate and by the watch, takes the place of its section. Knows no MLflow.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from desk.gate import Judgement
from desk.gate_evidence import Figure, GateEvidence, RowsName
from desk.heads import HEADS, Head
from training.evidence.judging import HeadEvidence
from training.runs.checks import Check, checks_of, verdict_of
from training.runs.model_card import FIGURES
from training.runs.record import Training
from training.runs.sections import GO_LIVE, SINCE, headline

__all__ = ["champion_table", "first_page", "gate_verdict", "unasked_verdict"]

_SHOWN: Final = {
    False: ("accuracy", "macro_f1", "contract_coverage", "contract_precision", "ece"),
    True: ("auroc", "average_precision", "recall_at_capacity", "ece"),
}
"""Of each head the figures that the page has; the card has all. True: of a head that is about a risk."""

_COMPARED: Final = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "kappa": "kappa",
    "auroc": "AUROC",
    "ece": "calibration error",
    "coverage": "applied by itself",
}
_ON: Final[Mapping[RowsName, str]] = {
    "golden": "tickets of the golden set",
    "newest": "of the newest labelled tickets",
    "both": "tickets",
    "differing": "that both answer otherwise, their part of all",
}
_MOST_REASONS: Final = 6
_LONGEST: Final = 260
"""Characters of one line of evidence: a desk with odd labels must not fill the page."""


def first_page(training: Training, runs: Mapping[Head, str] | None = None) -> str:
    """The page as training leaves it. runs: the address of each head's own run, for links."""
    checks = checks_of(training)
    answer, grounds = _verdict(training, checks)
    parts = (
        _section(GO_LIVE, grounds, answer),
        _section("What was found", _table(checks)),
        _section("How good it is, on tickets that it never saw", _figures(training.heads)),
        _section("Where to look next", _where(training, runs or {})),
        _section(SINCE, iter(["Nobody has looked yet; `pointsman drift` and `pointsman work` do once it answers."])),
    )
    return "\n\n".join(parts) + "\n"


def gate_verdict(champion: str, evidence: GateEvidence, judgement: Judgement, outcome: str) -> tuple[str, str]:
    """What the gate said of it, for the section `GO_LIVE`: the answer, and what it rests on."""
    rows = " and ".join(f"{count:,} {_ON[on]}" for on, count in evidence.rows.items() if count)
    then = "" if judgement.passes else f" Version {champion} goes on answering."
    lines = [f"The gate compared it with version {champion} on {rows or 'no tickets'}: {outcome}.{then}", ""]
    lines += [f"- {_cut(reason)}" for reason in judgement.reasons[:_MOST_REASONS]]
    lines += [f"- let pass: {_cut(note)}" for note in judgement.notes[:_MOST_REASONS]]
    more = len(judgement.reasons) - _MOST_REASONS
    lines += [f"- and {more} more: `gate.md`"] if more > 0 else []
    return "Yes" if judgement.passes else "No", "\n".join([*lines, "", *champion_table(champion, evidence)])


def unasked_verdict(reason: str) -> tuple[str, str]:
    """For the section `GO_LIVE` of a version that is promoted without a judgement."""
    return "Promoted", f"{_cut(reason).capitalize()}: there was no champion that the gate could compare it with."


def champion_table(champion: str, evidence: GateEvidence) -> list[str]:
    """Both versions on the same rows, the main figures; slices are in the run's files."""
    figures = [one for one in evidence.figures if not one.where and one.on != "both" and one.name in _COMPARED]
    if not figures:
        return []
    lines = [
        _row("on the same tickets", "", f"version {champion}", "this version", "difference (interval)"),
        _row("---", "---", "---", "---", "---"),
    ]
    return lines + [_compared(one) for one in figures]


def _compared(one: Figure) -> str:
    difference = one.challenger - one.champion
    mark = " **worse**" if one.is_worse else " **better**" if one.is_better else ""
    return _row(
        f"{one.head}: {_COMPARED[one.name]}",
        f"{one.rows:,} {_ON[one.on]}",
        f"{one.champion:.3f}",
        f"{one.challenger:.3f}",
        f"{difference:+.3f} ({one.low:+.3f} to {one.high:+.3f}){mark}",
    )


def _section(heading: str, lines: Iterator[str], answer: str = "") -> str:
    return f"{headline(heading, answer)}\n\n" + "\n".join(lines)


def _verdict(training: Training, checks: tuple[Check, ...]) -> tuple[str, Iterator[str]]:
    """The answer in a word or two, and what it rests on."""
    against = training.against
    judgement = None if against is None else against.judgement
    if training.awaits == "the gate":
        return "Not judged yet", _grounds(training, checks, "The gate compares it with the champion next.")
    if against is None:
        told = "It is the desk's first version: there is no champion to compare it with."
        return verdict_of(checks), _grounds(training, checks, told)
    if judgement is None or against.evidence is None:
        told = f"Version {against.champion} answers; the two were not compared: {against.why_not}."
        return verdict_of(checks), _grounds(training, checks, told)
    margins = "let this one pass" if judgement.passes else "refuse this one"
    told = (
        f"Version {against.champion} answers until somebody promotes another. On {against.evidence.rows['newest']:,} "
        f"tickets that taught neither, the gate's margins would {margins}:"
    )
    reasons = [f"- {_cut(one)}" for one in judgement.reasons[:_MOST_REASONS]]
    answer = verdict_of(checks) if judgement.passes else "Rather not"
    table = champion_table(against.champion, against.evidence)
    return answer, _grounds(training, checks, "\n".join([told, "", *reasons, "", *table]))


def _grounds(training: Training, checks: tuple[Check, ...], told: str) -> Iterator[str]:
    """What MLflow shows of the page before it is unfolded, and the champion."""
    yield f"{_in_a_line(training)}"
    minded = [f"{one.topic} (**{one.finding}**)" for one in checks if one.finding != "yes"]
    yield f"To mind: {', '.join(minded)}." if minded else "To mind: nothing stands out."
    yield ""
    yield told


def _in_a_line(training: Training) -> str:
    told = []
    for head in HEADS:
        if head in training.heads:
            measures = training.heads[head].measures
            found = f"{measures.accuracy:.1%} right" if measures.auroc is None else f"AUROC {measures.auroc:.3f}"
            applied = measures.contract_coverage
            told.append(f"{head} {found}" + ("" if applied is None else f", {applied:.0%} applied by itself"))
    return "; ".join(told) + "." if told else "No head was judged."


def _table(checks: tuple[Check, ...]) -> Iterator[str]:
    yield _row("question", "", "evidence")
    yield _row("---", "---", "---")
    for one in checks:
        yield _row(one.question, f"**{one.finding}**", _cut(one.words))


def _figures(heads: Mapping[Head, HeadEvidence]) -> Iterator[str]:
    if not heads:
        yield "No head was judged."
        return
    yield _row("head", "figure", "this version (95 % interval)", "simple model", "most frequent")
    yield _row("---", "---", "---", "---", "---")
    for head in HEADS:
        if head in heads:
            yield from _head_rows(head, heads[head])


def _head_rows(head: Head, one: HeadEvidence) -> Iterator[str]:
    figures, first = one.measures.figures(), f"**{head}**, {one.measures.rows:,} tickets"
    beside = [
        one.beside_measures[name].figures() if name in one.beside_measures else {} for name in ("linear", "majority")
    ]
    for name in _SHOWN[one.measures.auroc is not None]:
        if name in figures:
            between = one.measures.intervals.get(name)
            ends = "" if between is None else f" ({between.low:.3f} to {between.high:.3f})"
            others = [f"{some[name]:.3f}" if name in some else "" for some in beside]
            yield _row(first, FIGURES[name], f"**{figures[name]:.3f}**{ends}", *others)
            first = ""


def _where(training: Training, runs: Mapping[Head, str]) -> Iterator[str]:
    for head in training.heads:
        name = f"[{head}]({runs[head]})" if head in runs else head
        told = [f"{len(training.heads[head].worst)} worst errors"]
        told += [f"learning curve: {training.curves[head].words}"] if head in training.curves else []
        yield f"- {name}: {'; '.join(told)}"
    if training.suspects:
        yield f"- `suspects.csv`, `pointsman suspects`: {len(training.suspects):,} labels that are probably wrong"
    for move in training.moves:
        yield f"- `read_anew.csv`: {_cut(move.words)}"
    yield "- `summary.png`: all heads beside the baselines; `model_card.md`: everything, with what to mind"
    yield f"- learned from {len(training.history.rows):,} tickets; held out: {training.split}"


def _cut(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
