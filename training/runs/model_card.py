"""A version's card: what it learned from, how good it is beside what a desk would have without it, what to mind.

Markdown for people. Knows a training, not where its card is shown.
"""

from collections.abc import Iterator, Mapping

from desk.heads import HEADS, Head
from training.evidence.growing import GrowthEvidence
from training.evidence.judging import HeadEvidence
from training.evidence.metrics import Measures
from training.evidence.slices import Slice, main_figure, weakest
from training.runs.record import Training

__all__ = ["model_card", "new_queue_note", "unjudged_note"]

FIGURES = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "top3": "top-3 accuracy",
    "rare_recall": "mean recall of labels with 5 to 30 rows",
    "ece": "calibration error (ECE)",
    "ece_of_chance": "what perfect calibration would stay under",
    "worst_label_ece": "calibration error of the worst label",
    "coverage_95": "answered at 95 % precision",
    "coverage_96": "answered at 96 % precision",
    "contract_coverage": "applied under contract",
    "contract_precision": "precision under contract",
    "kappa": "quadratic kappa",
    "two_levels_off": "two levels off or more",
    "auroc": "AUROC",
    "average_precision": "average precision",
    "recall_at_capacity": "recall at review capacity",
    "false_alarms_at_capacity": "false-positive rate at review capacity",
    "coverage_94": "yes or no at 94 %, under 6 % flagged wrongly",
    "base_rate": "base rate",
}
RARE_SHOWN = 8


def model_card(training: Training) -> str:
    """The card, in markdown; holds labels and column names, never a ticket's text."""
    parts = (
        _origin(training),
        _figures(training.heads),
        *((_growing(training.growing),) if training.growing else ()),
        _slices(training.heads),
        _factors(training),
        _warnings(training),
        _making(training),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _origin(training: Training) -> Iterator[str]:
    rows = len(training.history.rows)
    yield f"# Learned from {rows:,} resolved tickets"
    yield ""
    window = training.window
    opened = f"opened {window[0]:%Y-%m-%d} to {window[1]:%Y-%m-%d}" if window else "without times"
    answered = [head for head in HEADS if head in training.heads]
    told = [_headline(training.heads[head]) for head in answered]
    told += [f"**{head}**, of which nothing was held out to judge by" for head in training.unjudged]
    yield "Answers " + (", ".join(told) or "nothing") + "."
    yield f"Tickets {opened}. Held out: {training.split}."
    yield f"Escalated means: {training.history.label_rule}." if training.history.label_rule else ""


def _headline(evidence: HeadEvidence) -> str:
    measures = evidence.measures
    if measures.auroc is not None:
        return f"**{measures.head}** with AUROC {measures.auroc:.3f}"
    return f"**{measures.head}** with accuracy {measures.accuracy:.3f}"


def _figures(heads: Mapping[Head, HeadEvidence]) -> Iterator[str]:
    names = list(dict.fromkeys(name for one in heads.values() for name in one.beside_measures))
    yield "## On tickets that it never saw"
    yield ""
    yield _row("head", "figure", "this version", "95 % interval", *names)
    yield _row("---", "---", "--:", "--:", *("--:" for _ in names))
    for head in HEADS:
        if head in heads:
            yield from _head_rows(head, heads[head], names)


def _head_rows(head: Head, evidence: HeadEvidence, names: list[str]) -> Iterator[str]:
    figures, first = evidence.measures.figures(), f"**{head}** ({evidence.measures.rows:,} tickets)"
    others = [evidence.beside_measures[name].figures() if name in evidence.beside_measures else {} for name in names]
    for figure, spoken in FIGURES.items():
        if figure in figures:
            between = evidence.measures.intervals.get(figure)
            shown = f"{between.low:.3f} to {between.high:.3f}" if between else ""
            beside = [f"{one[figure]:.3f}" if figure in one else "" for one in others]
            yield _row(first, spoken, f"**{figures[figure]:.3f}**", shown, *beside)
            first = ""


def _growing(growing: Mapping[Head, GrowthEvidence]) -> Iterator[str]:
    yield "## As tickets grow"
    yield ""
    yield "Held-out tickets scored again after each message that was written while they were open, beside what was said"
    yield "of the same tickets at their opening."
    yield ""
    yield _row("head", "messages", "tickets", "base rate", "AUROC", "at opening", "gain", "ECE", "of chance under")
    yield _row("---", *("--:" for _ in range(8)))
    for head, one in growing.items():
        for at in one.moments:
            shown = (at.base_rate, at.auroc, at.opening_auroc, at.gain, at.ece, at.ece_of_chance)
            yield _row(f"**{head}**", f"{at.messages}", f"{at.rows:,}", *(f"{value:.3f}" for value in shown))


def _slices(heads: Mapping[Head, HeadEvidence]) -> Iterator[str]:
    yield "## Who is served worse"
    yield ""
    yield "Of labels, languages, channels and customer tiers the worst of each, where its 95 % interval lies below the"
    yield "figure of all tickets. `by_slice.csv` of each head has every slice."
    yield ""
    told = [line for evidence in heads.values() for line in _worst_slices(evidence)]
    yield from told or ["- no slice falls behind beyond chance"]
    for head, evidence in heads.items():
        error = evidence.measures.worst_label_ece
        if error is not None:
            yield f"- {head}: least calibrated is the probability of `{evidence.measures.worst_label}`, {error:.3f} off"


def _worst_slices(evidence: HeadEvidence) -> Iterator[str]:
    figure, whole = main_figure(evidence.held_out)
    for one in weakest(evidence.slices, figure, whole):
        yield f"- {evidence.held_out.head}: {_in_words(one, figure)}, against {whole:.3f} of all"


def _in_words(one: Slice, figure: str) -> str:
    estimate, spoken = one.figures[figure], "recall" if one.by == "label" else FIGURES[figure]
    between = "" if estimate.between is None else f" ({estimate.between.low:.3f} to {estimate.between.high:.3f})"
    return f"{one.by} `{one.name}`, {one.rows:,} tickets, {spoken} {estimate.value:.3f}{between}"


def _factors(training: Training) -> Iterator[str]:
    yield "## Factors of the priority score"
    yield ""
    yield "Rank correlation with what the outcomes say, on the same tickets; AUROC of the tag. A factor that was not"
    yield "learned is read off the text's own signs."
    yield ""
    yield _row("factor", "tickets", "learned", "own signs", "tag, learned", "tag, own signs")
    yield _row("---", "--:", "--:", "--:", "--:", "--:")
    for factor, one in training.factors.items():
        figures = (one.rank_correlation, one.signs_rank_correlation, one.auroc, one.signs_auroc)
        yield _row(factor, f"{one.rows:,}", *("" if value is None else f"{value:.3f}" for value in figures))


def _warnings(training: Training) -> Iterator[str]:
    yield "## To mind"
    yield ""
    told = [*_about_heads(training), *_about_columns(training), *training.history.notes]
    yield from (f"- {one}" for one in told or ["nothing stands out"])


def _about_heads(training: Training) -> Iterator[str]:
    for head, reason in training.skipped.items():
        yield f"**{head}** was skipped: {reason}"
    yield from (f"**{unjudged_note(head)}**" for head in training.unjudged)
    for head, one in training.heads.items():
        if not one.learned.something:
            yield f"**{one.learned.words}**"
        yield from (f"**{doubt}**" for doubt in one.doubts)
        yield from (f"{head}: {figure} is withheld, for {why}" for figure, why in one.measures.withheld.items())
        if one.measures.unknown:
            yield f"{head}: {one.measures.unknown:,} held-out tickets have a label never learned and count as wrong"
    for head, measures in training.golden.items():
        yield f"{head}: on the golden set, {_golden(measures)}"
    if training.suspects:
        count = len(training.suspects)
        yield f"{count:,} labels are probably wrong and were learned all the same: `pointsman suspects` lists them"
    yield from (f"{move.words}: `read_anew.csv`" for move in training.moves)
    yield from map(new_queue_note, training.new_queues)
    for head, labels in training.rare_labels.items():
        if labels:
            listed = [f"`{label}` ({count})" for label, count in list(labels.items())[:RARE_SHOWN]]
            more = f" and {len(labels) - RARE_SHOWN} more" if len(labels) > RARE_SHOWN else ""
            yield f"{head}: too few rows to learn well: {', '.join(listed)}{more}"


def _golden(measures: Measures) -> str:
    """What the version itself, and not its twin, is worth on rows that never taught any version."""
    name = "accuracy" if measures.auroc is None else "auroc"
    between, value = measures.intervals.get(name), getattr(measures, name)
    ends = "" if between is None else f" ({between.low:.3f} to {between.high:.3f})"
    return f"{measures.rows:,} tickets that never taught any version: {FIGURES[name]} {value:.3f}{ends}"


def new_queue_note(queue: str) -> str:
    """What is to be known of a queue that the desk described and that no ticket has."""
    return f"queue `{queue}` has no ticket yet: it is answered by its description alone, and never applied by itself"


def unjudged_note(head: Head) -> str:
    """What is to be known of a head that no held-out row judged."""
    return f"{head} is learned and not judged: no ticket with its label was held out, and none of its figures is known"


def _about_columns(training: Training) -> Iterator[str]:
    for finding in training.leakage.findings:
        if finding.verdict == "warn":
            yield f"column `{finding.column}` may know the future and is used: {finding.reason}"
        elif finding.column in training.allowed_leakage:
            yield f"**column `{finding.column}` knows the future and is used as the user insisted**: {finding.reason}"


def _making(training: Training) -> Iterator[str]:
    yield "## How it was made"
    yield ""
    yield f"- history `{training.history.digest}`"
    yield f"- code `{training.commit}`"
    if training.settings:
        yield f"- settings: {', '.join(f'`{name}` {value}' for name, value in training.settings.items())}"
    if training.seconds:
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in training.seconds.items())
        yield f"- took {steps}"
    yield "- baselines, refitted on the same rows: *majority* always answers the most frequent label, *linear* is"
    yield "  TF-IDF and one-hot attributes in a linear support vector machine, whose probabilities are not calibrated,"
    yield "  *score* deals the priorities' shares out by the multi-factor score"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
