"""LightGBM without what its package drags along, and its boosters read back."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from desk.errors import DamagedVersionError
from journal.environment import Environment
from models.trees import Booster, Trees, check_trees, lightgbm_core, tree_scores, trees_of

ROOT = Path(__file__).resolve().parents[3]
FOREIGN = ("pandas", "sklearn", "pyarrow", "mlflow", "torch", "matplotlib")


def modules_after(script: str, *arguments: str) -> dict[str, list[str]]:
    """Foreign modules that are loaded, and all that are `None`, after a script in a process of its own."""
    tell = (
        "\nimport json, sys"
        f"\nloaded = [name for name in {FOREIGN!r} if name in sys.modules]"
        "\nhidden = [name for name, module in sys.modules.items() if module is None]"
        "\nprint(json.dumps({'loaded': loaded, 'hidden': hidden}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script + tell, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def boosted(objective: str, classes: int = 1) -> Booster:
    chance = np.random.default_rng(5)
    table = chance.normal(size=(200, 4))
    truth = np.argsort(np.argsort(table[:, 0])) * max(classes, 2) // 200
    settings = {"objective": objective, "verbosity": -1, "num_threads": 1, "num_leaves": 4, "min_data_in_leaf": 5}
    lightgbm = lightgbm_core()
    if classes > 1:
        settings["num_class"] = classes
    return lightgbm.train(settings, lightgbm.Dataset(table, truth), num_boost_round=4)


def test_lightgbm_comes_without_pandas_and_scikit_learn_and_leaves_no_hole() -> None:
    assert modules_after("from models.trees import lightgbm_core; lightgbm_core()") == {"loaded": [], "hidden": []}


def test_loading_a_version_and_answering_brings_in_none_of_the_training_libraries(trained_home: Environment) -> None:
    script = (
        "import sys; from pathlib import Path; from desk.ticket import Ticket"
        "\nfrom models.scoring import predict; from models.storage import load_version"
        "\npredict(load_version(Path(sys.argv[1])), Ticket(id='1', subject='VPN down'))"
    )
    assert modules_after(script, str(trained_home.versions / "1")) == {"loaded": [], "hidden": []}


def test_what_is_hidden_from_lightgbm_can_be_imported_afterwards() -> None:
    script = "from models.trees import lightgbm_core; lightgbm_core(); import pandas, sklearn"
    assert modules_after(script)["hidden"] == []


def test_threads_that_ask_for_it_at_once_all_get_it() -> None:
    script = (
        "import sys; sys.setswitchinterval(1e-6)"
        "\nfrom concurrent.futures import ThreadPoolExecutor; from models.trees import lightgbm_core"
        "\nwith ThreadPoolExecutor(8) as pool:"
        "\n    assert len({id(done.result()) for done in [pool.submit(lightgbm_core) for _ in range(8)]}) == 1"
    )
    assert modules_after(script) == {"loaded": [], "hidden": []}


def test_asking_again_hides_nothing_from_other_threads() -> None:
    lightgbm_core()
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda _: (lightgbm_core(), [k for k, m in sys.modules.items() if m is None])[1], range(50))
        )
    assert not any(found)


@pytest.mark.parametrize(("objective", "classes"), [("binary", 1), ("multiclass", 3)])
def test_a_booster_read_back_scores_the_same_to_the_bit(objective: str, classes: int) -> None:
    booster = boosted(objective, classes)
    trees = trees_of(booster)
    check_trees(trees, inputs=4, outputs=classes)
    again = Trees(trees.text).booster
    row = np.array([0.3, np.nan, -1.0, 2.0])
    scores = tree_scores(again, row)
    assert scores.shape == (classes,)
    assert scores.tobytes() == tree_scores(booster, row).tobytes()
    assert scores.tolist() == booster.predict(row[np.newaxis], raw_score=True).reshape(-1).tolist()


def test_trees_for_another_number_of_inputs_or_labels_are_refused() -> None:
    trees = trees_of(boosted("multiclass", 3))
    with pytest.raises(DamagedVersionError, match="take 4 numbers a row, the encoder makes 5"):
        check_trees(trees, inputs=5, outputs=3)
    with pytest.raises(DamagedVersionError, match="make 3 scores a row, the head needs 4"):
        check_trees(trees, inputs=4, outputs=4)


def test_text_that_is_no_booster_is_a_damaged_version() -> None:
    with pytest.raises(DamagedVersionError, match="LightGBM cannot read the trees"):
        _ = Trees("no trees at all").booster
    with pytest.raises(DamagedVersionError, match="do not say their 'max_feature_idx'"):
        check_trees(Trees("no trees at all"), inputs=4, outputs=1)
