"""All trees at once against LightGBM's own way: the same to the bit, for whatever values."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import DamagedVersionError
from desk.ticket import Ticket
from features.compiled import IS_COMPILED
from features.encoding import encode, read
from models.forest import Grown, plant
from models.heads import tree_row
from models.linear import linear_scores
from models.trees import Booster, Trees, lightgbm_core, trees_of
from models.version import Version
from training.learning.trees import _mean

INPUTS = 6
compiled = pytest.mark.skipif(not IS_COMPILED, reason="there was no compiler when Pointsman was installed")


def table(rows: int = 600) -> np.ndarray:
    """Two numbers of which the second is often missing, two of values, one of small whole numbers, one that is even."""
    chance = np.random.default_rng(4)
    made = chance.normal(size=(rows, INPUTS))
    made[chance.random(rows) < 0.3, 1] = np.nan
    made[:, 2] = chance.integers(0, 70, rows)
    made[:, 3] = np.where(chance.random(rows) < 0.2, np.nan, chance.integers(0, 5, rows))
    made[:, 4] = chance.integers(-2, 3, rows)
    made[:, 5] = 1
    return made


def boosted(
    objective: str = "binary",
    labels: int = 1,
    *,
    rounds: int = 12,
    values: tuple[int, ...] = (2, 3),
    **settings: Any,
) -> Booster:
    rows = table()
    said = np.nan_to_num(rows[:, 0] + rows[:, 1] * (rows[:, 2] % 3) + rows[:, 3] + rows[:, 4])
    truth = np.argsort(np.argsort(said)) * max(labels, 2) // len(said)
    settings = {
        "objective": objective,
        "verbosity": -1,
        "num_threads": 1,
        "min_data_in_leaf": 3,
        "min_data_per_group": 3,
        "cat_smooth": 1.0,
        **({"num_class": labels} if labels > 1 else {}),
        **settings,
    }
    lightgbm = lightgbm_core()
    return lightgbm.train(
        settings, lightgbm.Dataset(rows, truth, categorical_feature=list(values)), num_boost_round=rounds
    )


BINARY, SEVERAL, WIDE = boosted(num_leaves=31), boosted("multiclass", 3, num_leaves=7), boosted(num_leaves=60)
MIXED = _mean(BINARY, boosted(num_leaves=20, values=(2,)))  # number 3 is a value to half of its trees
EVERY = plant(
    {
        "binary": Grown(trees_of(BINARY), range(INPUTS)),
        "several": Grown(trees_of(SEVERAL), [1, 0, *range(2, INPUTS)]),
        "mixed": Grown(trees_of(MIXED), range(INPUTS)),
    }
)
LARGE = plant({"wide": Grown(trees_of(WIDE), range(INPUTS)), "binary": Grown(trees_of(BINARY), range(INPUTS))})
NUMBERS = st.one_of(
    st.floats(),
    st.integers(-3, 80).map(float),
    st.sampled_from([0.0, -0.0, float("nan"), float("inf"), float("-inf"), 1e-40, 2.5]),
    st.sampled_from(table()[:, 0].tolist()),
)


def assert_same(found: np.ndarray, booster: Booster, row: np.ndarray) -> None:
    wanted = booster.predict(row[np.newaxis], raw_score=True, num_threads=1).reshape(-1)
    assert found.tobytes() == wanted.astype(np.float64).tobytes()


@given(st.lists(NUMBERS, min_size=INPUTS, max_size=INPUTS))
def test_scores_are_those_of_lightgbm_to_the_bit(numbers: list[float]) -> None:
    if any(abs(numbers[place]) > 2**31 - 1 for place in (2, 3)):  # no code of a value; LightGBM's cast is undefined
        return
    row = np.array(numbers)
    found = EVERY.scores(row)
    assert_same(found["binary"], BINARY, row)
    assert_same(found["several"], SEVERAL, row[[1, 0, *range(2, INPUTS)]])
    large = LARGE.scores(row)
    assert_same(large["wide"], WIDE, row)
    assert_same(large["binary"], BINARY, row)
    assert_same(found["mixed"], MIXED, row)


@compiled
@given(st.lists(NUMBERS, min_size=INPUTS, max_size=INPUTS))
def test_shares_are_lightgbms_own_contributions(numbers: list[float]) -> None:
    if any(abs(numbers[place]) > 2**31 - 1 for place in (2, 3)):
        return
    row = np.array(numbers)
    for name, booster, seen in (
        ("binary", BINARY, row),
        ("several", SEVERAL, row[[1, 0, *range(2, INPUTS)]]),
        ("mixed", MIXED, row),
    ):
        wanted = booster.predict(seen[np.newaxis], pred_contrib=True, num_threads=1).reshape(-1, INPUTS + 1)[:, :-1]
        for output, shares in enumerate(wanted):
            # Worked out in advance in single precision; a reason shows three decimals.
            assert EVERY.shares({name: output}, row)()[name] == pytest.approx(shares, rel=1e-6, abs=1e-6)


def test_of_what_is_not_in_the_forest_lightgbm_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    row = table(1)[0]
    assert LARGE.shares({"wide": 0}, row)() == {}
    assert EVERY.shares({"unheard of": 0}, row)() == {}
    monkeypatch.setattr("models.forest.IS_COMPILED", False)
    assert EVERY.shares({"binary": 0}, row)() == {}


def test_scores_of_rows_that_taught_are_those_of_lightgbm() -> None:
    for row in table(300):
        assert_same(EVERY.scores(row)["binary"], BINARY, row)


def test_without_compiled_code_the_scores_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*table(40), np.full(INPUTS, np.nan)]
    compiled = [{name: said.tobytes() for name, said in EVERY.scores(row).items()} for row in rows]
    monkeypatch.setattr("models.forest.IS_COMPILED", False)
    assert [{name: said.tobytes() for name, said in EVERY.scores(row).items()} for row in rows] == compiled


def test_a_forest_is_not_copied() -> None:
    with pytest.raises(TypeError, match="planted anew"):
        copy.deepcopy(EVERY)


def test_a_row_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="numbers, not of 1"):
        EVERY.scores(np.ones(1))


def test_thresholds_themselves_go_left() -> None:
    text = BINARY.model_to_string()
    lines = [line for line in text.split("\n") if line.startswith("threshold=")]
    for threshold in lines[0].removeprefix("threshold=").split():
        row = np.zeros(INPUTS)
        row[:2] = float(threshold)
        assert_same(EVERY.scores(row)["binary"], BINARY, row)


def test_trees_of_one_leaf_and_no_trees_at_all_are_no_exception() -> None:
    lightgbm = lightgbm_core()
    rows = np.ones((30, 1))
    lone = lightgbm.train({"objective": "binary", "verbosity": -1}, lightgbm.Dataset(rows, [0, 1] * 15), 3)
    forest = plant({"lone": Grown(trees_of(lone), [0])})
    assert_same(forest.scores(np.ones(1))["lone"], lone, rows[0])
    assert not any(one.any() for one in forest.shares({"lone": 0}, np.ones(1))().values())
    assert plant({}).scores(np.ones(1)) == {}


def test_trees_that_pointsman_does_not_grow_are_refused() -> None:
    with pytest.raises(DamagedVersionError, match="64 plain ones"):
        plant({"many": Grown(trees_of(boosted(num_leaves=90)), range(INPUTS))})
    with pytest.raises(DamagedVersionError, match="linear"):
        plant({"linear": Grown(trees_of(boosted(linear_tree=True)), range(INPUTS))})
    with pytest.raises(DamagedVersionError, match="noughts"):
        plant({"noughts": Grown(trees_of(boosted(zero_as_missing=True)), range(INPUTS))})


@pytest.mark.parametrize("subject", ["VPN down", "printer jam!", "", "refund, please"])
def test_the_forest_of_a_version_says_what_its_boosters_say(trained_version: Version, subject: str) -> None:
    ticket = Ticket(id="1", subject=subject, channel="email", attributes={"site": "site 1", "unheard": "of"})
    encoded = encode(trained_version.encoder, read(ticket))
    text = linear_scores(trained_version.linear, encoded).text
    said = trained_version.forest.scores(np.concatenate((encoded.numbers, text)))
    with_trees = {head: model for head, model in trained_version.heads.items() if model.trees is not None}
    assert said.keys() == with_trees.keys()
    for head, model in with_trees.items():
        assert_same(said[head], model.trees.booster, tree_row(model, encoded, text[model.columns]))


def test_a_text_that_lacks_trees_is_refused() -> None:
    text = trees_of(BINARY).text
    for cut in (text.split("\nTree=9\n")[0], text.split("\nTree=9\n")[0] + "\nend of trees\n", "no trees at all"):
        with pytest.raises(DamagedVersionError, match="the trees"):
            plant({"cut": Grown(Trees(cut), range(INPUTS))})


def test_a_tree_that_leads_to_a_leaf_twice_is_refused() -> None:
    text = trees_of(BINARY).text
    first = text.split("\nTree=1\n")[0]
    (left,) = [line for line in first.split("\n") if line.startswith("left_child=")]
    leaves = [child for child in left.removeprefix("left_child=").split() if child.startswith("-")]
    twice = left.replace(f"{leaves[0]} ", f"{leaves[1]} ", 1)
    assert twice != left
    with pytest.raises(DamagedVersionError, match="each of its leaves once"):
        plant({"twice": Grown(Trees(text.replace(left, twice, 1)), range(INPUTS))})
