import gzip
import json
from pathlib import Path

import pytest

from desk.outcome import ResolvedTicket
from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from simulation.export import history_row, new_tickets, write_history, write_tickets
from simulation.sample import SampleDesk, generate
from training.histories.columns import CANONICAL
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history

DESK = SampleDesk(tickets=120, days=20, seed=4)


@pytest.fixture(scope="module")
def rows() -> list[ResolvedTicket]:
    return list(generate(DESK))


@pytest.mark.parametrize("name", ["history.jsonl", "history.jsonl.gz"])
def test_what_is_written_is_read_back_as_it_was(rows: list[ResolvedTicket], tmp_path: Path, name: str) -> None:
    assert write_history(rows, tmp_path / name) == 120
    history = read_history(tmp_path / name, DeskConfig())
    assert list(history.rows) == rows
    assert history.notes == ()


def test_the_same_history_is_the_same_file_byte_for_byte(rows: list[ResolvedTicket], tmp_path: Path) -> None:
    write_history(rows, tmp_path / "one.jsonl.gz")
    write_history(rows, tmp_path / "two.jsonl.gz")
    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()


def test_a_row_holds_every_canonical_column_and_each_attribute_as_its_own(rows: list[ResolvedTicket]) -> None:
    row = history_row(rows[3])
    assert set(row) == set(CANONICAL) - {"attachments"} | set(rows[3].ticket.attributes)
    assert row["created_at"].endswith("Z")
    assert {"at", "author", "text"} == set(row["messages"][0])
    with_events = next(one for one in map(history_row, rows) if one["events"])
    assert {"at", "field", "from", "to"} == set(with_events["events"][0])


def test_tickets_are_written_one_a_line_in_the_api_form(rows: list[ResolvedTicket], tmp_path: Path) -> None:
    tickets = [row.ticket for row in rows[:5]]
    assert write_tickets(tickets, tmp_path / "tickets.jsonl.gz") == 5
    with gzip.open(tmp_path / "tickets.jsonl.gz", "rt", encoding="utf-8") as file:
        assert [json.loads(line) for line in file] == [ticket_json(ticket) for ticket in tickets]


def test_the_api_form_leaves_out_what_is_not_known() -> None:
    assert ticket_json(Ticket(id="7", subject="Help")) == {"id": "7", "subject": "Help"}


def test_new_tickets_are_in_no_history_and_come_after_it() -> None:
    fresh = new_tickets(DESK, 12)
    history = list(generate(DESK))
    last = history[-1].ticket.created_at
    assert last
    assert len({ticket.id for ticket in fresh} | {row.ticket.id for row in history}) == 132
    assert all(ticket.created_at and ticket.created_at > last for ticket in fresh)
    assert not {ticket.body for ticket in fresh if len(ticket.body) > 60} & {row.ticket.body for row in history}
    assert fresh == new_tickets(DESK, 12)


def test_the_first_three_new_tickets_are_an_outage_a_double_charge_and_a_vague_one() -> None:
    outage, charge, vague = new_tickets(SampleDesk(), 3)
    assert outage.customer.tier == "vip"
    assert len(outage.body) > 100
    assert "twice" in charge.body or "double" in charge.body or "two" in charge.body or "duplicate" in charge.body
    assert len(vague.body.split()) < 15
    assert {ticket.language for ticket in (outage, charge, vague)} == {"en"}


@pytest.mark.parametrize("queues", [2, 75])
def test_a_desk_of_any_size_has_new_tickets(queues: int) -> None:
    assert len(new_tickets(SampleDesk(tickets=200, queues=queues), 4)) == 4
