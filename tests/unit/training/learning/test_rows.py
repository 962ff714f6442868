"""Matrices made ticket by ticket: row for row what one ticket alone is."""

from collections.abc import Sequence

import numpy as np
import pytest

from desk.ticket import Ticket
from features.encoding import Encoder, Reading, encode, fit_encoder, read
from training.learning.hints import NO_HINTS, hints_of
from training.learning.rows import EncodedOnce, Rows, encode_rows, hinted

TICKETS = [
    Ticket(id=str(n), subject=("vpn down", "printer jam", "")[n % 3], attributes={"site": str(n % 2)})
    for n in range(12)
]


def test_each_row_holds_what_its_ticket_alone_is_encoded_to() -> None:
    readings = [read(ticket) for ticket in TICKETS]
    encoder = fit_encoder(readings)
    rows = encode_rows(encoder, readings)
    assert rows.sparse.shape == (12, encoder.width)
    assert rows.text == len(encoder.words) + len(encoder.runs)
    assert rows.sparse.has_sorted_indices
    for number, reading in enumerate(readings):
        alone = encode(encoder, reading)
        row = rows.sparse[number]
        assert row.indices.tolist() == alone.places.tolist()
        assert row.data.tobytes() == alone.weights.tobytes()
        assert rows.numbers[number].tobytes() == alone.numbers.tobytes()
        assert int((alone.places < rows.text).sum()) == alone.text


def test_rows_can_be_taken_in_any_order() -> None:
    readings = [read(ticket) for ticket in TICKETS]
    rows = encode_rows(fit_encoder(readings), readings)
    some = rows.take(np.array([5, 0, 5]))
    assert len(some) == 3
    assert (some.sparse.toarray() == rows.sparse.toarray()[[5, 0, 5]]).all()
    assert some.numbers.tobytes() == rows.numbers[[5, 0, 5]].tobytes()


def test_no_tickets_are_a_matrix_without_rows() -> None:
    encoder = fit_encoder([read(ticket) for ticket in TICKETS])
    rows = encode_rows(encoder, [])
    assert (len(rows), rows.sparse.shape, rows.numbers.shape) == (0, (0, encoder.width), (0, len(encoder.number_names)))


def test_encoding_in_batches_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = [read(ticket) for ticket in TICKETS]
    encoder = fit_encoder(readings)
    at_once = encode_rows(encoder, readings)
    monkeypatch.setattr("training.learning.rows._BATCH", 5)
    in_batches = encode_rows(encoder, readings)
    assert (in_batches.sparse != at_once.sparse).nnz == 0
    assert in_batches.sparse.indices.dtype == at_once.sparse.indices.dtype == np.int32
    assert in_batches.numbers.tobytes() == at_once.numbers.tobytes()


def test_tickets_that_are_asked_for_again_are_not_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = [read(ticket) for ticket in TICKETS]
    encoder = fit_encoder(readings)
    whole = encode_rows(encoder, readings).sparse
    encoded: list[int] = []

    def counted(encoder: Encoder, readings: Sequence[Reading]) -> Rows:
        encoded.append(len(readings))
        return encode_rows(encoder, readings)

    monkeypatch.setattr("training.learning.rows.encode_rows", counted)
    once = EncodedOnce(encoder, readings)
    for places in ([7, 2, 5], [2, 9, 7, 0], [], [5, 5]):
        found, wanted = once.of(places), whole[np.array(places, np.int64)]
        assert found.shape == (len(places), encoder.width)
        assert (found.indices.tolist(), found.data.tobytes()) == (wanted.indices.tolist(), wanted.data.tobytes())
        assert found.indices.dtype == wanted.indices.dtype
    assert encoded == [3, 2]


@pytest.mark.parametrize("places", [range(12), range(3, 11), range(11, 12), range(0)])
def test_rows_that_follow_each_other_are_not_copied(places: range) -> None:
    readings = [read(ticket) for ticket in TICKETS]
    rows = encode_rows(fit_encoder(readings), readings)
    found = rows.take(np.array(places, np.int64))
    assert (found.sparse != rows.sparse[list(places)]).nnz == 0
    assert found.sparse.shape == (len(places), rows.sparse.shape[1])
    assert found.numbers.tobytes() == rows.numbers[list(places)].tobytes()
    if len(places) > 6:  # SciPy copies a part that is smaller than the rest
        assert np.shares_memory(found.sparse.data, rows.sparse.data)
        assert np.shares_memory(found.numbers, rows.numbers)


def test_rows_in_another_order_are() -> None:
    readings = [read(ticket) for ticket in TICKETS]
    rows = encode_rows(fit_encoder(readings), readings)
    found = rows.take(np.array([1, 0, *range(2, 12)]))
    assert (found.sparse != rows.sparse[[1, 0, *range(2, 12)]]).nnz == 0
    assert not np.shares_memory(found.numbers, rows.numbers)


@pytest.mark.parametrize("facts", [0.5, 1.0, 2.0])
def test_facts_count_as_often_as_they_are_emphasised(facts: float) -> None:
    readings = [read(ticket) for ticket in TICKETS]
    rows = encode_rows(fit_encoder(readings), readings)
    found = rows.emphasised(facts).toarray()
    plain = rows.sparse.toarray()
    assert found.dtype == np.float32
    assert (found[:, : rows.text] == plain[:, : rows.text]).all()
    assert found[:, rows.text :] == pytest.approx(plain[:, rows.text :] * facts)
    assert plain[:, rows.text :].any()


def test_a_copy_with_hints_has_its_facts_emphasised_and_what_is_asked_of_it_again_is_no_copy() -> None:
    readings = [read(ticket) for ticket in TICKETS]
    encoder = fit_encoder(readings)
    rows, codes = encode_rows(encoder, readings), np.arange(12) % 2
    hints = hints_of(("vpn", "printer"), {})
    more, labels = hinted(encoder, rows, codes, hints, 2.0)
    assert labels.tolist() == [*codes, 0, 1]
    assert more.emphasised(2.0) is more.sparse
    assert (more.sparse[:12] != rows.emphasised(2.0)).nnz == 0
    assert (more.take(np.array([3, 1])).emphasised(1.0) != rows.sparse[[3, 1]]).nnz == 0
    assert more.sparse[12:, rows.text :].nnz == 0
    assert (rows.sparse != encode_rows(encoder, readings).sparse).nnz == 0
    assert hinted(encoder, rows, codes, NO_HINTS, 2.0)[0] is rows
