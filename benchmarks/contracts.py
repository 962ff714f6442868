"""`python -m benchmarks.contracts [SET ...] [--seeds N] [--write]`: do contracts hold on tickets that nothing saw?

Pools each set's train and test tables and splits them anew, four to one, once a seed. Learns from the large part, takes
the thresholds that its version's evidence proves at the demands as they come (queues 0.96, priorities 0.95), and counts
on the small part what is applied by itself and what of it is right. Only sets without times: a random split is what a
bound can promise something about. The tables are looked for in POINTSMAN_DATA, else in `../shared/data`.

A cell is a label of a set; labels with fewer than 100 rows applied are one cell together. A cell fails where a binomial
test at 5 % says that its precision lies below the demand. With `--write` the table goes to `docs/contracts-held.md`.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from scipy.special import bdtr

from desk.demands import Demands
from desk.heads import CLASS_HEADS, Head, label_of
from desk.modes import choice_mode
from desk.outcome import ResolvedTicket
from desk.priority_order import known_order
from journal.environment import read_environment
from models.scoring import predict
from models.terms import version_terms
from training.histories.desk_config import read_desk_config
from training.histories.labels import head_readiness
from training.histories.reading import read_history
from training.learning.meanings import Encoders, encoders_of
from training.learning.version import learn
from training.progress import Unwatched

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "contracts-held.md"
SETS: Final = ("banking77", "clinc150", "it47", "multilang", "noise")
SEEDS: Final = 5
ENOUGH: Final = 100
LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Cell:
    """Rows that were applied by themselves, and how many of them were right."""

    applied: int
    right: int
    demand: float

    @property
    def fails(self) -> bool:
        """Whether so few right ones would come by chance in less than 5 % where the precision is as demanded."""
        return bool(bdtr(self.right, self.applied, self.demand) < LEVEL)


@dataclass(frozen=True, slots=True)
class Split:
    """What one head did on an unseen part.

    applied, right: rows applied by themselves, and those of them that were right, by label.
    """

    set: str
    head: Head
    rows: int
    answered_right: int
    applied: Counter[str]
    right: Counter[str]
    labels_under_contract: int
    labels: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sets named, or all that are there; return the exit code."""
    asked = _parser().parse_args(arguments)
    data = Path(os.environ.get("POINTSMAN_DATA", ROOT.parent / "shared" / "data"))
    there = [name for name in asked.sets or SETS if (data / name / "train.csv.gz").is_file()]
    if not there:
        wanted = ", ".join(asked.sets or SETS)
        print(f"No table of {wanted} in {data}; set POINTSMAN_DATA to the folder that holds them.")
        return 2
    encoders = encoders_of(read_environment())
    splits: list[Split] = []
    for name in there:
        rows, heads = _pooled(data / name)
        for seed in range(asked.seeds):
            splits += _measure(name, rows, heads, seed, encoders)
    page = "\n".join(_page(splits, asked.seeds))
    print(page)
    if asked.write:
        PAGE.write_text(page + "\n", encoding="utf-8")
        print(f"written to {PAGE.relative_to(ROOT)}", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contracts", description=main.__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; all unless given")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how often each set is split anew")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    return parser


def _pooled(folder: Path) -> tuple[list[ResolvedTicket], list[Head]]:
    """The rows of both tables, and the heads that choose a label and can be learned."""
    train, test = (read_history(folder / f"{part}.csv.gz", read_desk_config(None)) for part in ("train", "test"))
    reasons = head_readiness(train)
    return [*train.rows, *test.rows], [head for head in CLASS_HEADS if reasons[head] is None]


def _measure(
    name: str, rows: Sequence[ResolvedTicket], heads: Sequence[Head], seed: int, encoders: Encoders | None
) -> list[Split]:
    """Learn from four fifths of the rows and try the thresholds on the rest."""
    order = list(rows)
    Random(seed).shuffle(order)
    border = len(order) * 4 // 5
    began = time.monotonic()
    priorities = known_order({row.outcome.priority for row in rows if row.outcome.priority is not None})
    version = learn(order[:border], heads, Unwatched(), encoders, priority_order=priorities).version
    seconds = time.monotonic() - began
    terms = version_terms(version, Demands())
    predicted = [(row, predict(version, row.ticket)) for row in order[border:]]
    splits = []
    for head in version.heads:
        said = [
            (truth, one.choices[head], choice_mode(terms, head, one.choices[head]).mode)
            for row, one in predicted
            if (truth := label_of(row.outcome, head)) is not None
        ]
        applied = [(choice.label, choice.label == truth) for truth, choice, mode in said if mode == "auto"]
        splits.append(
            Split(
                name,
                head,
                rows=len(said),
                answered_right=sum(choice.label == truth for truth, choice, _ in said),
                applied=Counter(label for label, _ in applied),
                right=Counter(label for label, is_right in applied if is_right),
                labels_under_contract=len(terms.thresholds[head]),
                labels=len(version.heads[head].labels),
            )
        )
        print(f"{name}, seed {seed}: {_in_words(splits[-1])}; learned in {seconds:.0f} s", file=sys.stderr, flush=True)
    return splits


def _in_words(split: Split) -> str:
    applied, right = split.applied.total(), split.right.total()
    return (
        f"{split.head} right {split.answered_right / split.rows:.3f}, applied {applied / split.rows:.3f} "
        f"of {split.rows:,} with precision {right / max(applied, 1):.3f}"
    )


def _cells(split: Split) -> Iterator[Cell]:
    demand = Demands().heads[split.head].default
    large = [label for label, rows in split.applied.items() if rows >= ENOUGH]
    for label in large:
        yield Cell(split.applied[label], split.right[label], demand)
    small = set(split.applied) - set(large)
    if small:
        yield Cell(sum(split.applied[one] for one in small), sum(split.right[one] for one in small), demand)


def _together(splits: Sequence[Split]) -> Split:
    """The splits of one set and head as one: every row counts as often as it was asked about."""
    first = splits[0]
    return Split(
        first.set,
        first.head,
        rows=sum(one.rows for one in splits),
        answered_right=sum(one.answered_right for one in splits),
        applied=sum((one.applied for one in splits), Counter[str]()),
        right=sum((one.right for one in splits), Counter[str]()),
        labels_under_contract=sum(one.labels_under_contract for one in splits),
        labels=sum(one.labels for one in splits),
    )


def _page(splits: Sequence[Split], seeds: int) -> Iterator[str]:
    yield "# Contracts on tickets that nothing saw"
    yield ""
    yield f"Train and test tables pooled and split anew {seeds} times, four to one: thresholds from the evidence of the"
    yield "version that learned the large part, counts on the small one. `applied` is the share of unseen tickets that"
    yield "are applied by themselves. A cell is a label with at least 100 of them, or all others together; it fails"
    yield "where a binomial test at 5 % says that its precision lies below the demand. `summed`: cells of all splits"
    yield "added up. Written by `python -m benchmarks.contracts --write`."
    yield ""
    yield "| set | head | demand | right | labels under contract | applied | precision | cells | fail | summed | fail |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    apart: list[Cell] = []
    summed: list[Cell] = []
    for name, head in dict.fromkeys((one.set, one.head) for one in splits):
        mine = [one for one in splits if (one.set, one.head) == (name, head)]
        each, total = [cell for one in mine for cell in _cells(one)], _together(mine)
        all_seeds = list(_cells(total))
        apart, summed = apart + each, summed + all_seeds
        applied, right = total.applied.total(), total.right.total()
        yield (
            f"| {name} | {head} | {Demands().heads[head].default:g} | {total.answered_right / total.rows:.3f} "
            f"| {total.labels_under_contract / total.labels:.0%} | {applied / total.rows:.3f} "
            f"| {f'{right / applied:.3f}' if applied else ''} | {_counted(each)} | {_counted(all_seeds)} |"
        )
    yield f"| all | | | | | | | {_counted(apart)} | {_counted(summed)} |"


def _counted(cells: Sequence[Cell]) -> str:
    return f"{len(cells)} | {sum(cell.fails for cell in cells)}"


if __name__ == "__main__":
    sys.exit(main())
