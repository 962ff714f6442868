"""What leaves with a page comes back as it was, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.console.sealing import Seal

SECRET = b"a secret of a test"


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.booleans() | st.integers(-(2**40), 2**40)))
def test_what_was_signed_is_read_back(value: dict[str, object]) -> None:
    assert Seal(SECRET).read("form", Seal(SECRET).sign("form", value)) == value


@given(st.data())
def test_one_character_more_less_or_other_is_refused(data: st.DataObject) -> None:
    text = Seal(SECRET).sign("form", {"p": "1", "saw": True})
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("abcXYZ019-_."))
    altered = [text[:place] + text[place + 1 :], text[:place] + other + text[place:], text + other]
    if other != text[place]:
        altered.append(text[:place] + other + text[place + 1 :])
    for one in altered:
        assert one == text or Seal(SECRET).read("form", one) is None


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "é.é", "e30.", "\x00", "a" * 5_000])
def test_what_was_never_signed_is_nothing(text: str) -> None:
    assert Seal(SECRET).read("form", text) is None


def test_another_purpose_or_another_secret_does_not_hold() -> None:
    text = Seal(SECRET).sign("session", {"person": "ann"})
    assert Seal(SECRET).read("form", text) is None
    assert Seal(b"another secret entirely").read("session", text) is None


def test_tokens_are_of_one_nonce_and_do_not_show_it() -> None:
    seal = Seal(SECRET)
    assert seal.token("a") == seal.token("a") != seal.token("b")
    assert "a" * 20 not in seal.token("a" * 20)
    assert seal.token("a") != Seal(b"another secret entirely").token("a")
