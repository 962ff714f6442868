"""What meaning says against plain numpy, to the bit wherever it lies, and on disk."""

from pathlib import Path

import numpy as np
import pytest

from desk.errors import DamagedVersionError
from models.sense import SHARPNESS, Kernel, Sense, in_favour, read_sense, sense_scores, sense_slopes, write_sense
from models.shelf import Shelf, save_array

DIMENSIONS, COLUMNS, TICKETS = 8, 5, 12


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def sense(*, kernel: bool = True) -> Sense:
    chance = np.random.default_rng(4)
    weights, intercepts = chance.normal(size=(DIMENSIONS, COLUMNS)).astype(np.float32), chance.normal(size=COLUMNS)
    if not kernel:
        return Sense(weights, intercepts)
    voices = chance.normal(size=(TICKETS, COLUMNS)) / TICKETS
    voices[:, 0] = 0
    return Sense(
        weights,
        intercepts,
        Kernel(unit(chance.normal(size=(TICKETS, DIMENSIONS))), voices, np.array([1, 0.2, 0.2, 0.2, 0.2])),
    )


VECTORS = unit(np.random.default_rng(5).normal(size=(6, DIMENSIONS)))


def test_without_voices_it_is_a_sum_over_the_vector() -> None:
    model = sense(kernel=False)
    for vector in VECTORS:
        assert sense_scores(model, vector) == pytest.approx(vector @ model.weights + model.intercepts, abs=1e-5)


def test_with_voices_the_logarithm_of_what_they_say_is_added() -> None:
    model = sense()
    assert model.kernel is not None
    for vector in VECTORS:
        near = np.exp(SHARPNESS * (model.kernel.vectors @ vector - 1))
        said = np.maximum(model.kernel.silence + near @ model.kernel.voices, 0.02)
        wanted = vector @ model.weights + model.intercepts + 2 * np.log(said)
        assert sense_scores(model, vector) == pytest.approx(wanted, abs=1e-5)


def test_a_column_without_voices_is_left_as_it_is() -> None:
    with_voices, without = sense(), sense(kernel=False)
    for vector in VECTORS:
        assert sense_scores(with_voices, vector)[0] == pytest.approx(sense_scores(without, vector)[0])


def test_a_sum_below_nought_is_no_probability_and_has_a_logarithm_all_the_same() -> None:
    assert in_favour(np.array([-3.0, 0.0, 1.0])).tolist() == pytest.approx([2 * np.log(0.02), 2 * np.log(0.02), 0])


@pytest.mark.parametrize("kernel", [True, False])
def test_slopes_are_those_of_small_differences(kernel: bool) -> None:
    model, counts, columns, step = sense(kernel=kernel), np.array([9.0, 0.5, -1.0, 2.0, 9.0]), slice(1, 4), 1e-3
    for vector in VECTORS:
        told = counts[columns] @ sense_scores(model, vector)[columns]
        all_columns, slopes = sense_slopes(model, vector, counts, np.array([[0, 5, 0], [1, 3, 1]]))
        assert not np.allclose(all_columns, slopes)
        for axis in range(DIMENSIONS):
            moved = vector.astype(np.float64)
            moved[axis] += step
            rise = counts[columns] @ sense_scores(model, moved.astype(np.float32))[columns] - told
            assert slopes[axis] == pytest.approx(rise / step, abs=0.05)


def test_scores_are_the_same_to_the_bit_wherever_the_arrays_lie_in_memory(tmp_path: Path) -> None:
    model = sense()
    write_sense(tmp_path, model)
    again = read_sense(Shelf(tmp_path, dict.fromkeys([path.name for path in tmp_path.iterdir()], "")), 8, COLUMNS)
    assert again.kernel is not None
    for vector in VECTORS:
        assert sense_scores(again, vector).tobytes() == sense_scores(model, vector).tobytes()


def test_a_sense_without_voices_comes_back_without(tmp_path: Path) -> None:
    write_sense(tmp_path, sense(kernel=False))
    shelf = Shelf(tmp_path, dict.fromkeys([path.name for path in tmp_path.iterdir()], ""))
    assert read_sense(shelf, DIMENSIONS, COLUMNS).kernel is None


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("sense.voices.npy", np.zeros((TICKETS + 1, COLUMNS))),
        ("sense.voices.npy", np.zeros((TICKETS, COLUMNS), np.float32)),
        ("sense.silence.npy", np.zeros(COLUMNS + 1)),
        ("sense.tickets.npy", np.zeros((TICKETS, DIMENSIONS + 1), np.float32)),
        ("sense.tickets.npy", np.zeros((0, DIMENSIONS), np.float32)),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path, name: str, array: np.ndarray) -> None:
    write_sense(tmp_path, sense())
    (tmp_path / name).unlink()
    save_array(tmp_path, name, array)
    shelf = Shelf(tmp_path, dict.fromkeys([path.name for path in tmp_path.iterdir()], ""))
    with pytest.raises(DamagedVersionError):
        read_sense(shelf, DIMENSIONS, COLUMNS)


def test_a_voice_that_is_missing_is_named(tmp_path: Path) -> None:
    write_sense(tmp_path, sense())
    files = dict.fromkeys([path.name for path in tmp_path.iterdir() if "voices" not in path.name], "")
    with pytest.raises(DamagedVersionError, match=r"does not name 'sense\.voices\.npy'"):
        read_sense(Shelf(tmp_path, files), DIMENSIONS, COLUMNS)
