"""What each number of a row adds to the trees' score of one label: LightGBM's own contributions.

They are SHAP values along the trees' paths (Lundberg and others, Consistent Individualized Feature Attribution for
Tree Ensembles, 2018). LightGBM computes them for all labels at once, at as many times the price: a booster of several
is taken apart, the first time it is asked, into one a label. Where `models.forest` can be asked it is three times as
fast. Knows no heads.
"""

import re
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from models.single_rows import through_trees
from models.trees import Booster, lightgbm_core

__all__ = ["boosters_by_label", "tree_shares"]

_FIRST_TREE: Final = "\nTree=0\n"
_END: Final = "\nend of trees"
_SEVERAL: Final = re.compile(r"^(num_class|num_tree_per_iteration)=\d+$", re.MULTILINE)
_NOT_OF_ONE: Final = re.compile(r"^(objective|tree_sizes)=.*\n", re.MULTILINE)  # raw scores need neither

_taken_apart: WeakKeyDictionary[Booster, tuple[Booster, ...]] = WeakKeyDictionary()
_taking_apart: Final = Lock()


def tree_shares(booster: Booster, label: int, row: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each number of `row` adds to the raw score of label number `label`, shape (inputs,).

    They add up to that score less what the trees say of the average row.
    """
    return through_trees(boosters_by_label(booster)[label], "contributions", row)[:-1]


def boosters_by_label(booster: Booster) -> tuple[Booster, ...]:
    """A booster a score that `booster` makes; kept for as long as `booster` itself."""
    with _taking_apart:
        if booster not in _taken_apart:
            _taken_apart[booster] = _take_apart(booster)
        return _taken_apart[booster]


def _take_apart(booster: Booster) -> tuple[Booster, ...]:
    labels = booster.num_model_per_iteration()
    if labels == 1:
        # Not the booster itself: a value that held its own key would never be let go.
        return (lightgbm_core().Booster(model_str=booster.model_to_string(num_iteration=-1)),)
    text = booster.model_to_string(num_iteration=-1)
    head, rest = text.split(_FIRST_TREE, 1)
    trees, _ = (_FIRST_TREE.lstrip("\n") + rest).split(_END, 1)
    head = _NOT_OF_ONE.sub("", _SEVERAL.sub(r"\1=1", head) + "\n")
    bodies = [tree.split("\n", 1)[1].rstrip("\n") for tree in re.split(r"(?m)^(?=Tree=\d+$)", trees) if tree]
    return tuple(_booster(head, bodies[label::labels]) for label in range(labels))


def _booster(head: str, bodies: list[str]) -> Booster:
    trees = "".join(f"Tree={number}\n{body}\n\n\n" for number, body in enumerate(bodies))
    return lightgbm_core().Booster(model_str=f"{head}\n{trees}{_END.lstrip()}\n")
