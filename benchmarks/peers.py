"""What other systems reach on the public tables: a file of figures, one JSON line a set, target and method.

Knows the file's names for heads and figures, not how the figures were come by.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["LINEAR", "PEERS_CAPACITY", "Figures", "read_peers"]

Figures = Mapping[str, float]

LINEAR: Final = frozenset({"svc", "lr", "mixed_svc", "mixed_lr"})
"""Peers that are one linear model on words, or on words and facts."""

PEERS_CAPACITY: Final = 0.118
"""Share of tickets that the peers' `recall@12%` reviews; whatever stands beside it is taken at the same share."""

_HEADS: Final = {"queue": "queue", "priority": "priority", "escalated": "escalation", "sla_breached": "breach"}
_NAMES: Final = {
    "acc": "accuracy",
    "f1": "macro_f1",
    "top3": "top3",
    "ece": "ece",
    "cov@0.95": "coverage_95",
    "cov@0.96": "coverage_96",
    "auroc": "auroc",
    "ap": "average_precision",
    "recall@12%": "recall_at_capacity",
    "qwk": "kappa",
    "two_levels_off": "two_levels_off",
    "rare_recall": "rare_recall",
}


def read_peers(path: Path) -> dict[tuple[str, str], dict[str, Figures]]:
    """Figures by (set, head), then by the peer's name; empty where there is no such file. Failed runs are left out."""
    found: dict[tuple[str, str], dict[str, Figures]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        told = json.loads(line)
        head = _HEADS.get(told["target"])
        if head is not None and "error" not in told:
            figures = {ours: float(told[theirs]) for theirs, ours in _NAMES.items() if theirs in told}
            found.setdefault((told["set"], head), {})[told["method"]] = figures
    return found
