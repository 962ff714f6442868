"""Which word each part of an encoded text comes from."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.ticket import Ticket
from features.encoding import Encoder, encode, fit_encoder, read
from features.origins import Origins, origins_of

TEXT = "VPN token fails, e-mail :-) -> vpn Token!"


def encoder_of(*texts: str) -> Encoder:
    return fit_encoder([read(Ticket(id="1", body=text)) for text in texts * 3])


def origins(encoder: Encoder, text: str) -> tuple[Origins, int]:
    reading = read(Ticket(id="1", body=text))
    encoded = encode(encoder, reading)
    return origins_of(encoder, reading, encoded), encoded.text


def test_words_are_counted_once_and_spelled_as_they_first_come() -> None:
    found, _ = origins(encoder_of(TEXT), TEXT)
    assert found.spelled == ["VPN", "token", "fails", "e", "mail", ":-)", "->"]
    assert found.words["vpn"] == 0


def test_a_pair_belongs_to_both_of_its_words_wherever_it_stands() -> None:
    found, _ = origins(encoder_of(TEXT), TEXT)
    spelled = found.spelled
    pairs = {(spelled[left], spelled[right]): part for left, right, part in found.neighbours}
    assert set(pairs) == {("VPN", "token"), ("token", "fails"), ("fails", "e"), ("e", "mail"), ("mail", "VPN")}
    owners = {
        spelled[owner]: share
        for part, owner, share in zip(found.parts, found.owners, found.shares, strict=True)
        if part == pairs["token", "fails"]
    }
    assert owners == {"token": 0.5, "fails": 0.5}


def test_a_run_belongs_to_the_word_it_stands_in() -> None:
    found, _ = origins(encoder_of("drops"), "DROPS again")
    assert {found.spelled[owner] for owner in found.owners} == {"DROPS"}
    # The word, and its runs of three, four and five characters with the spaces about it: 5 + 4 + 3.
    assert len(found.parts) == 1 + 5 + 4 + 3


@given(st.text(st.sampled_from("ab İß断 \n\t-_!é🙂\ud800"), max_size=60))
def test_without_compiled_code_everything_comes_from_the_same_words(text: str) -> None:
    reading = read(Ticket(id="1", body=text))
    encoder = encoder_of(text, "ab", "a-b")
    encoded = encode(encoder, reading)
    found = origins_of(encoder, reading, encoded)
    with patch("features.origins.IS_COMPILED", new=False):
        again = origins_of(encoder, reading, encoded)
    for one, other in ((found.parts, again.parts), (found.owners, again.owners), (found.shares, again.shares)):
        assert one.tolist() == other.tolist()
    assert (found.words, found.spelled, found.neighbours) == (again.words, again.spelled, again.neighbours)
    said = np.random.default_rng(1).normal(size=(encoded.text, 3))
    assert found.by_word(said).tobytes() == found.by_word_with_numpy(said).tobytes()


@given(st.text(st.sampled_from("ab İß断 \n\t-_!é🙂\ud800"), max_size=60))
def test_every_part_of_a_text_is_shared_out_whole(text: str) -> None:
    found, parts = origins(encoder_of(text, "ab", "a-b"), text)
    shared = np.bincount(found.parts, found.shares, minlength=parts)
    assert shared == pytest.approx(np.ones(parts))
    assert len(found.spelled) == len(found.words) > found.owners.max(initial=-1)


def test_what_parts_say_goes_to_the_words_that_own_them() -> None:
    words = {"vpn": 0, "is": 1, "down": 2}
    one = Origins(words, [*words], np.array([1, 0, 0]), np.array([2, 0, 2]), np.array([1.0, 0.5, 0.5]), [])
    none = Origins({}, [], *(np.empty(0, np.int64),) * 2, np.empty(0), [])
    for by_word in (Origins.by_word, Origins.by_word_with_numpy):
        assert by_word(one, np.array([[4.0, 40.0], [1.0, -1.0]])).tolist() == [[2.0, 20.0], [0.0, 0.0], [3.0, 19.0]]
        assert by_word(none, np.empty((0, 2))).shape == (0, 2)
