"""What is asked first and why: laws that hold of any candidates, and what a team lead would expect."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from desk.asking_policy import AskingPolicy
from training.asking.ranking import Asked, Candidates, ranked

EVERYTHING = AskingPolicy(most=5_000, random=0.0, unaided=0.0)


def candidates(
    count: int, labels: int = 3, seed: int = 0, copies: int | None = None, dimensions: int = 8
) -> Candidates:
    """Made by chance; with `copies` so many different texts."""
    chance = np.random.default_rng(seed)
    said = chance.dirichlet(np.ones(labels), count) if labels else np.empty((count, 0))
    vectors = chance.normal(size=(count, dimensions)).astype(np.float32)
    texts = [f"t{number}" for number in range(count)]
    if copies is not None:
        texts = [f"text {number % copies}" for number in range(count)]
        vectors = vectors[np.arange(count) % copies] if count else vectors
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Candidates(
        [f"T{number:04d}" for number in range(count)],
        tuple("ABCDEFGH"[:labels]),
        said,
        vectors=vectors,
        distances=chance.random(count),
        rows=chance.integers(0, 500, labels),
        copies=texts,
    )


def shuffled(found: Candidates, order: Any) -> Candidates:
    return replace(
        found,
        ids=[found.ids[place] for place in order],
        probabilities=found.probabilities[order],
        vectors=None if found.vectors is None else found.vectors[order],
        distances=found.distances[order],
        copies=[found.copies[place] for place in order],
    )


def named(found: Candidates, asked: list[Asked]) -> list[tuple[str, float, Any]]:
    return [(found.ids[one.place], one.worth, one.reasons) for one in asked]


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 40), labels=st.integers(0, 4), copies=st.integers(1, 12), seed=st.integers(0, 99))
def test_the_order_of_the_candidates_changes_nothing(count: int, labels: int, copies: int, seed: int) -> None:
    found = candidates(count, labels, seed, copies)
    other = shuffled(found, np.random.default_rng(seed).permutation(count))
    policy = AskingPolicy(most=10, random=0.3, unaided=0.5)
    assert named(found, ranked(found, policy, seed=seed)) == named(other, ranked(other, policy, seed=seed))


@settings(max_examples=30, deadline=None)
@given(count=st.integers(0, 40), copies=st.integers(1, 12), seed=st.integers(0, 99))
def test_nor_does_it_where_texts_are_words(count: int, copies: int, seed: int) -> None:
    found = candidates(count, 3, seed, copies, dimensions=30)
    assert isinstance(found.vectors, np.ndarray)
    found = replace(found, vectors=csr_matrix(np.where(found.vectors > 0.1, found.vectors, 0)))
    other = shuffled(found, np.random.default_rng(seed).permutation(count))
    asked = named(found, ranked(found, EVERYTHING, seed=seed))
    assert asked == named(other, ranked(other, EVERYTHING, seed=seed))
    assert len(asked) == min(count, copies)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 60), copies=st.integers(1, 20), most=st.integers(0, 30), share=st.floats(0, 1))
def test_nobody_is_asked_twice_about_one_text_and_no_more_than_the_most(
    count: int, copies: int, most: int, share: float
) -> None:
    found = candidates(count, copies=copies)
    asked = ranked(found, AskingPolicy(most=most, random=share))
    texts = [found.copies[one.place] for one in asked]
    assert len(set(texts)) == len(texts) == min(most, copies, count)


@pytest.mark.parametrize("labels", [0, 1, 2, 3])
def test_any_number_of_labels_will_do_without_vectors_and_with_vectors_of_nought(labels: int) -> None:
    found = candidates(12, labels)
    bare = replace(found, vectors=None, distances=np.empty(0), rows=np.empty(0, np.int64), copies=())
    nought = replace(found, vectors=np.zeros((12, 8), np.float32))
    for one in (found, bare, nought):
        asked = ranked(one, EVERYTHING)
        assert sorted(each.place for each in asked) == list(range(12))
        assert all(np.isfinite(each.worth) for each in asked)


def test_of_like_tickets_the_unsure_one_comes_first_and_says_so() -> None:
    said = np.array([[0.9, 0.05, 0.05], [0.5, 0.49, 0.01], [0.6, 0.3, 0.1]])
    found = Candidates(["sure", "unsure", "between"], ("A", "B", "C"), said, rows=np.array([900, 900, 900]))
    asked = ranked(found, EVERYTHING)
    assert [found.ids[one.place] for one in asked] == ["unsure", "between", "sure"]
    assert asked[0].reasons == ({"reason": "margin", "gap": 0.01},)


def test_disagreement_novelty_and_a_rare_label_speak_for_a_ticket() -> None:
    said = np.tile([0.5, 0.45, 0.05], (4, 1))
    theirs = np.full((4, 3), np.nan)
    theirs[1] = [0.1, 0.8, 0.1]
    rows = np.array([900, 900, 900])
    found = Candidates(["plain", "disputed", "new", "plain too"], ("A", "B", "C"), said, theirs, "7", rows=rows)
    found = replace(found, distances=np.array([0.0, 0.0, 0.9, 0.0]))
    asked = ranked(found, EVERYTHING)
    assert [found.ids[one.place] for one in asked[:2]] == ["disputed", "new"]
    assert asked[0].reasons[0] == {"reason": "disagreement", "challenger": "7", "label": "B"}
    assert asked[1].reasons[0] == {"reason": "novelty", "distance": 0.9}
    rare = replace(found, rows=np.array([900, 12, 900]), challenger=None, distances=np.zeros(4))
    assert ranked(rare, EVERYTHING)[0].reasons[0] == {"reason": "rarity", "label": "B", "rows": 12}


def test_who_is_like_one_that_was_asked_waits() -> None:
    """Two pairs of like tickets: after one of the unsurer pair comes one of the other."""
    vectors = np.array([[1, 0, 0], [1, 0.1, 0], [0, 0, 1], [0, 0.1, 1]], np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    said = np.array([[0.5, 0.5], [0.501, 0.499], [0.51, 0.49], [0.511, 0.489]])
    found = Candidates(["a", "a too", "b", "b too"], ("A", "B"), said, vectors=vectors)
    assert [found.ids[one.place] for one in ranked(found, EVERYTHING)][:2] == ["a", "b"]


def test_who_says_alike_in_other_words_waits_as_well() -> None:
    """Three matters of two words each, in all mixtures; beyond the tenth of one matter the others come first."""
    chance = np.random.default_rng(1)
    matter = np.repeat([0, 1, 2], [60, 5, 5])
    words = np.zeros((70, 6))
    for row, one in enumerate(matter):
        words[row, 2 * one : 2 * one + 2] = chance.dirichlet((1, 1))
    said = np.tile([0.5, 0.5], (70, 1)) + 1e-4 * matter[:, np.newaxis] * [1, -1]
    found = Candidates([f"{row:02}" for row in range(70)], ("A", "B"), said, vectors=csr_matrix(words))
    first = [int(matter[one.place]) for one in ranked(found, EVERYTHING)[:6]]
    assert set(first[:3]) == {0, 1, 2}


def test_a_share_is_drawn_by_chance_spread_over_the_order_and_says_for_how_many_it_stands() -> None:
    found = candidates(300, copies=100)
    asked = ranked(found, AskingPolicy(most=40, random=0.25, unaided=0.0))
    drawn = [place for place, one in enumerate(asked) if one.reasons[0]["reason"] == "random"]
    assert drawn == [3, 7, 11, 15, 19, 23, 27, 31, 35, 39]
    assert all(one.reasons[0] == {"reason": "random", "tickets": 3} for one in (asked[place] for place in drawn))
    others = ranked(found, AskingPolicy(most=40, random=0.25, unaided=0.0), seed=1)
    assert {one.place for one in asked} != {one.place for one in others}


def test_who_is_drawn_has_nothing_to_do_with_what_is_said_of_it() -> None:
    found = candidates(400)
    other = replace(found, probabilities=found.probabilities[::-1].copy(), distances=found.distances[::-1].copy())
    policy = AskingPolicy(most=100, random=0.2)
    drawn = [
        {one.place for one in ranked(each, policy) if one.reasons[0]["reason"] == "random"} for each in (found, other)
    ]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 20


def test_of_those_drawn_by_chance_a_share_is_asked_without_the_suggestion() -> None:
    found = candidates(500)
    asked = ranked(found, AskingPolicy(most=500, random=0.4, unaided=0.5))
    by_chance = [one for one in asked if any(each["reason"] == "random" for each in one.reasons)]
    unaided = [one for one in asked if {"reason": "unaided"} in one.reasons]
    assert len(by_chance) == 200
    assert {one.place for one in unaided} < {one.place for one in by_chance}
    assert len(unaided) == pytest.approx(100, abs=32)  # 4.5 standard deviations of a binomial share


def test_reasons_are_numbers_and_labels_and_no_text() -> None:
    found = candidates(200, copies=150)
    kinds = Counter(each["reason"] for one in ranked(found, AskingPolicy()) for each in one.reasons)
    assert set(kinds) <= {"margin", "rarity", "novelty", "disagreement", "random", "unaided"}
    told = [value for one in ranked(found, AskingPolicy()) for each in one.reasons for value in each.values()]
    assert not any(str(value).startswith("text") for value in told)


def test_where_nobody_knows_how_rare_a_label_is_it_is_no_reason() -> None:
    found = replace(candidates(50), rows=np.empty(0, np.int64))
    kinds = {each["reason"] for one in ranked(found, EVERYTHING) for each in one.reasons}
    assert "margin" in kinds
    assert "rarity" not in kinds
