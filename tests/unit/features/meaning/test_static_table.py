"""A meaning by a table of tokens: a weighted mean, worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from features.meaning.static_table import StaticTable
from features.meaning.tokens import MOST_CHARACTERS, parse_tokenizer, token_ids

WORDS = {"[UNK]": 0, "vpn": 1, "invoice": 2, "the": 3}


def tokenizer() -> Tokenizer:
    made = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = Lowercase(), Whitespace()
    return made


@pytest.fixture(scope="module")
def table() -> StaticTable:
    rows = np.array([[9, 9], [100, 0], [0, 100], [50, 50]], dtype=np.int8)
    return StaticTable("by hand", rows, np.array([0, 0.04, 0.03, 0], dtype=np.float32), tokenizer())


def test_one_word_means_its_row_at_length_one(table: StaticTable) -> None:
    assert table.embed("VPN").tolist() == [1, 0]


def test_several_words_mean_their_weighted_mean(table: StaticTable) -> None:
    # 100 * 0.04 = 4 and 100 * 0.03 = 3: a triangle of 3, 4 and 5.
    assert table.embed("the invoice vpn").tolist() == pytest.approx([0.8, 0.6])


@pytest.mark.parametrize("text", ["", "   ", "the", "word that nobody knows"])
def test_a_text_without_a_token_that_counts_means_nought(table: StaticTable, text: str) -> None:
    assert table.embed(text).tolist() == [0, 0]


def test_text_beyond_the_limit_is_not_read(table: StaticTable) -> None:
    assert table.embed("vpn " * (MOST_CHARACTERS // 4) + "invoice").tolist() == [1, 0]


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=[]), max_size=200))
def test_any_text_at_all_means_a_unit_vector_or_nought(text: str) -> None:
    rows = np.array([[1, 1], [100, 0], [0, 100], [50, 50]], dtype=np.int8)
    vector = StaticTable("by hand", rows, np.full(4, 0.1, dtype=np.float32), tokenizer()).embed(text)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1) or not vector.any()


def test_half_of_a_surrogate_pair_is_no_reason_to_fail(table: StaticTable) -> None:
    assert table.embed("vpn \ud83d").tolist() == [1, 0]


def test_a_tokenizer_is_read_back_from_its_own_form_without_padding() -> None:
    padded = tokenizer()
    padded.enable_padding(length=20)
    assert token_ids(parse_tokenizer(padded.to_str()), "vpn invoice") == [1, 2]


def test_json_that_is_no_tokenizer_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        parse_tokenizer('{"model": 1}')
