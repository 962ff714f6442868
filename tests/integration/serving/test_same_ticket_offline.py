"""One ticket is one ticket: read from a file for `pointsman score`, and taken over HTTP for the service."""

import json
from pathlib import Path
from typing import Any

import pytest

from desk.ticket import Ticket
from features.facts import facts_of
from serving.validation import tickets_of
from training.histories.desk_config import read_desk_config
from training.histories.reading import read_tickets

FIELDS: list[dict[str, Any]] = [
    {"subject": "Charged twice", "body": "Twice this month", "channel": "email", "language": "en", "region": "DE"},
    {"subject": "a", "channel": " email ", "language": "?", "region": "N/A", "product": "null"},
    {"subject": "", "body": "  spaces kept \n"},
    {"subject": "a", "created_at": "2026-11-21T11:02:00+01:00"},
    {"subject": "a", "created_at": "2026-11-21T23:30:00-05:00"},
    {"subject": "a", "tags": ["vpn", "?", "b"]},
    {"subject": "a", "attributes": {"category": "58", "site": " Berlin ", "floor": "", "none": "None", "gone": "?"}},
    {"subject": "a", "attributes": {"category": 58, "big": 4_000_000_000, "yes": True, "no": False, "half": 0.5}},
]


def from_file(folder: Path, fields: dict[str, Any]) -> Ticket:
    flat = {**{name: value for name, value in fields.items() if name != "attributes"}, **fields.get("attributes", {})}
    path = folder / "tickets.jsonl"
    path.write_text(json.dumps({"id": "1", **flat}) + "\n", encoding="utf-8")
    (ticket,) = read_tickets(path, read_desk_config(None)).tickets
    return ticket


@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: ", ".join(fields))
def test_a_ticket_has_the_same_facts_from_a_file_and_over_http(tmp_path: Path, fields: dict[str, Any]) -> None:
    offline = from_file(tmp_path, fields)
    (online,) = tickets_of([{"id": "1", **fields}])
    assert online == offline
    assert facts_of(online) == facts_of(offline)
