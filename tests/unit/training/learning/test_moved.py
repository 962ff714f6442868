"""Older labels that no longer hold: found where a kind of tickets moved, and nowhere else; end to end in learning."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from models.scoring import predict
from training.learning.moved import Moved, find_moved, places_in, read_anew
from training.learning.version import Learned, learn
from training.progress import Unwatched

Codes = NDArray[np.int64]

LABELS, KINDS, ROWS = 4, 20, 4_000
WORDS = 12  # of each kind's own, of which a row has four
USUAL = np.arange(KINDS) % LABELS
MOVED_KIND, NOW = 0, 1


def desk(
    label_of: Callable[[int, int], int], *, noise: float = 0.03, seed: int = 1
) -> tuple[sparse.csr_matrix, Codes, Codes]:
    """Rows of words, their kinds and their labels. label_of: of a kind and a place."""
    chance = np.random.default_rng(seed)
    kinds = chance.integers(0, KINDS, ROWS)
    codes = np.array([label_of(int(kind), place) for place, kind in enumerate(kinds)])
    wrong = chance.random(ROWS) < noise
    codes[wrong] = chance.integers(0, LABELS, wrong.sum())
    columns = np.array([kind * WORDS + chance.choice(WORDS, 4, replace=False) for kind in kinds])
    common = KINDS * WORDS + chance.integers(0, 50, (ROWS, 4))
    places = np.hstack((columns, common))
    shape = (ROWS, KINDS * WORDS + 50)
    ends = np.arange(0, places.size + 1, 8)
    matrix = sparse.csr_matrix((np.full(places.size, 8**-0.5, np.float32), places.ravel(), ends), shape=shape)
    return matrix, kinds, codes


def found_in(
    label_of: Callable[[int, int], int], said: Codes | None = None, *, noise: float = 0.03, seed: int = 1
) -> list[Moved]:
    matrix, kinds, codes = desk(label_of, noise=noise, seed=seed)
    return find_moved(matrix.__getitem__, codes, USUAL[kinds] if said is None else said, np.ones(ROWS), LABELS)


def moves(kind: int, place: int) -> int:
    """The first kind has another label in the newest tenth."""
    return NOW if kind == MOVED_KIND and place >= 0.9 * ROWS else int(USUAL[kind])


def stays(kind: int, place: int) -> int:
    return int(USUAL[kind])


def test_a_kind_that_moved_is_found_and_its_older_rows_alone() -> None:
    (one,) = found_in(moves)
    _, kinds, codes = desk(moves)
    assert (one.was, one.now) == (USUAL[MOVED_KIND], NOW)
    older = np.flatnonzero((kinds == MOVED_KIND) & (codes == one.was))
    assert (kinds[one.places] == MOVED_KIND).all()
    assert len(one.places) > 0.9 * len(older)
    assert one.newer > 5 * one.expected
    assert one.gain > 2 * one.error


def test_read_anew_they_have_the_new_label_and_nothing_else_changes() -> None:
    found = found_in(moves)
    codes = desk(moves)[2]
    read_so = read_anew(codes, found)
    changed = np.flatnonzero(read_so != codes)
    assert sorted(changed.tolist()) == sorted(places_in(found).tolist())
    assert set(read_so[changed].tolist()) == {NOW}
    assert (codes == desk(moves)[2]).all()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.0, 0.03, 0.2])
def test_nothing_is_found_where_nothing_moved(seed: int, noise: float) -> None:
    assert found_in(stays, seed=seed, noise=noise) == []


def test_a_kind_that_nobody_had_seen_is_no_kind_that_moved() -> None:
    matrix, kinds, codes = desk(stays)
    newest = np.arange(ROWS) >= 0.9 * ROWS
    new = newest & (kinds == MOVED_KIND)
    old = ~newest & (kinds == MOVED_KIND)
    codes[new] = NOW
    kept = np.flatnonzero(~old)
    said = USUAL[kinds]
    found = find_moved(matrix[kept].__getitem__, codes[kept], said[kept], np.ones(len(kept)), LABELS)
    assert found == []


def test_labels_that_are_no_longer_told_apart_are_not_read_anew() -> None:
    chance = np.random.default_rng(3)

    def muddled(kind: int, place: int) -> int:
        moved = place >= 0.9 * ROWS and USUAL[kind] == 0 and chance.random() < 0.3
        return NOW if moved else int(USUAL[kind])

    assert found_in(muddled) == []


def test_answers_that_are_already_right_need_no_rows_read_anew() -> None:
    matrix, _, codes = desk(moves)
    assert find_moved(matrix.__getitem__, codes, codes, np.ones(ROWS), LABELS) == []


def test_rows_that_nobody_answered_tell_nothing() -> None:
    assert found_in(moves, said=np.full(ROWS, -1)) == []


def test_few_rows_say_nothing() -> None:
    matrix, kinds, codes = desk(moves)
    few = slice(ROWS - 480, ROWS)
    assert find_moved(matrix[few].__getitem__, codes[few], USUAL[kinds[few]], np.ones(480), LABELS) == []


@pytest.mark.parametrize("left", [0, 1, 2, 4])
def test_a_label_that_hardly_any_new_row_has_is_no_kind_and_no_error(left: int) -> None:
    """All of its kinds went elsewhere but `left` rows: too few to tell what stayed, or just enough."""
    old = iter(range(left))

    def leaves(kind: int, place: int) -> int:
        usual = int(USUAL[kind])
        return NOW if usual == 0 and place >= 0.9 * ROWS and next(old, None) is None else usual

    for one in found_in(leaves, noise=0):
        assert (one.was, one.now) == (0, NOW)
        assert left > 1


def test_the_same_rows_find_the_same() -> None:
    one, other = found_in(moves), found_in(moves)
    assert [(a.was, a.now, a.places.tolist(), a.gain) for a in one] == [
        (b.was, b.now, b.places.tolist(), b.gain) for b in other
    ]


# From tickets to a version.

TOPICS = {
    "Access": ["password reset expired", "authenticator code lost", "account locked today", "new user wanted"],
    "Security": ["suspicious mail link", "malware found laptop", "certificate expires soon", "lost badge door"],
    "Billing": ["invoice amount wrong", "refund still missing", "double charge card", "tax number changed"],
}
MOVES = "authenticator code lost"
SINCE = 0.92


def history(count: int = 3_000, *, has_times: bool = True) -> list[ResolvedTicket]:
    """A topic of Access that Security takes among the newest; every ticket has words of no meaning beside its topic."""
    chance = Random(5)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    pairs = [(queue, topic) for queue, topics in TOPICS.items() for topic in topics]
    rows = []
    for number in range(count):
        queue, topic = chance.choice(pairs)
        if topic == MOVES and number >= SINCE * count:
            queue = "Security"
        words = " ".join(
            f"{chance.choice('bdgkmnprt')}{chance.choice('aeiou')}{chance.randrange(40)}" for _ in range(3)
        )
        at = start + timedelta(hours=number) if has_times else None
        rows.append(
            ResolvedTicket(Ticket(id=str(number), subject=f"{topic} {words}", created_at=at), Outcome(queue=queue))
        )
    return rows


def learned_from(rows: Sequence[ResolvedTicket]) -> Learned:
    return learn(rows, ["queue"], Unwatched())


def queue_of(learned: Learned, subject: str) -> str:
    return predict(learned.version, Ticket(id="x", subject=subject)).choices["queue"].label


def test_a_version_answers_as_the_desk_does_now_and_its_evidence_rests_on_no_row_read_anew() -> None:
    rows = history()
    learned = learned_from(rows)
    (one,) = learned.moved
    labels = learned.version.heads["queue"].labels
    assert (labels[one.was], labels[one.now]) == ("Access", "Security")
    assert Counter(MOVES in (rows[place].ticket.subject or "") for place in one.places) == {True: len(one.places)}
    assert all(place < SINCE * len(rows) for place in one.places)
    assert queue_of(learned, f"{MOVES} ba1") == "Security"
    assert queue_of(learned, "account locked today ba1") == "Access"
    testified = sum(len(answered.hits) for answered in learned.version.evidence["queue"].values())
    assert testified == len(rows) - len(one.places)
    before = learned_from(rows[: int(SINCE * len(rows))])
    assert before.moved == []
    assert queue_of(before, f"{MOVES} ba1") == "Access"


def test_without_times_nothing_is_older_and_nothing_is_read_anew() -> None:
    assert learned_from(history(1_500, has_times=False)).moved == []
