"""LightGBM's figures for one row, by its interface for single rows."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from models.single_rows import through_trees
from models.trees import Booster, lightgbm_core

ROWS = np.random.default_rng(3).normal(size=(400, 6))
ROWS[:, 0] = np.arange(400) % 9
ROWS[::7, 1] = np.nan


def booster(labels: int) -> Booster:
    lightgbm = lightgbm_core()
    codes = (ROWS[:, 2] > 0).astype(int) + (ROWS[:, 0] > 5) * (labels > 2)
    objective = {"objective": "binary"} if labels == 2 else {"objective": "multiclass", "num_class": labels}
    table = lightgbm.Dataset(ROWS, codes, categorical_feature=[0])
    return lightgbm.train({**objective, "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5}, table, 12)


@pytest.mark.parametrize("labels", [2, 3])
def test_scores_and_contributions_are_those_of_predict_to_the_bit(labels: int) -> None:
    trees = booster(labels)
    for row in [*ROWS[:50], np.full(6, np.nan), np.full(6, 1e300)]:
        scores = trees.predict(row[np.newaxis], raw_score=True, num_threads=1)
        contributions = trees.predict(row[np.newaxis], pred_contrib=True, num_threads=1)
        assert through_trees(trees, "scores", row).tobytes() == np.asarray(scores).tobytes()
        assert through_trees(trees, "contributions", row).tobytes() == np.asarray(contributions).tobytes()


def test_a_row_of_another_length_or_kind_is_refused_before_its_memory_is_read() -> None:
    trees = booster(2)
    with pytest.raises(ValueError, match=r"a row of 6 float64, not float64\(5,\)"):
        through_trees(trees, "scores", ROWS[0, :5])
    with pytest.raises(ValueError, match="not float32"):
        through_trees(trees, "scores", ROWS[0].astype(np.float32))  # type: ignore[arg-type]  # numbers of another size


def test_a_row_that_is_not_in_one_piece_counts_by_its_numbers() -> None:
    trees, columns = booster(2), np.asfortranarray(ROWS)
    expected = through_trees(trees, "scores", ROWS[5].copy())
    assert through_trees(trees, "scores", columns[5]).tobytes() == expected.tobytes()


def test_what_is_prepared_lets_the_booster_go() -> None:
    for _ in range(3):
        trees = booster(2)
        through_trees(trees, "scores", ROWS[0])
        through_trees(trees, "contributions", ROWS[0])
        watched = weakref.ref(trees)
        del trees
        gc.collect()
        assert watched() is None


def test_threads_that_ask_at_once_get_what_each_asked_for() -> None:
    trees = booster(3)
    expected = [through_trees(trees, "contributions", row).tobytes() for row in ROWS]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda row: through_trees(trees, "contributions", row).tobytes(), ROWS))
    assert found == expected
