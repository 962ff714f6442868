"""The index of resolved tickets: found as by exact search, read back alike, erased for good, refused if damaged."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from desk.errors import DamagedVersionError
from desk.likeness import SimilarTicket
from features.encoding import Encoded
from features.meaning.projection import DIMENSIONS, projected
from models.shelf import Shelf
from models.similar import (
    LONGEST_RESOLUTION,
    Similar,
    build_similar,
    distances,
    nearest,
    read_similar,
    ticket_vector,
    try_similar,
    vector_length,
    without,
    write_similar,
)

ROOT = Path(__file__).resolve().parents[3]
WIDTH = 32


def ticket(number: int) -> SimilarTicket:
    return SimilarTicket(
        ticket_id=f"T-{number}",
        similarity=0,
        queue=None if number % 5 == 0 else f"queue {number % 3}",
        priority=None if number % 7 == 0 else f"P{number % 4}",
        escalated=(None, True, False)[number % 3],
        reassignment_count=None if number % 4 == 0 else number % 6,
        resolution=None if number % 2 else f"Zurückgesetzt, Fall {number}",
    )


def vectors(count: int, seed: int = 4) -> np.ndarray:
    """Around thirty topics, as tickets are."""
    chance = np.random.default_rng(seed)
    topics = np.random.default_rng(9).standard_normal((30, WIDTH))
    made = topics[chance.integers(0, 30, count)] + 0.5 * chance.standard_normal((count, WIDTH))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def similar() -> Similar:
    return build_similar([ticket(number) for number in range(2_000)], vectors(2_000))


@pytest.fixture
def folder(tmp_path: Path, similar: Similar) -> Path:
    write_similar(tmp_path, similar)
    return tmp_path


def shelf_of(folder: Path) -> Shelf:
    return Shelf(folder, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()})


def read(folder: Path) -> Similar:
    found = read_similar(shelf_of(folder), WIDTH)
    assert found is not None
    return found


def test_it_finds_what_an_exact_search_finds(similar: Similar) -> None:
    asked, kept = vectors(200, seed=5), vectors(2_000)
    hits = 0
    for one in asked:
        exact = set(np.argsort(-(kept @ one))[:5].tolist())
        hits += len(exact & {int(found.ticket_id[2:]) for found in nearest(similar, one, 5)})
    assert hits / 1_000 >= 0.95


def test_similarity_is_the_cosine_and_falls(similar: Similar) -> None:
    (asked,), kept = vectors(1, seed=6), vectors(2_000)
    found = nearest(similar, asked, 20)
    exact = [float(kept[int(one.ticket_id[2:])] @ asked) for one in found]
    assert [one.similarity for one in found] == pytest.approx(exact, abs=0.02)  # int8
    assert all(one.similarity >= after.similarity for one, after in pairwise(found))


def test_what_became_of_a_ticket_comes_back_with_it_gaps_and_all(similar: Similar) -> None:
    for number in (0, 1, 2, 3, 1_234):
        (found,) = nearest(similar, vectors(2_000)[number], 1)
        wanted = ticket(number)
        assert found.ticket_id == wanted.ticket_id
        assert (found.queue, found.priority, found.escalated) == (wanted.queue, wanted.priority, wanted.escalated)
        assert (found.reassignment_count, found.resolution) == (wanted.reassignment_count, wanted.resolution)


def test_the_ticket_itself_is_not_like_itself(similar: Similar) -> None:
    own = vectors(2_000)[7]
    assert nearest(similar, own, 3)[0].ticket_id == "T-7"
    others = nearest(similar, own, 3, but="T-7")
    assert len(others) == 3
    assert "T-7" not in {one.ticket_id for one in others}


def test_a_vector_of_nought_is_like_none(similar: Similar) -> None:
    assert nearest(similar, np.zeros(WIDTH, np.float32), 5) == ()


def test_how_far_many_are_from_the_nearest_is_what_each_finds(similar: Similar) -> None:
    asked = np.concatenate((vectors(20, seed=6), np.zeros((1, vectors(1).shape[1]), np.float32)))
    found = distances(similar, asked)
    wanted = [1 - nearest(similar, one, 1)[0].similarity for one in asked[:-1]]
    assert found[:-1].tolist() == pytest.approx(wanted, abs=1e-6)
    assert np.isnan(found[-1])


def test_more_are_asked_for_than_there_are() -> None:
    few = build_similar([ticket(1), ticket(2)], vectors(2))
    assert len(nearest(few, vectors(1)[0], 20)) == 2


def test_an_index_of_no_tickets_answers_none_and_is_read_back(tmp_path: Path) -> None:
    write_similar(tmp_path, build_similar([], np.empty((0, WIDTH), np.float32)))
    empty = read(tmp_path)
    try_similar(empty)
    assert nearest(empty, vectors(1)[0], 5) == ()


def test_a_long_resolution_is_cut() -> None:
    long = SimilarTicket("1", 0, resolution="ü" * 1_000)
    (found,) = nearest(build_similar([long], vectors(1)), vectors(1)[0], 1)
    assert found.resolution == "ü" * LONGEST_RESOLUTION


def test_it_is_read_back_and_answers_the_same(folder: Path, similar: Similar) -> None:
    again = read(folder)
    try_similar(again)
    for asked in vectors(50, seed=8):
        assert nearest(again, asked, 5) == nearest(similar, asked, 5)


def test_the_same_history_gives_the_same_index_to_the_byte(tmp_path: Path, similar: Similar) -> None:
    again = build_similar([ticket(number) for number in range(2_000)], vectors(2_000))
    for name, one in (("a", similar), ("b", again)):
        (tmp_path / name).mkdir()
        write_similar(tmp_path / name, one)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_version_without_an_index_has_none(tmp_path: Path) -> None:
    assert read_similar(shelf_of(tmp_path), WIDTH) is None


def test_an_erased_ticket_leaves_nothing_behind(tmp_path: Path, similar: Similar) -> None:
    left = without(similar, {"T-4", "T-1998", "T-never"})
    assert len(left) == 1_998
    assert {"T-4", "T-1998"}.isdisjoint(one.ticket_id for one in nearest(left, vectors(2_000)[4], 20))
    write_similar(tmp_path, left)
    for path in tmp_path.iterdir():
        assert "Fall 1998" not in path.read_bytes().decode("utf-8", "replace")
    (found,) = nearest(left, vectors(2_000)[1_234], 1)
    assert (found.ticket_id, found.resolution) == ("T-1234", "Zurückgesetzt, Fall 1234")


def relabel(folder: Path) -> None:
    (folder / "similar.json").write_text(json.dumps({"queues": [], "priorities": []}))


def shorten(folder: Path) -> None:
    np.save(folder / "similar.facts.npy", np.load(folder / "similar.facts.npy")[:-1])


def unsettle(folder: Path) -> None:
    ends = np.load(folder / "similar.ids.ends.npy")
    ends[3] = -1
    np.save(folder / "similar.ids.ends.npy", ends)


def overrun(folder: Path) -> None:
    np.save(folder / "similar.resolutions.npy", np.load(folder / "similar.resolutions.npy")[:-5])


def another_index(folder: Path) -> None:
    build_similar([ticket(1)], vectors(1)).index.save(str(folder / "similar.index.usearch"))


@pytest.mark.parametrize("damage", [relabel, shorten, unsettle, overrun, another_index])
def test_parts_that_do_not_fit_together_are_refused(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with pytest.raises(DamagedVersionError):
        read(folder)


def test_an_index_that_finds_other_rows_fails_the_trial(similar: Similar) -> None:
    class Lost:
        """Answers every search with the row that is farthest from what was asked."""

        def get(self, row: int) -> object:
            return similar.index.get(row)

        def search(self, asked: np.ndarray, count: int, threads: int) -> object:
            return similar.index.search(-asked, count, threads=threads)

    with pytest.raises(DamagedVersionError, match="finds 0 of 20 rows"):
        try_similar(replace(similar, index=Lost()))


def test_vectors_of_another_length_than_the_versions_are_refused(folder: Path) -> None:
    with pytest.raises(DamagedVersionError, match="of 64"):
        read_similar(shelf_of(folder), 64)


def test_without_a_meaning_a_tickets_words_are_projected() -> None:
    encoded = Encoded(
        places=np.array([2, 5, 11, 40]),
        weights=np.array([0.8, 0.6, 0.3, 1], dtype=np.float32),
        text=3,
        numbers=np.empty(0),
    )
    found = ticket_vector(encoded, 10, np.empty(0, np.float32))
    assert found.tolist() == projected(np.array([2, 5]), np.array([0.8, 0.6], dtype=np.float32)).tolist()
    assert len(found) == vector_length(None) == DIMENSIONS
    meant = np.array([1, 0], dtype=np.float32)
    assert ticket_vector(encoded, 10, meant) is meant


def test_an_index_loaded_first_does_not_stop_lightgbm_from_writing_numbers() -> None:
    script = (
        "import numpy as np; from models.similar import build_similar; build_similar([], np.zeros((0, 8), np.float32))"
        "\nfrom models.trees import lightgbm_core; lightgbm = lightgbm_core()"
        "\ndata = lightgbm.Dataset(np.arange(80.0).reshape(-1, 1), np.arange(80) % 2)"
        "\ngrown = lightgbm.train({'objective': 'binary', 'verbosity': -1}, data, 2)"
        "\nprint(lightgbm.Booster(model_str=grown.model_to_string()).num_trees())"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.stdout.strip() == "2", said.stderr[-400:]
