"""What is kept of chunks: bounded, shared by threads, and gone with a copy."""

import copy
from collections.abc import Sequence

from features.kept import LONGEST_KEPT, MOST_KEPT, Kept


def test_each_different_chunk_is_made_once_and_all_that_are_missing_in_one_go() -> None:
    asked: list[list[str]] = []

    def lengths(chunks: Sequence[str]) -> list[int]:
        asked.append(list(chunks))
        return [len(chunk) for chunk in chunks]

    kept = Kept(lengths)
    assert kept.of(["vpn", "is", "vpn", ""]) == [3, 2, 3, 0]
    assert kept.of(["is", "down", ""]) == [2, 4, 0]
    assert kept.of([]) == []
    assert asked == [["vpn", "is", ""], ["down"]]


def test_what_is_kept_is_bounded_in_number_and_in_length() -> None:
    kept = Kept(list)
    long = "x" * (LONGEST_KEPT + 1)
    for start in range(0, MOST_KEPT + 2_000, 1_000):
        chunks = [long, *(str(number) for number in range(start, start + 1_000))]
        assert kept.of(chunks) == chunks
        assert len(kept) <= MOST_KEPT
    assert long not in kept
    assert 0 < len(kept) <= 3_000


def test_nothing_of_a_ticket_goes_with_a_copy_or_shows() -> None:
    kept = Kept(list)
    kept.of(["secret"])
    assert "secret" in kept
    assert "secret" not in repr(kept)
    for copied in (copy.copy(kept), copy.deepcopy(kept)):
        assert not len(copied)
        assert copied.of(["vpn"]) == ["vpn"]
