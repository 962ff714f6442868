"""`python -m benchmarks.quality [SET ...] [--write] [--ablation] [--figures FILE]`: figures on public tables.

Beside majority, the multi-factor score and a linear model, learned from the same rows, and beside other systems where
their figures are at hand. The tables are looked for in POINTSMAN_DATA, else in `../shared/data`; the peers' figures in
POINTSMAN_PEERS, else in `../shared/bench/peers.jsonl`. The encoder is that of POINTSMAN_ENCODER; what it prepares is
kept in POINTSMAN_HOME.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.measuring import Measured, measure_set
from benchmarks.peers import read_peers
from benchmarks.quality_page import ablation_table, page, set_table
from journal.environment import read_environment
from training.learning.meanings import Encoders, encoders_of

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "quality.md"
SETS: Final = ("it47", "uci", "boston", "jira_hib", "multilang", "banking77", "clinc150", "noise")


def main(arguments: Sequence[str]) -> int:
    """Measure the sets named, or all; return the exit code."""
    asked = _parser().parse_args(arguments)
    data = Path(os.environ.get("POINTSMAN_DATA") or ROOT.parent / "shared" / "data")
    there = [name for name in asked.sets or SETS if (data / name / "train.csv.gz").is_file()]
    if not there:
        print(f"No table of {', '.join(asked.sets or SETS)} in {data}; set POINTSMAN_DATA to the folder that has them.")
        return 2
    encoders = encoders_of(read_environment())
    if asked.ablation:
        for name in there:
            print("\n".join(ablation_table(_parts(data / name, encoders))), flush=True)
        return 0
    peers = read_peers(Path(os.environ.get("POINTSMAN_PEERS") or ROOT.parent / "shared" / "bench" / "peers.jsonl"))
    kept = _kept(asked.figures)
    measured: list[Measured] = []
    for name in there:
        found = [one for one in kept if one.name == name] or _measure(data / name, encoders, asked.figures)
        measured += found
        for one in found:
            print("\n".join(set_table(one, peers.get((one.name, one.head), {}))), flush=True)
    if asked.write:
        PAGE.write_text("\n".join(page(measured, peers)) + "\n", encoding="utf-8")
        print(f"written to {PAGE.relative_to(ROOT)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=main.__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; all unless given")
    parser.add_argument("--write", action="store_true", help="write docs/quality.md")
    parser.add_argument("--ablation", action="store_true", help="print what each part is worth instead")
    parser.add_argument(
        "--figures", type=Path, help="keep figures in this JSON Lines file; sets in it are not run again"
    )
    return parser


def _measure(folder: Path, encoders: Encoders | None, keep: Path | None) -> list[Measured]:
    found = measure_set(folder, encoders)
    if keep is not None:
        with keep.open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(one.to_json())}\n" for one in found)
    return found


def _kept(path: Path | None) -> list[Measured]:
    if path is None or not path.is_file():
        return []
    return [Measured.from_json(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _parts(folder: Path, encoders: Encoders | None) -> dict[str, list[Measured]]:
    """The whole first, then without each part that there is."""
    parts = {"(whole)": measure_set(folder, encoders)}
    if encoders is not None:
        parts["meaning"] = measure_set(folder, None)
    parts["trees"] = measure_set(folder, encoders, trees=False)
    parts["favour of rare labels"] = measure_set(folder, encoders, favour=False)
    return parts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
