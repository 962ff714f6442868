"""One label's trees, taken out of a booster of several: the same contributions, at a part of the price."""

import gc
import weakref

import numpy as np
import pytest

from models.tree_shares import boosters_by_label, tree_shares
from models.trees import Booster, lightgbm_core, tree_scores

ROWS = np.random.default_rng(1).normal(size=(300, 5))
ROWS[:, 0] = np.arange(300) % 7
ROWS[::9, 1] = np.nan


def booster(labels: int) -> Booster:
    lightgbm = lightgbm_core()
    codes = (np.nan_to_num(ROWS[:, 1]) > 0).astype(int) + (ROWS[:, 0] > 4) * (labels > 2)
    objective = {"objective": "binary"} if labels == 2 else {"objective": "multiclass", "num_class": labels}
    table = lightgbm.Dataset(ROWS, codes, categorical_feature=[0])
    return lightgbm.train({**objective, "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5}, table, 12)


@pytest.mark.parametrize("labels", [2, 3])
def test_the_shares_of_a_label_are_those_that_lightgbm_gives_for_all(labels: int) -> None:
    trees = booster(labels)
    columns = 1 if labels == 2 else labels
    expected = trees.predict(ROWS[:40], pred_contrib=True, num_threads=1).reshape(40, columns, -1)
    for label in range(columns):
        found = np.array([tree_shares(trees, label, row) for row in ROWS[:40]])
        np.testing.assert_allclose(found, expected[:, label, :-1], atol=1e-12)


def test_each_label_keeps_its_own_score() -> None:
    trees = booster(3)
    scores = [tree_scores(one, ROWS[1])[0] for one in boosters_by_label(trees)]
    assert scores == pytest.approx(tree_scores(trees, ROWS[1]), abs=1e-12)


def test_trees_are_taken_apart_once_and_let_go_with_their_booster() -> None:
    trees = booster(3)
    parts = boosters_by_label(trees)
    assert boosters_by_label(trees) is parts
    watched = [weakref.ref(one) for one in parts]
    del trees, parts
    gc.collect()
    assert [one() for one in watched] == [None] * 3
