"""The same ticket scores the same to the bit, for the same reasons, by `pointsman score`, in a batch and alone."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from starlette.testclient import TestClient

from desk.heads import HEADS
from journal.environment import Environment
from serving.app import build_app
from serving.composition import compose

SAYS_NOTHING = ["", " ", "N/A", "?", "null", "NaN", "  n/a \n"]
TEXTS = [
    "VPN drops every few minutes, nobody here can work",
    "Ich wurde doppelt belastet – bitte erstatten 🙏",
    "PRINTER JAMS!!! error 0x80070005",
    "e\u0301 \u200d \x1c \u3000 ﬁ ß İ",
    "None",
    "invoice " * 300,
    *SAYS_NOTHING,
]
VALUES = [
    "site 1",
    "site 2",
    " site 3 ",
    "58",
    "58.0",
    58,
    58.0,
    0.1,
    1e21,
    -3,
    True,
    False,
    None,
    "true",
    *SAYS_NOTHING,
]


def api_ticket(number: int, chance: Random) -> dict[str, Any]:
    """A ticket in the API's form, with all that helpdesks send."""
    at = f"2026-0{chance.randrange(1, 10)}-1{chance.randrange(10)}T{chance.randrange(10, 24)}:30:00"
    optional: dict[str, Any] = {
        "created_at": at + chance.choice(["Z", "+05:30", "-08:00", ".125Z"]),
        "subject": chance.choice(TEXTS),
        "body": chance.choice(TEXTS),
        "channel": chance.choice(["email", " portal ", "phone", "fax", *SAYS_NOTHING]),
        "language": "en",
        "region": chance.choice(["DE", "NA"]),
        "product": "billing",
        "customer": {"id": chance.choice(["c1", "c2", 7]), "tier": chance.choice(["vip", "standard", " vip", "?"])},
        "tags": chance.sample(["mobile", "new", "a, b", " mobile ", ""], 2),
        "attachments": [{"name": "a.txt", "type": "text/plain", "text": chance.choice(TEXTS)}],
    }
    kept = {name: value for name, value in optional.items() if chance.random() < 0.6}
    if "created_at" in kept:  # what was written after the opening, a file of tickets leaves out
        kept["messages"] = [
            {"at": f"2025-12-{day}T10:00:00Z", "author": "customer", "text": chance.choice(TEXTS)} for day in (31, 24)
        ]
    return {"id": f"T{number}", **kept, "attributes": {"site": chance.choice(VALUES), "novel": chance.choice(VALUES)}}


@pytest.fixture(scope="module")
def client(trained_home: Environment) -> Iterator[TestClient]:
    composed = compose(trained_home)
    try:
        assert composed.desk.watch.looked.wait(60)
        with TestClient(build_app(composed.house)) as client:
            yield client
    finally:
        composed.close()


def numbers_of(answer: dict[str, Any]) -> str:
    """The heads and their reasons as JSON text: equal only where every digit is."""
    return json.dumps({head: answer[head] for head in HEADS}, sort_keys=True)


def test_five_hundred_tickets_score_the_same_on_every_path(
    client: TestClient, pointsman: Callable[..., Any], trained_home: Environment, tmp_path: Path
) -> None:
    chance = Random(500)
    tickets = [api_ticket(number, chance) for number in range(500)]
    file, out = tmp_path / "tickets.jsonl", tmp_path / "answers.jsonl"
    file.write_text("".join(f"{json.dumps(ticket)}\n" for ticket in tickets))
    said = pointsman("score", file, "--output", out, "--explain", "--json", home=trained_home)
    assert said.code == 0, said.err
    scored = [json.loads(line) for line in out.read_text().splitlines()]

    batch = client.post("/v1/triage/batch", json={"tickets": tickets, "explain": True}).json()["answers"]
    single = [client.post("/v1/triage", json={"ticket": ticket, "explain": True}).json() for ticket in tickets]

    assert [one["ticket_id"] for one in scored] == [one["ticket_id"] for one in batch] == [one["id"] for one in tickets]
    assert {one["version"] for one in (*scored, *batch, *single)} == {"1"}
    assert len({numbers_of(one) for one in single}) > 250  # the tickets differ enough for this to say something
    for ticket, *answers in zip(tickets, scored, batch, single, strict=True):
        assert len({numbers_of(one) for one in answers}) == 1, ticket
