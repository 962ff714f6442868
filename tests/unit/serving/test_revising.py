"""Which revision a caller means, in `If-Match` and `If-None-Match`: any is read, and only the right tag matches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from serving.problems import ProblemError
from serving.revising import check_revision, etag

revisions = st.integers(0, 10**9 - 1)
tags = revisions.map(lambda number: f'"{number}"')
headers = st.lists(
    st.tuples(st.sampled_from(["if-match", "if-none-match"]), st.text(max_size=20) | tags | st.just("*")), max_size=3
)


def outcome(given: list[tuple[str, str]], held: int) -> int:
    """200, or the status of the problem."""
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in given]
    try:
        check_revision(Request({"type": "http", "headers": raw}), held)
    except ProblemError as problem:
        return problem.status
    return 200


@given(headers, revisions)
def test_any_headers_are_an_answer_or_a_problem(given: list[tuple[str, str]], held: int) -> None:
    assert outcome(given, held) in (200, 400, 412, 428)


@given(st.lists(revisions, min_size=1, max_size=5), revisions, st.text(" \t", max_size=2))
def test_a_list_of_tags_matches_if_it_holds_the_last(named: list[int], held: int, space: str) -> None:
    spelling = f"{space},{space}".join(f'"{number}"' for number in named)
    assert outcome([("if-match", spelling)], held) == (200 if held in named else 412)
    assert outcome([("if-match", f'"{number}"') for number in named], held) == (200 if held in named else 412)
    assert outcome([("if-match", spelling), ("if-match", etag(held)["ETag"])], held) == 200


@given(st.text(max_size=12), revisions)
def test_whatever_is_no_tag_matches_nothing(text: str, held: int) -> None:
    if f'"{held}"' not in text and text.strip() != "*":
        assert outcome([("if-match", text)], held) == 412


@pytest.mark.parametrize(("held", "status"), [(0, 200), (1, 412)])
def test_a_star_of_the_other_header_is_for_what_was_never_set(held: int, status: int) -> None:
    assert outcome([("if-none-match", "*")], held) == status
