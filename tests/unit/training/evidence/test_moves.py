"""What moved, in the desk's names."""

from datetime import UTC, datetime, timedelta

import numpy as np

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from training.evidence.moves import ReadAnew, moves_of, read_anew_by
from training.learning.moved import Moved

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [ResolvedTicket(Ticket(id=f"t{n}", created_at=START + timedelta(days=n)), Outcome()) for n in range(10)]
MOVED = Moved(was=0, now=1, places=np.array([2, 3]), since=7, newer=9, expected=1.25, gain=0.1, error=0.02)


def test_a_move_is_told_in_names_and_days() -> None:
    (move,) = moves_of(ROWS, ["Access", "Security"], [MOVED])
    assert move.words == (
        "tickets of a kind that went to `Access` go to `Security` since 2026-01-08: 9 of the newest, where 1.2 would "
        "be usual. 2 older ones of that kind teach as `Security` from now on, and testify to nothing"
    )


def test_every_ticket_read_anew_is_listed_with_both_queues() -> None:
    listed = list(read_anew_by(moves_of(ROWS, ["Access", "Security"], [MOVED])))
    assert listed[0] == ReadAnew("t2", START + timedelta(days=2), "Access", "Security")
    assert [one.ticket_id for one in listed] == ["t2", "t3"]


def test_where_nothing_moved_there_is_nothing_to_tell() -> None:
    assert moves_of(ROWS, ["Access"], []) == ()
