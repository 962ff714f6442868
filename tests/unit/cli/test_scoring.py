"""Many tickets to answers: in their order and the same, however many processes share them."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from cli import scoring
from cli.scoring import answer_lines
from desk.demands import Demands
from desk.prediction import Extras
from desk.ticket import Ticket
from journal.environment import Environment

if TYPE_CHECKING:
    from training.histories.history import History


@pytest.fixture(scope="module")
def tickets(sample_history: "History") -> Sequence[Ticket]:
    return [row.ticket for row in sample_history.rows[:300]]


def test_answers_are_the_same_from_one_process_and_from_two(
    trained_home: Environment, tickets: Sequence[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "CHUNK", 70)
    alone = list(answer_lines(trained_home.versions / "1", tickets, Demands()))
    monkeypatch.setattr(scoring, "WORTH_A_PROCESS", 100)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    shared = list(answer_lines(trained_home.versions / "1", tickets, Demands()))
    assert shared == alone
    assert [size for size, _ in alone] == [70, 70, 70, 70, 20]
    lines = b"".join(lines for _, lines in alone).splitlines()
    assert [json.loads(line)["ticket_id"] for line in lines] == [ticket.id for ticket in tickets]


def test_no_tickets_have_no_answers(trained_home: Environment) -> None:
    assert list(answer_lines(trained_home.versions / "1", [], Demands())) == []


def test_similar_tickets_stand_beside_each_answer_where_asked_for(
    trained_home: Environment, tickets: Sequence[Ticket]
) -> None:
    ((_, lines),) = answer_lines(trained_home.versions / "1", tickets[:3], Demands(), extras=Extras(similar=2))
    assert [len(json.loads(line)["similar"]) for line in lines.splitlines()] == [2, 2, 2]
    ((_, lines),) = answer_lines(trained_home.versions / "1", tickets[:3], Demands())
    assert all("similar" not in json.loads(line) for line in lines.splitlines())
