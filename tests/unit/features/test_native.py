"""Compiled code against numpy: the same to the bit, whatever the text."""

import copy

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.compiled import IS_COMPILED
from features.lexicon import Found, Lexicon
from features.ngrams import Hashes, chunks_in, runs_in, words_in
from features.vocabulary import Vocabulary

TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("ab \t\n\0İßſ🙂é\u0301\ud800\u3000_-'1!")))
compiled = pytest.mark.skipif(not IS_COMPILED, reason="there was no compiler when Pointsman was installed")


def vocabulary(hashes: Hashes) -> Vocabulary:
    found = np.unique(hashes)
    return Vocabulary(found, np.ones(len(found), np.float32))


def lexicon_of(text: str, share: int = 1) -> Lexicon:
    chunks = chunks_in(text)
    return Lexicon(vocabulary(words_in(chunks)[::share]), vocabulary(runs_in(chunks)[::share]))


def listed(found: Found) -> tuple[object, ...]:
    parts = (found.starts, found.ends, found.words, found.pairs, found.runs, found.owners)
    assert {part.dtype for part in parts} == {np.dtype(np.int32)}
    return found.normal, *(part.tolist() for part in parts)


@compiled
@given(TEXTS, TEXTS, st.integers(1, 3))
@example("", "", 1)
@example("?! -> a-b _ c", "?! -> a-b _ c", 1)
@example("vpn vpn down", "the vpn is down. vpn down!", 1)
@example("\U0001f525 x", "\U0001f525\U0001f525 x🙂y", 1)
def test_compiled_code_finds_what_numpy_finds(taught: str, asked: str, share: int) -> None:
    lexicon = lexicon_of(taught + " " + asked[::2], share)
    chunks = chunks_in(asked)
    assert listed(lexicon.find(chunks)) == listed(lexicon.find_by_numpy(chunks))


@compiled
@given(TEXTS, TEXTS, st.integers(0, 2**32))
@example("", "", 1)
@example("vpn vpn down " * 9, "vpn vpn vpn down down the vpn " * 40, 1)
def test_compiled_code_weighs_as_numpy_does(taught: str, asked: str, seed: int) -> None:
    chunks = chunks_in(taught + " " + asked[::2])
    words, runs = vocabulary(words_in(chunks)), vocabulary(runs_in(chunks))
    rarity = np.random.default_rng(seed).uniform(1, 12, len(words) + len(runs)).astype(np.float32)
    lexicon = Lexicon(words, runs)
    found = lexicon.find(chunks_in(asked))
    one, other = (way(found, rarity, np.float32(0.5)) for way in (lexicon.weigh, lexicon.weigh_by_numpy))
    assert [(part.dtype, part.tobytes()) for part in one] == [(part.dtype, part.tobytes()) for part in other]


@compiled
def test_what_comes_very_often_counts_no_more() -> None:
    lexicon = lexicon_of("no yes")
    found = lexicon.find(chunks_in("no " * 6_000 + "yes " * 4_096))
    rarity = np.ones(99, np.float32)
    places, weights = lexicon.weigh(found, rarity, np.float32(1))
    often, as_often_as_counts = (weights[places == found.words[place]] for place in (0, -1))
    assert often.tolist() == as_often_as_counts.tolist() != []
    assert weights.tobytes() == lexicon.weigh_by_numpy(found, rarity, np.float32(1))[1].tobytes()


@compiled
def test_a_long_text_and_a_large_vocabulary_are_no_exception() -> None:
    chance = np.random.default_rng(3)
    text = " ".join("".join(map(chr, chance.integers(97, 123, size))) for size in chance.integers(1, 12, 15_000))
    lexicon = lexicon_of(text, 2)
    chunks = chunks_in(text[::-1] + text)
    found = lexicon.find(chunks)
    assert listed(found) == listed(lexicon.find_by_numpy(chunks))
    assert len(found.runs) > 80_000


@compiled
def test_of_two_hashes_with_the_same_first_bits_each_is_found() -> None:
    chunks = chunks_in("vpn down")
    words = words_in(chunks)
    near = np.concatenate([words, words ^ np.uint64(1), words ^ np.uint64(2)])
    lexicon = Lexicon(vocabulary(near), vocabulary(near[:0]))
    found = lexicon.find(chunks)
    assert np.unique(near)[found.words].tolist() == words[:2].tolist()
    assert not len(found.runs)


def test_a_copy_of_a_lexicon_finds_the_same() -> None:
    lexicon = lexicon_of("the vpn is down")
    for copied in (copy.copy(lexicon), copy.deepcopy(lexicon)):
        assert listed(copied.find(["vpn", "down"])) == listed(lexicon.find(["vpn", "down"]))


def test_the_share_of_known_words_counts_repeats() -> None:
    lexicon = lexicon_of("vpn")
    assert lexicon.find(chunks_in("vpn is vpn")).share == pytest.approx(2 / 3)
    assert lexicon.find(chunks_in("!?")).share is None
