"""N-grams against a plain reference in Python's own integers, and the properties that a vocabulary leans on."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.ngrams import MOST_CHARACTERS, grams_of, is_cut, normal_form

ROOT = Path(__file__).resolve().parents[3]
BITS = (1 << 64) - 1
AWKWARD = st.text(st.one_of(st.characters(), st.sampled_from("ab \t\n\0İßſ🙂é\u0301\ud800\udc00\u3000_-'1")))


def mixed(value: int) -> int:
    """The finaliser of splitmix64, step by step."""
    z = (value + 0x9E3779B97F4A7C15) & BITS
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & BITS
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & BITS
    return z ^ (z >> 31)


def hashed(text: str, plus: int = 0) -> int:
    """The polynomial of the scrambled code points, the first with power nought."""
    total = sum(mixed(ord(one)) * pow(0x9E3779B97F4A7C15, place, 1 << 64) for place, one in enumerate(text))
    return mixed((total + plus) & BITS)


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", normal_form(text))


def runs_of(text: str) -> list[str]:
    found = []
    for chunk in normal_form(text).split(" "):
        spaced = f" {chunk} "
        starts = [(start, size) for size in (3, 4, 5) for start in range(len(spaced) - size + 1)] if chunk else []
        found += [spaced[start : start + size] for start, size in starts]
    return found


def are_paired(hashes: Sequence[int], grams: Sequence[object]) -> bool:
    """Whether each gram has one hash, and no two share one."""
    pairs = set(zip(hashes, grams, strict=True))
    return len(pairs) == len(set(hashes)) == len(set(grams))


def test_the_reference_is_splitmix64_as_published() -> None:
    # The first numbers of splitmix64 from the seed 1234567, as printed on Rosetta Code.
    gamma, seed = 0x9E3779B97F4A7C15, 1234567
    assert [mixed((seed + step * gamma) & BITS) for step in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


@given(AWKWARD)
@example("")
@example("   \n\t ")
@example("🙂")
@example("é e\u0301 ZWJ\u200dX")
@example("half \ud83d a pair \0 and nul")
def test_words_pairs_and_runs_are_those_of_a_plain_reference(text: str) -> None:
    words, runs = words_of(text), runs_of(text)
    hashes = [hashed(word) for word in words]
    pairs = [mixed((one * 0xD1B54A32D192ED03 + two) & BITS) for one, two in pairwise(hashes)]
    grams = grams_of(text)
    assert grams.words.tolist() == hashes + pairs
    assert grams.runs.tolist() == [hashed(run, len(run)) for run in runs]


@given(AWKWARD)
def test_different_ngrams_of_a_text_have_different_hashes(text: str) -> None:
    words = words_of(text)
    grams = grams_of(text)
    assert are_paired(grams.words.tolist(), [*words, *pairwise(words)])
    assert are_paired(grams.runs.tolist(), runs_of(text))


def test_a_hundred_thousand_different_words_have_as_many_hashes() -> None:
    texts = [" ".join(str(number) for number in range(start, start + 10_000)) for start in range(0, 100_000, 10_000)]
    words = np.concatenate([grams_of(text).words[:10_000] for text in texts])
    assert len(np.unique(words)) == 100_000


@pytest.mark.parametrize(
    ("one", "other"),
    [("ab", "ba"), ("a b", "b a"), ("ab c", "a bc"), ("aa", "aaa"), ("vpn down", "down vpn"), ("é", "e"), ("a", "\0a")],
)
def test_order_length_and_accents_tell_texts_apart(one: str, other: str) -> None:
    first, second = grams_of(one), grams_of(other)
    assert (first.words.tolist(), first.runs.tolist()) != (second.words.tolist(), second.runs.tolist())


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000", "\x1c\x85"])
def test_a_text_of_nothing_but_space_has_no_ngrams(text: str) -> None:
    assert grams_of(text).words.tolist() == []
    assert grams_of(text).runs.tolist() == []


def test_signs_alone_are_runs_but_no_words() -> None:
    assert len(grams_of("?!").words) == 0
    assert grams_of("?!").runs.tolist() == [hashed(" ?!", 3), hashed("?! ", 3), hashed(" ?! ", 4)]


@given(AWKWARD)
def test_case_and_the_kind_and_amount_of_white_space_do_not_matter(text: str) -> None:
    assert hashes_of(text) == hashes_of(f"\n {text.lower()}\t\t")
    assert hashes_of(" ".join(text.split())) == hashes_of("\u3000\n".join(text.split()))


@given(AWKWARD)
def test_the_normal_form_is_one_line_within_single_spaces(text: str) -> None:
    normal = normal_form(text)
    assert normal.startswith(" ")
    assert normal.endswith(" ")
    assert "  " not in normal.strip(" ")
    assert not set(normal) & set("\t\n\x0b\x0c\r\x1c\x85\xa0\u2028\u3000")


def test_a_megabyte_is_read_up_to_its_limit() -> None:
    text = "Printer 4711 is on fire. " * 40_000
    assert len(text) == 1_000_000
    assert hashes_of(text) == hashes_of(text[:MOST_CHARACTERS])
    assert len(grams_of("x" * 1_000_000).words) == 1


def test_text_that_grows_when_it_is_put_in_lower_case_is_still_within_bounds() -> None:
    # U+0130 becomes two code points, so the lower-case text is twice as long as what was cut.
    assert len(normal_form("İ" * 1_000_000)) == MOST_CHARACTERS + 2
    assert len(grams_of("İ" * 1_000_000).runs) == sum(MOST_CHARACTERS + 2 - size + 1 for size in (3, 4, 5))


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", False),
        ("x" * MOST_CHARACTERS, False),
        ("x" * (MOST_CHARACTERS + 1), True),
        ("İ" * (MOST_CHARACTERS // 2), False),
        ("İ" * (MOST_CHARACTERS // 2 + 1), True),
    ],
)
def test_a_text_that_is_not_read_to_its_end_is_known(text: str, cut: bool) -> None:
    assert is_cut(text) is cut
    assert (len(text.lower()) > MOST_CHARACTERS) is cut


def test_hashes_are_the_same_in_every_process() -> None:
    script = "from features.ngrams import grams_of as g; x = g('Wi-Fi drops 🙂 ß'); print(x.words.sum(), x.runs.sum())"
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "4711")
    }
    grams = grams_of("Wi-Fi drops 🙂 ß")
    assert said == {f"{grams.words.sum()} {grams.runs.sum()}\n"}


def hashes_of(text: str) -> tuple[list[int], list[int]]:
    grams = grams_of(text)
    return grams.words.tolist(), grams.runs.tolist()
