"""How far people agree, by hand-worked cases."""

from datetime import UTC, datetime
from typing import Any

import pytest

from desk.agreement import Share, agreement_of
from desk.feedback import Origin, Verdict
from desk.votes import Standing, Vote

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)


def vote(who: str, number: int, label: str, origin: Origin = "unaided", standing: Standing = "counts") -> Vote:
    return Vote(Verdict(f"p{number}", who, AT, label), "queue", label, standing, origin)


def test_agreeing_beyond_chance_is_cohens_kappa() -> None:
    """Cohen's table of 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: 0.7 agree, 0.5 by chance, kappa 0.4."""
    cells = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    votes = [vote(who, place, label) for place, cell in enumerate(cells) for who, label in zip("ab", cell, strict=True)]
    ann, bob = agreement_of(votes)
    assert ann.kappa == pytest.approx(0.4)
    assert bob.kappa == pytest.approx(0.4)
    assert (ann.with_others.value, ann.said) == (0.7, 50)


def test_wilsons_interval_is_the_published_one() -> None:
    """Newcombe (1998), table I: 81 of 263 is 0.2553 to 0.3662."""
    assert Share(81, 263).interval == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert Share(0, 0).interval == (0.0, 1.0)


def test_only_who_saw_a_suggestion_agrees_with_it() -> None:
    votes = [vote("ann", one, "A", "confirmed") for one in range(9)]
    votes += [vote("ann", 9, "B", "corrected"), vote("ann", 10, "C"), vote("ann", 11, "D", "confirmed", "superseded")]
    (ann,) = agreement_of(votes)
    assert (ann.said, ann.with_suggestion, ann.with_suggestion.value) == (11, Share(9, 10), 0.9)
    assert (ann.with_others, ann.kappa) == (Share(0, 0), None)


def test_of_few_answers_nothing_is_said_and_others_are_counted_apart() -> None:
    votes: list[Any] = [
        vote("ann", 1, "A"),
        vote(" ANN", 2, "A", standing="overruled"),
        vote("bob", 1, "A"),
        vote("eve", 1, "B"),
    ]
    found = {one.person: one for one in agreement_of(votes)}
    assert list(found) == ["ann", "bob", "eve"]
    assert found["ann"].with_others == Share(1, 2)
    assert (found["ann"].overruled, found["ann"].with_others.value) == (1, None)


def test_who_always_says_the_same_is_beyond_no_chance() -> None:
    votes = [vote(who, one, "A") for one in range(12) for who in ("ann", "bob")]
    assert [one.kappa for one in agreement_of(votes)] == [None, None]
