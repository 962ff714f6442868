"""Which n-grams count, and TF-IDF against the formula by hand and against scikit-learn."""

import math
import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from features import vocabulary as module
from features.ngrams import Hashes, grams_of
from features.vocabulary import Vocabulary, at_length_one, fit_vocabulary, places_in, without_rarest
from features.vocabulary import weigh as weigh_places

DOCUMENTS = st.lists(st.lists(st.integers(1, 12), max_size=15), min_size=1, max_size=12)


def hashes(*numbers: int) -> Hashes:
    return np.array(numbers, dtype=np.uint64)


def weigh(vocabulary: Vocabulary, asked: Hashes) -> tuple[np.ndarray, np.ndarray]:
    """One ticket's n-grams, of one vocabulary alone."""
    places = places_in(vocabulary, asked)
    distinct, weights = weigh_places(vocabulary.weights, places[places >= 0])
    return distinct, at_length_one(weights)


def test_weights_are_those_worked_by_hand() -> None:
    # Four tickets; 7 stands in three of them, 9 in two, 5 in one.
    vocabulary = fit_vocabulary([hashes(7, 7, 9), hashes(7), hashes(9, 7), hashes(5)], least_tickets=2, most=10)
    assert vocabulary.hashes.tolist() == [7, 9]
    assert vocabulary.rarity == pytest.approx([math.log(5 / 4) + 1, math.log(5 / 3) + 1])
    places, weights = weigh(vocabulary, hashes(9, 7, 7, 7, 5, 8))
    # 7 three times: (1 + ln 3) * 1.22314 = 2.56690; 9 once: 1.51083; 5 and 8 are not in the vocabulary.
    # Length: sqrt(6.58897 + 2.28259) = 2.97852.
    assert places.tolist() == [0, 1]
    assert weights == pytest.approx([0.86180, 0.50724], abs=1e-5)


@given(DOCUMENTS, st.integers(1, 4))
def test_weights_are_those_of_scikit_learn_on_the_same_ngrams(documents: list[list[int]], least: int) -> None:
    vocabulary = fit_vocabulary([hashes(*one) for one in documents], least_tickets=least, most=100)
    vectorizer = TfidfVectorizer(analyzer=lambda one: one, sublinear_tf=True, min_df=least)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            matrix = vectorizer.fit_transform(documents)
    except ValueError:  # scikit-learn has no empty vocabulary
        assert len(vocabulary) == 0
        return
    wanted = matrix[:, np.argsort(vectorizer.get_feature_names_out())].toarray()
    assert vocabulary.hashes.tolist() == sorted(vectorizer.get_feature_names_out())
    assert rows_of(vocabulary, documents) == pytest.approx(wanted, abs=1e-6)


def rows_of(vocabulary: Vocabulary, documents: Sequence[Sequence[int]]) -> np.ndarray:
    rows = np.zeros((len(documents), len(vocabulary)))
    for row, document in zip(rows, documents, strict=True):
        places, weights = weigh(vocabulary, hashes(*document))
        row[places] = weights
    return rows[:, vocabulary.places]


def test_real_text_is_weighed_as_scikit_learn_does() -> None:
    texts = ["VPN is down again", "the VPN drops and drops", "printer is out of paper", "Printer prints nothing"]
    vectorizer = TfidfVectorizer(
        sublinear_tf=True, min_df=2, ngram_range=(1, 2), token_pattern=r"(?u)\w+", lowercase=True
    )
    matrix = vectorizer.fit_transform(texts).toarray()
    vocabulary = fit_vocabulary([grams_of(text).words for text in texts], least_tickets=2, most=1000)
    assert len(vocabulary) == matrix.shape[1]
    for text, row in zip(texts, matrix, strict=True):
        _, weights = weigh(vocabulary, grams_of(text).words)
        assert sorted(weights) == pytest.approx(sorted(row[row > 0]), abs=1e-6)


def test_the_most_frequent_are_kept_and_the_order_of_the_tickets_does_not_matter() -> None:
    documents = [hashes(1, 2, 3), hashes(3, 2), hashes(3), hashes(4)]
    assert fit_vocabulary(documents, least_tickets=1, most=2).hashes.tolist() == [2, 3]
    for order in ([3, 0, 2, 1], [2, 1, 0, 3]):
        again = fit_vocabulary([documents[place] for place in order], least_tickets=1, most=3)
        assert again.hashes.tolist() == [1, 2, 3]  # 1 and 4 are as frequent: the smaller hash stays


def test_counting_in_batches_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [hashes(*(number % 7, number % 3 + 20, number % 2 + 40)) for number in range(50)]
    at_once = fit_vocabulary(documents, least_tickets=2, most=100)
    monkeypatch.setattr(module, "_BATCH", 4)
    in_batches = fit_vocabulary(documents, least_tickets=2, most=100)
    assert in_batches.hashes.tolist() == at_once.hashes.tolist()
    assert in_batches.rarity.tolist() == at_once.rarity.tolist()


@pytest.mark.parametrize("texts", [[], [hashes()], [hashes(1), hashes(2)]])
def test_a_vocabulary_may_be_empty(texts: list[Hashes]) -> None:
    vocabulary = fit_vocabulary(texts, least_tickets=2, most=10)
    places, weights = weigh(vocabulary, hashes(1, 2))
    assert (len(vocabulary), len(places), len(weights)) == (0, 0, 0)


@given(DOCUMENTS, st.lists(st.integers(0, 20), max_size=20))
def test_places_ascend_and_squares_add_to_one_or_nought(documents: list[list[int]], asked: list[int]) -> None:
    vocabulary = fit_vocabulary([hashes(*one) for one in documents], least_tickets=1, most=100)
    places, weights = weigh(vocabulary, hashes(*asked))
    known = sorted(set(asked) & {one for row in documents for one in row})
    assert sorted(vocabulary.hashes[vocabulary.places.argsort()][places].tolist()) == known
    assert np.all(np.diff(places) > 0)
    assert float(weights @ weights) == pytest.approx(1.0 if len(places) else 0.0, abs=1e-6)


def test_hashes_at_the_ends_of_the_range_are_found() -> None:
    ends = hashes(0, 2**64 - 1)
    vocabulary = fit_vocabulary([ends], least_tickets=1, most=10)
    assert weigh(vocabulary, ends)[0].tolist() == [0, 1]


def test_places_are_ranks_by_frequency() -> None:
    vocabulary = fit_vocabulary([hashes(5, 9), hashes(9, 2), hashes(9, 2), hashes(7)], least_tickets=1, most=9)
    assert vocabulary.hashes.tolist() == [2, 5, 7, 9]
    assert vocabulary.places.tolist() == [1, 2, 3, 0]
    assert vocabulary.weights.tolist() == sorted(vocabulary.rarity.tolist())
    as_before = Vocabulary(vocabulary.hashes, vocabulary.rarity, in_hash_order=True)
    assert as_before.places.tolist() == [0, 1, 2, 3]
    assert as_before.weights.tolist() == vocabulary.rarity.tolist()


def test_places_are_told_in_any_order_with_repeats_and_strangers() -> None:
    known = Vocabulary(hashes(3, 7, 9), np.ones(3, np.float32))
    assert places_in(known, hashes(9, 3, 4, 9, 2**64 - 1)).tolist() == [2, 0, -1, 2, -1]
    assert places_in(Vocabulary(hashes(), np.empty(0, np.float32)), hashes(3)).tolist() == [-1]


def test_without_the_rarest_those_stay_that_stand_in_more_tickets() -> None:
    texts = [hashes(1, 2), hashes(1, 2), hashes(1, 3), hashes(3)]
    assert without_rarest(fit_vocabulary(texts, least_tickets=2, most=9)).hashes.tolist() == [1]
    assert len(without_rarest(fit_vocabulary([], least_tickets=2, most=9))) == 0
