"""Which resolved tickets are indexed, and by which vectors."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from features.encoding import encode, fit_encoder, read
from models.similar import nearest, ticket_vector
from training.learning import similar
from training.learning.similar import fit_similar, newest_rows

TEXTS = ("the vpn drops", "invoice charged twice", "printer jams again", "the vpn is slow", "invoice is wrong", "")
START = datetime(2026, 3, 1, tzinfo=UTC)


class Silent:
    def __init__(self) -> None:
        self.steps = self.done = 0

    def stage(self, _: str, steps: int) -> None:
        self.steps += steps

    def step(self) -> None:
        self.done += 1


@pytest.fixture
def rows() -> list[ResolvedTicket]:
    return [
        ResolvedTicket(
            Ticket(id=str(place), subject=TEXTS[place % len(TEXTS)], created_at=START - timedelta(days=place)),
            Outcome(queue=f"q{place % len(TEXTS)}", reassignment_count=place, resolution="done"),
        )
        for place in range(12)
    ]


def test_the_newest_rows_are_kept_in_the_historys_order(
    rows: list[ResolvedTicket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "MOST_ROWS", 3)
    assert newest_rows(rows).tolist() == [0, 1, 2]
    timeless = [ResolvedTicket(Ticket(id="1"), Outcome()) for _ in range(5)]
    assert newest_rows(timeless).tolist() == [2, 3, 4]


def test_a_ticket_finds_its_like_by_the_vector_that_scoring_makes(rows: list[ResolvedTicket]) -> None:
    readings, watched = [read(row.ticket) for row in rows], Silent()
    encoder = fit_encoder(readings)
    index = fit_similar(rows, readings, encoder.words, np.empty((0, 0), np.float32), watched)
    assert len(index) == 10  # the two empty ones say nothing
    asked = encode(encoder, read(Ticket(id="new", subject="the vpn drops")))
    found = nearest(index, ticket_vector(asked, len(encoder.words), np.empty(0, np.float32)), 2)
    assert {one.ticket_id for one in found} == {"0", "6"}
    assert found[0].similarity == pytest.approx(1, abs=1e-3)
    assert {(one.queue, one.resolution) for one in found} == {("q0", "done")}
    assert watched.done <= watched.steps


def test_rows_are_found_by_what_they_mean_where_that_is_known(
    rows: list[ResolvedTicket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "MOST_ROWS", 4)
    readings = [read(row.ticket) for row in rows]
    index = fit_similar(rows, readings, fit_encoder(readings).words, np.eye(12, dtype=np.float32), Silent())
    assert len(index) == 4
    (found,) = nearest(index, np.eye(12, dtype=np.float32)[2], 1)
    assert (found.ticket_id, found.reassignment_count) == ("2", 2)
