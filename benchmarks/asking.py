"""`python -m benchmarks.asking [--set NAME] [--learner NAME] [--dev] [--write]`: how many labels an order saves.

A public table of whose training part a few hundred rows drawn by chance are labelled; round after round a hundred more
are, drawn by chance, by plain margin sampling, or in the order of `training.asking.ranking`, as `pointsman work`
prepares it, its share by chance included. What is learned is judged on the test part. The figure: how many further
labels an order needs to be as right as 2,000 further ones drawn by chance make it. With `--dev` the last fifth of the
training part judges instead, for choosing what is then measured. `--write` renews `docs/asking.md` and its picture.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.asking_learners import LEARNERS, Learner, Table, read_table
from benchmarks.asking_page import BATCH, FURTHER, SEEDED, Curves, tables, write_page
from desk.asking_policy import AskingPolicy
from training.asking.ranking import Candidates, ranked

__all__ = ["POLICIES", "main"]

ROOT: Final = Path(__file__).resolve().parent.parent
SEEDS: Final = "1,2,3,4,5"

Codes = NDArray[np.int64]
Chooser: TypeAlias = Callable[[Table, Codes, NDArray[np.float64], int], Codes]
"""Of a table's rows those to label next: given the places of labelled rows, all rows' probabilities and a seed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the page where asked to; return the exit code."""
    asked = _parser().parse_args(arguments)
    data = Path(os.environ.get("POINTSMAN_DATA") or ROOT.parent / "shared" / "data")
    if not (data / asked.set / "train.csv.gz").is_file():
        print(f"No table of {asked.set} in {data}; set POINTSMAN_DATA to the folder that has it.")
        return 2
    table = read_table(data / asked.set, dev=asked.dev)
    found = []
    for name in asked.learner.split(","):
        learner = LEARNERS[name](table)
        for policy in POLICIES:
            one = Curves(asked.set, name, policy, _curves(table, learner, POLICIES[policy], _numbers(asked.seeds)))
            print(json.dumps(one.to_json()), file=sys.stderr, flush=True)
            found.append(one)
    print("\n".join(tables(found)))
    if asked.write:
        write_page(found)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.asking", description=main.__doc__)
    parser.add_argument("--set", default="it47", help="the public table")
    parser.add_argument("--learner", default=",".join(LEARNERS), help=f"of {', '.join(LEARNERS)}; all unless given")
    parser.add_argument("--seeds", default=SEEDS, help="of the rows that are labelled first")
    parser.add_argument("--dev", action="store_true", help="judge by a part of the training part")
    parser.add_argument("--write", action="store_true", help="renew docs/asking.md and docs/asking.png")
    return parser


def _numbers(seeds: str) -> list[int]:
    return [int(one) for one in seeds.split(",")]


def _curves(table: Table, learner: Learner, choose: Chooser, seeds: Sequence[int]) -> tuple[tuple[float, ...], ...]:
    """Of each seed how right the answers are after each round, from nought further labels on."""
    return tuple(_curve(table, learner, choose, seed) for seed in seeds)


def _curve(table: Table, learner: Learner, choose: Chooser, seed: int) -> tuple[float, ...]:
    labelled = np.random.default_rng(seed).permutation(len(table.codes))[:SEEDED]
    found: list[float] = []
    while True:
        pool, judging = learner(labelled)
        found.append(float((judging.argmax(axis=1) == table.truth).mean()))
        if len(labelled) - SEEDED >= FURTHER:
            return tuple(found)
        labelled = np.concatenate((labelled, choose(table, labelled, pool, 1_000 * seed + len(found))))


def _by_chance(table: Table, labelled: Codes, pool: NDArray[np.float64], seed: int) -> Codes:  # noqa: ARG001 - a policy
    return np.random.default_rng(seed).permutation(_left(pool, labelled))[:BATCH]


def _by_margin(table: Table, labelled: Codes, pool: NDArray[np.float64], seed: int) -> Codes:  # noqa: ARG001 - a policy
    left = _left(pool, labelled)
    best = np.sort(pool[left], axis=1)[:, -2:]
    return left[np.argsort(best[:, 1] - best[:, 0], kind="stable")[:BATCH]]


def _by_order(table: Table, labelled: Codes, pool: NDArray[np.float64], seed: int) -> Codes:
    left = _left(pool, labelled)
    candidates = Candidates(
        [table.ids[place] for place in left.tolist()],
        table.labels,
        pool[left],
        vectors=table.words[left],
        distances=_distances(table.vectors, left, labelled),
        rows=np.bincount(table.codes[labelled], minlength=len(table.labels)),
        copies=[table.texts[place] for place in left.tolist()],
    )
    return left[[one.place for one in ranked(candidates, AskingPolicy(most=BATCH), seed=seed)]]


def _left(pool: NDArray[np.float64], labelled: Codes) -> Codes:
    return np.setdiff1d(np.arange(len(pool)), labelled)


def _distances(vectors: NDArray[np.float32], left: Codes, labelled: Codes) -> NDArray[np.float64]:
    parts = np.array_split(left, max(len(left) // 5_000, 1))
    near = [(vectors[part] @ vectors[labelled].T).max(axis=1) for part in parts]
    return 1 - np.concatenate(near).astype(np.float64)


POLICIES: Final[dict[str, Chooser]] = {"chance": _by_chance, "margin": _by_margin, "order": _by_order}
"""By name, what chooses the rows of a round."""

if __name__ == "__main__":
    sys.exit(main())
