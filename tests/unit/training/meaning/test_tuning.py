"""A token table fitted to texts: nearer to the encoder on texts it never saw, unchanged where it saw nothing."""

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from features.meaning.static_table import StaticTable
from training.meaning.preparing import Distilled
from training.meaning.tuning import plain, tuned

TOKENS, WIDTH, HEARD = 120, 16, 100
"""The last twenty tokens stand in no text."""

CHANCE = np.random.default_rng(11)
TRUTH = CHANCE.standard_normal((TOKENS, WIDTH)).astype(np.float32)
"""What each token really adds to a text's vector: the encoder of these tests is a mean itself."""


def texts(count: int, seed: int) -> list[str]:
    chance = np.random.default_rng(seed)
    return [" ".join(f"t{token}" for token in chance.integers(0, HEARD, 12)) for _ in range(count)]


def meant(given: list[str]) -> np.ndarray:
    vectors = np.array([sum(TRUTH[int(word[1:])] for word in text.split()) for text in given], dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def distilled() -> Distilled:
    """A table that is half right."""
    tokenizer = Tokenizer(WordLevel({f"t{token}": token for token in range(TOKENS)}, unk_token="t0"))
    tokenizer.pre_tokenizer = Whitespace()
    noise = np.random.default_rng(12).standard_normal(TRUTH.shape).astype(np.float32)
    return Distilled("tiny", TRUTH + noise, tokenizer.to_str())


def likeness(table: StaticTable, given: list[str]) -> float:
    """How well the table's cosines between texts agree with the encoder's: correlation over all pairs."""
    found, wanted = np.array([table.embed(text) for text in given]), meant(given)
    return float(np.corrcoef((found @ found.T).ravel(), (wanted @ wanted.T).ravel())[0, 1])


def test_tuning_brings_texts_that_were_never_seen_nearer_to_the_encoder(distilled: Distilled) -> None:
    seen, unseen = texts(600, seed=1), texts(100, seed=2)
    before, after = likeness(plain(distilled), unseen), likeness(tuned(distilled, seen, meant(seen)), unseen)
    assert 1 - after < (1 - before) / 2


def test_tokens_of_no_text_keep_their_likeness_to_each_other(distilled: Distilled) -> None:
    seen = texts(600, seed=1)
    unheard = [f"t{token}" for token in range(HEARD, TOKENS)]
    before, after = (
        np.array([table.embed(word) for word in unheard])
        for table in (plain(distilled), tuned(distilled, seen, meant(seen)))
    )
    # Only the rounding to int8 differs: half a step of 127 in each of sixteen directions.
    assert np.allclose(before @ before.T, after @ after.T, atol=0.03)


def test_tuning_twice_gives_the_same_table(distilled: Distilled) -> None:
    seen = texts(200, seed=3)
    one, two = (tuned(distilled, seen, meant(seen)) for _ in range(2))
    assert np.array_equal(one.rows, two.rows)
    assert np.array_equal(one.scales, two.scales)


def test_without_a_text_that_says_anything_the_table_stays_as_distilled(distilled: Distilled) -> None:
    table = tuned(distilled, ["", " "], np.zeros((2, WIDTH), np.float32))
    assert np.array_equal(table.rows, plain(distilled).rows)


def test_vectors_of_another_shape_are_refused(distilled: Distilled) -> None:
    with pytest.raises(ValueError, match=r"\(1, 16\), not \(1, 3\)"):
        tuned(distilled, ["t1"], np.zeros((1, 3), np.float32))
