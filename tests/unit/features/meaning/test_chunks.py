"""Chunks between spaces, tokenised once each: the same tokens as of the whole text, whatever the text."""

import copy
import json
import string
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, Metaspace

from features.kept import MOST_KEPT
from features.meaning.chunks import Chunks, _words_at, chunks_of, sees_chunks_alone
from features.meaning.tokens import clean, parse_tokenizer, token_spans

PIECES = [*string.ascii_lowercase, *string.digits, *string.punctuation, *"äßσςıéабв漢字日", "vpn", "tunnel", "error"]
VOCABULARY = {"[UNK]": 0, "[PAD]": 1, **{piece: place for place, piece in enumerate(PIECES, 2)}}
VOCABULARY |= {f"##{piece}": len(VOCABULARY) + place for place, piece in enumerate(PIECES)}

HOSTILE = (
    "\n\r\t\x00\x01\x0b\x0c\x1c\x1d\x1e\x1f\x7f\x85\xa0\xad\u0300\u0301\u0345\u05b0\u0f39\u1160\u200b\u200d\u2028\u2029"
    "\u202e\u2003\u3000\u3099\ufeff\ufffd\ud83d\udd25\U0001f525\U000e0041ΣςİIıßÅﬁ"
)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from([*PIECES, "vpn tunnel", "[UNK]", "[PAD]", " ", "  ", "\n", *HOSTILE]),
        st.characters(codec=None, exclude_categories=[]),
    ),
    max_size=60,
).map("".join)


def tokenizer(**how: bool | None) -> Tokenizer:
    made = Tokenizer(WordPiece(VOCABULARY, unk_token="[UNK]", max_input_chars_per_word=20))
    made.normalizer = BertNormalizer(**how)
    made.pre_tokenizer = BertPreTokenizer()
    made.add_special_tokens(["[UNK]", "[PAD]"])
    return made


KINDS = [{}, {"lowercase": False}, {"strip_accents": True, "lowercase": False}, {"handle_chinese_chars": False}]
KINDS += [{"clean_text": False}]
MADE = [chunks_of(tokenizer(**kind)) for kind in KINDS]


@settings(max_examples=400)
@given(TEXTS)
@example("vpn.tunnel error-42, #4711/a_b vpn@error.vpn ([UNK]) x")
@example("vpn.tunnel error-42, #4711/a_b\nvpn@error.vpn 'x' ``y''")
@example("a\x0bb \x1cvpn\x1c tunnel\x85error")
@example("e \u0301 e\u0301 \u0301e Σ ΑΣ Σ. ΑΣ.Β")
@example("x" * 19 + " " + "x" * 21 + " [UNK][PAD]vpn[UNK] [UN K]")
def test_the_tokens_of_the_chunks_are_those_of_the_whole_text(text: str) -> None:
    read = clean(text)
    for chunks in MADE:
        ids, spans = token_spans(chunks.tokenizer, read)
        for _ in range(2):  # the second time they are looked up
            assert chunks.alone
            assert chunks.ids(read).tolist() == ids
            assert chunks.spans(read) == spans
            named, words = chunks.named(read)
            assert named.tolist() == ids
            assert words == _words_at(read, spans)


def test_a_long_chunk_of_many_signs_takes_no_longer_than_its_length() -> None:
    began = time.perf_counter()
    for text in ("a-" * 10_000 + " é", "a" * 20_000 + " é", " ".join(f"{place:099}" for place in range(200)) + " é"):
        MADE[0].named(clean(text))
    assert time.perf_counter() - began < 2


@given(st.text("vpnVPN01-", max_size=12))
def test_words_are_cut_into_pieces_as_the_library_cuts_them(text: str) -> None:
    few = {"[UNK]": 0, "v": 1, "vp": 2, "##pn": 3, "##n": 4, "n": 5, "0": 6, "##0": 7, "##1": 8, "##nv": 9, "V": 10}
    for lowercase in (True, False):
        made = Tokenizer(WordPiece(few, unk_token="[UNK]", max_input_chars_per_word=9))
        made.normalizer, made.pre_tokenizer = BertNormalizer(lowercase=lowercase), BertPreTokenizer()
        assert chunks_of(made).ids(text).tolist() == made.encode(text, add_special_tokens=False).ids


@given(TEXTS)
def test_a_tokenizer_of_another_kind_sees_the_whole_text(text: str) -> None:
    made = tokenizer()
    made.pre_tokenizer = Metaspace()
    chunks, read = chunks_of(made), clean(text)
    assert not chunks.alone
    assert chunks.ids(read).tolist() == token_spans(made, read)[0]


@pytest.mark.parametrize("token", [AddedToken("two words"), AddedToken("x", lstrip=True), AddedToken("x", rstrip=True)])
def test_added_tokens_that_reach_over_spaces_ask_for_the_whole_text(token: AddedToken) -> None:
    made = tokenizer()
    made.add_tokens([token])
    assert not chunks_of(made).alone


def test_a_tokenizer_that_cuts_its_text_asks_for_the_whole_of_it() -> None:
    made = tokenizer()
    made.enable_truncation(5)
    assert not chunks_of(made).alone
    assert not sees_chunks_alone({**json.loads(tokenizer().to_str()), "normalizer": None})


def test_what_is_kept_is_bounded_in_number_and_in_length() -> None:
    chunks = chunks_of(tokenizer())
    long = "x" * 41
    for start in range(0, MOST_KEPT + 2_000, 1_000):
        chunks.ids(" ".join([long, *(f"v{number}" for number in range(start, start + 1_000))]))
        assert len(chunks._ids) <= MOST_KEPT
    assert 0 < len(chunks._ids) <= MOST_KEPT
    assert long not in chunks._ids


def test_nothing_of_a_ticket_shows_where_the_chunks_are_printed_or_goes_with_a_copy() -> None:
    chunks = chunks_of(tokenizer())
    chunks.ids("vpn secret")
    assert "secret" not in repr(chunks)
    assert "secret" in chunks._ids
    for copied in (copy.copy(chunks), copy.deepcopy(chunks)):
        assert copied.alone
        assert not len(copied._ids)


def test_threads_may_share_it() -> None:
    chunks: Chunks = chunks_of(parse_tokenizer(tokenizer().to_str()))
    texts = [f"vpn tunnel {number % 50} error{number}" for number in range(400)]
    expected = [token_spans(chunks.tokenizer, text)[0] for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert [ids.tolist() for ids in pool.map(chunks.ids, texts)] == expected


def test_the_word_of_each_token_is_told() -> None:
    chunks = chunks_of(tokenizer())
    assert chunks.named("VPN-tunnel a_b!")[1] == ["vpn", "", "tunnel", "a_b", "a_b", "a_b", ""]
    assert chunks.named("VPN-error\nvpn!")[1] == ["vpn", "", "error", "vpn", ""]
    assert chunks.named("ß-é!\nvpn")[1] == ["ß", "", "é", "", "vpn"]
