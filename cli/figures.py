"""Figures of heads beside the baselines, as a table for people. Knows evidence, not where it comes from."""

from collections.abc import Iterator, Mapping

from rich.table import Table
from rich.text import Text

from desk.heads import Head
from models.factors import Taught
from training.evidence.factors import FactorEvidence
from training.evidence.judging import HeadEvidence
from training.evidence.slices import Estimate, largest

__all__ = ["factors_table", "figures_table", "slices_table"]

SHOWN = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "top3": "top-3 accuracy",
    "rare_recall": "recall of rare labels",
    "kappa": "quadratic kappa",
    "two_levels_off": "two levels off",
    "auroc": "AUROC",
    "average_precision": "average precision",
    "recall_at_capacity": "recall at capacity",
    "false_alarms_at_capacity": "false positives",
    "coverage_94": "yes or no at 94 %",
    "ece": "ECE",
    "ece_of_chance": "ECE of chance",
    "worst_label_ece": "ECE, worst label",
    "coverage_95": "coverage at 95 %",
    "coverage_96": "coverage at 96 %",
    "contract_coverage": "under contract",
    "contract_precision": "its precision",
}


def figures_table(heads: Mapping[Head, HeadEvidence]) -> Table:
    """A row a figure, a column for the version, its 95 % interval, and each baseline."""
    table = Table(
        title="On tickets that it never saw",
        title_justify="left",
        caption=f"{_rows_judged(heads)}\n"
        "linear: TF-IDF and one-hot facts with LinearSVC. score: the multi-factor score.\n"
        "two levels off: share of priorities that are wrong by two levels or more. ECE: calibration error, 15 bins.\n"
        "ECE of chance: what perfect calibration would stay under on so many rows.\n"
        "ECE, worst label: of its probability against the rest's, of the labels with 200 rows.\n"
        "recall of rare labels: mean over the labels that were learned from 5 to 30 rows.\n"
        "coverage at 95 %: share of tickets answered with a precision of 95 %.\n"
        "under contract: share applied without asking, by thresholds that other rows proved.\n"
        "recall at capacity: share of escalations among the riskiest tickets that can be reviewed (12 % unless set);\n"
        "false positives: share of the others among them.\n"
        "yes or no at 94 %: share told rightly in 94 % of cases, with under 6 % of the others flagged.",
        caption_justify="left",
    )
    table.add_column("head", no_wrap=True)
    table.add_column("figure", no_wrap=True)
    table.add_column("version", justify="right", style="bold", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    names = list(dict.fromkeys(name for one in heads.values() for name in one.beside_measures))
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for head, evidence in heads.items():
        for row in _rows(head, evidence, names):
            table.add_row(*row)
        table.add_section()
    return table


def slices_table(heads: Mapping[Head, HeadEvidence]) -> Table:
    """A row a slice of each head: figures with their 95 % intervals."""
    figures = list(dict.fromkeys(name for one in heads.values() for slice_ in one.slices for name in slice_.figures))
    table = Table(
        title="By label, language, channel and customer tier",
        title_justify="left",
        caption="With 95 % intervals; of a label, accuracy is its recall. Fewer than 30 tickets are pooled as others.\n"
        "The largest slices; all are in --json. Languages are the tickets' own, else detected.",
        caption_justify="left",
    )
    for name in ("head", "by", "slice"):
        table.add_column(name)
    for name in ("rows", *(SHOWN[figure] for figure in figures)):
        table.add_column(name, justify="right")
    for head, evidence in heads.items():
        for one in largest(evidence.slices):
            cells = [_estimate(one.figures.get(figure)) for figure in figures]
            table.add_row(head, one.by, Text(one.name), f"{one.rows:,}", *cells)
        table.add_section()
    return table


def _estimate(one: Estimate | None) -> str:
    if one is None:
        return ""
    return f"{one.value:.3f}" + (f" {one.between.low:.2f}–{one.between.high:.2f}" if one.between else "")


def factors_table(factors: Mapping[Taught, FactorEvidence]) -> Table:
    """A row a factor of the multi-factor score: what was learned, beside the text's own signs."""
    table = Table(
        title="Factors of the priority score",
        title_justify="left",
        caption="Rank correlation with what the outcomes say; AUROC of the tag.\n"
        "own signs: what answers where nothing was learned.",
        caption_justify="left",
    )
    table.add_column("factor", no_wrap=True)
    for name in ("rows", "learned", "own signs", "tag, learned", "tag, own signs"):
        table.add_column(name, justify="right", no_wrap=True)
    for factor, one in factors.items():
        figures = (one.rank_correlation, one.signs_rank_correlation, one.auroc, one.signs_auroc)
        shown = ["" if value is None else f"{value:.3f}" for value in figures]
        table.add_row(factor, f"{one.rows:,}", *shown)
    return table


def _rows_judged(heads: Mapping[Head, HeadEvidence]) -> str:
    return "rows: " + ", ".join(f"{head} {evidence.measures.rows:,}" for head, evidence in heads.items())


def _rows(head: Head, evidence: HeadEvidence, names: list[str]) -> Iterator[list[str]]:
    figures, first = evidence.measures.figures(), str(head)
    for figure, spoken in SHOWN.items():
        if figure not in figures:
            continue
        between = evidence.measures.intervals.get(figure)
        interval = f"{between.low:.3f}–{between.high:.3f}" if between else ""
        beside = [one.figures().get(figure) if one else None for one in map(evidence.beside_measures.get, names)]
        others = ["" if value is None else f"{value:.3f}" for value in beside]
        yield [first, spoken, f"{figures[figure]:.3f}", interval, *others]
        first = ""
