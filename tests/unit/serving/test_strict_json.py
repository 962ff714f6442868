"""Bytes to JSON values: what is taken, and what is refused with its place."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.problems import ProblemError
from serving.strict_json import _number, parse_json, printable

scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def refusal(raw: bytes) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        parse_json(raw)
    assert caught.value.status == 400
    return caught.value


@given(values)
def test_what_json_spells_comes_out_as_it_was(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_either_read_or_refused_as_a_problem(raw: bytes) -> None:
    def answer() -> object:
        try:
            return parse_json(raw)
        except ProblemError as problem:
            return problem.status

    assert answer() == 400 or answer() == json.loads(raw)


spaces = st.text(" \t\r\n", max_size=2)
numbers = st.tuples(
    st.sampled_from(["", "-"]),
    st.integers(0, 10**20).map(str),
    st.just("") | st.text("0123456789", min_size=1, max_size=8).map(".{}".format),
    st.sampled_from(["", "e0", "E5", "e+10", "e-07"]),
).map("".join)
escapes = st.sampled_from(['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"])
letters = st.characters(exclude_categories=["Cs"], exclude_characters='"\\', min_codepoint=32)
units = st.integers(0, 0xFFFF).map("\\u{:04x}".format) | st.integers(0, 0xFFFF).map("\\u{:04X}".format)
quoted = st.lists(letters | escapes | units, max_size=6).map(lambda parts: '"' + "".join(parts) + '"')


def padded(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(spaces, inner, spaces).map("".join)


def lists_of(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=3).map(lambda parts: f"[{','.join(parts)}]")


def objects_of(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.tuples(padded(quoted), inner)
    members = st.lists(member, max_size=3, unique_by=lambda one: str(json.loads(one[0])))
    return members.map(lambda parts: "{" + ",".join(f"{name}:{value}" for name, value in parts) + "}")


leaves = numbers | quoted | st.sampled_from(["null", "true", "false"])
spelt = st.recursive(padded(leaves), lambda inner: padded(lists_of(inner)) | padded(objects_of(inner)), max_leaves=8)
"""JSON as its grammar has it (RFC 8259), not only as `json.dumps` writes it."""


@given(spelt)
def test_whatever_the_grammar_allows_means_the_same_as_to_the_usual_parser(text: str) -> None:
    assert parse_json(text.encode()) == json.loads(text)


@given(spelt, st.data())
def test_json_with_a_few_bytes_gone_wrong_is_read_as_it_stands_or_refused(text: str, data: st.DataObject) -> None:
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    with suppress(ProblemError):
        assert json.dumps(parse_json(bytes(raw))) == json.dumps(json.loads(bytes(raw), parse_float=_number))


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"", "line 1, column 1"),
        (b'{"a": 1,}', "line 1, column 9"),
        (b'{"a":\n  tru}', "line 2, column 3"),
        (b"{'a': 1}", "column 2"),
        (b'{"a": 1} {}', "column 10"),
        (b'{"a": "\x01"}', "column 8"),
        (b'{"a": "\xff"}', "byte 7"),
        ('{"a": 1}'.encode("utf-16"), "UTF-8"),
        (b'{"a": ' + b"9" * 5000 + b"}", "4,300 digits"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(raw: bytes, detail: str) -> None:
    assert detail in refusal(raw).detail


@pytest.mark.parametrize("spelling", ["5.0", "5e0", "50e-1", "0.5E+1", "5.000"])
def test_a_whole_number_is_one_however_it_is_spelt(spelling: str) -> None:
    assert isinstance(parse_json(spelling.encode()), int)


@pytest.mark.parametrize(("spelling", "value"), [("0.5", 0.5), ("1e300", 1e300), ("-9.3e18", -9.3e18)])
def test_a_fraction_or_a_number_beyond_64_bits_stays_what_it_is(spelling: str, value: float) -> None:
    read = parse_json(spelling.encode())
    assert (read, type(read)) == (value, float)


def test_a_name_given_twice_is_refused_with_its_path() -> None:
    problem = refusal(b'{"ticket": {"id": 1, "messages": [{"at": 1}, {"at": 1, "at": 2}], "id": 2}}')
    assert [error.field for error in problem.errors] == ["ticket.id", "ticket.messages[1].at"]


def test_32_levels_are_read_and_33_are_refused() -> None:
    assert parse_json(b"[" * 32 + b"]" * 32)
    assert "32 levels" in refusal(b"[" * 33 + b"]" * 33).detail
    assert parse_json(b'{"a":' * 32 + b"1" + b"}" * 32)
    assert "32 levels" in refusal(b'{"a":' * 33 + b"1" + b"}" * 33).detail


def test_nesting_beyond_any_stack_is_refused_like_any_other() -> None:
    assert "32 levels" in refusal(b"[" * 500_000).detail


def test_brackets_inside_text_do_not_count_as_depth() -> None:
    assert parse_json(b'{"a": "' + b"[" * 1000 + b'"}') == {"a": "[" * 1000}


def test_an_object_with_more_than_1000_names_is_refused() -> None:
    broad = {str(number): 1 for number in range(1001)}
    assert "1,000 members" in refusal(json.dumps(broad).encode()).detail
    del broad["0"]
    assert parse_json(json.dumps(broad).encode()) == broad


@given(st.text(st.characters(exclude_categories=[]), max_size=300))
def test_a_name_is_always_shown_short_and_printable(name: str) -> None:
    shown = printable(name)
    assert len(shown) <= 65
    assert shown.isprintable()
