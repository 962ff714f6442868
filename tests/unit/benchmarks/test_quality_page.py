"""The page of figures: who is bold, who is ahead on average, and what is never averaged."""

import json
from pathlib import Path

from benchmarks.measuring import OURS, Measured
from benchmarks.peers import read_peers
from benchmarks.quality_page import ablation_table, page, set_table


def measured(name: str = "desk", head: str = "queue", **ours: float) -> Measured:
    figures = {OURS: ours, "majority": {"accuracy": 0.2, "ece": 0.0}, "linear": {"accuracy": 0.7, "ece": 0.3}}
    return Measured(name, head, 500, True, figures, {"accuracy": (0.75, 0.85)}, "no encoder", 3.0)


def test_peers_are_read_under_our_names_and_failed_ones_left_out(tmp_path: Path) -> None:
    lines = [
        {"set": "desk", "target": "escalated", "method": "lgb", "acc": 0.9, "recall@12%": 0.4, "fit_s": 3},
        {"set": "desk", "target": "escalated", "method": "svc", "error": "no text"},
        {"set": "desk", "target": "reassigned", "method": "lgb", "acc": 0.9},
    ]
    path = tmp_path / "peers.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert read_peers(path) == {("desk", "escalation"): {"lgb": {"accuracy": 0.9, "recall_at_capacity": 0.4}}}
    assert read_peers(tmp_path / "none.jsonl") == {}


def test_the_best_of_each_column_is_bold_the_least_error_among_them() -> None:
    one, peers = measured(accuracy=0.8, ece=0.05), {"svc": {"accuracy": 0.82, "ece": 0.01}}
    rows = [line for line in set_table(one, peers) if line.startswith("| ")]
    assert rows[0] == "| system | accuracy | ECE |"
    assert rows[2] == "| **Pointsman** | 0.800 (0.750–0.850) | 0.050 |"
    assert rows[3] == "| svc | **0.820** | **0.010** |"
    assert rows[4] == "| majority | 0.200 | 0.000 |"


def test_averages_are_against_the_best_peer_of_each_set_without_the_control() -> None:
    sets = [measured("a", accuracy=0.8), measured("b", accuracy=0.6), measured("noise", accuracy=0.1)]
    peers = {
        ("a", "queue"): {"svc": {"accuracy": 0.7}, "minilm": {"accuracy": 0.9}},
        ("b", "queue"): {"svc": {"accuracy": 0.5}, "minilm": {"accuracy": 0.4}},
        ("noise", "queue"): {"svc": {"accuracy": 0.9}},
    }
    lines = list(page(sets, peers))
    # ours (0.8 + 0.6) / 2; the best peers 0.9 and 0.5; the best linear ones 0.7 and 0.5
    assert "| queue, priority | accuracy | 2 | 0.700 | 0.700 | +0.000 | 2 | 0.700 | 0.600 | +0.100 |" in lines
    behind = lines[lines.index("## Where a peer is beyond our interval") :]
    assert behind[2:] == ["- a, queue: accuracy 0.800 against 0.900 (minilm)"]


def test_a_lower_error_is_ahead() -> None:
    lines = list(page([measured(ece=0.02)], {("desk", "queue"): {"svc": {"ece": 0.05}}}))
    assert "| queue, priority | ECE | 1 | 0.020 | 0.050 | +0.030 | 1 | 0.020 | 0.050 | +0.030 |" in lines


def test_what_a_part_is_worth_is_what_is_lost_without_it() -> None:
    lines = list(ablation_table({"(whole)": [measured(accuracy=0.8)], "trees": [measured(accuracy=0.75)]}))
    assert lines[2].startswith("| desk | queue | (whole) | 0.800 |")
    assert lines[3].startswith("|  |  | trees | -0.050 |")


def test_figures_are_kept_as_json() -> None:
    one = measured(accuracy=0.8)
    assert Measured.from_json(json.loads(json.dumps(one.to_json()))) == one
