import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.errors import DamagedVersionError
from desk.ticket import Message, Ticket
from features.thread import THREAD_MEASURES, ThreadReading, grams_of_message, read_thread
from models.growth import BASIS, Growth, basis_of, grown_score, parts_of_growth, read_growth, write_growth
from models.manifest import hash_of
from models.shelf import Shelf

OPENED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
COMPLAINT = Message(OPENED + timedelta(hours=30), "customer", "still broken")
NOTHING = np.zeros(2)
ANSWER = Message(OPENED + timedelta(hours=2), "agent", "we look into it")


def thread_of(*messages: Message) -> ThreadReading:
    found = read_thread(Ticket("1", OPENED, "s", messages=messages))
    assert found is not None
    return found


def growth(**counted: float) -> Growth:
    """One in which a complaint's three n-grams add one each, and of the numbers those that are given."""
    numbers = np.zeros(len(BASIS))
    for name, weight in counted.items():
        numbers[BASIS.index(name.replace("_", " "))] = weight
    hashes = np.sort(grams_of_message(COMPLAINT))
    most = np.full(len(THREAD_MEASURES), 100.0)
    return Growth(hashes, np.ones(len(hashes)), numbers, -0.5, np.zeros(len(THREAD_MEASURES)), most)


def test_a_ticket_is_scored_by_its_opening_its_messages_and_the_numbers_of_its_thread() -> None:
    learned = growth(opening=0.9, messages_since_the_opening=0.1, hours_open=0.2)
    score = grown_score(learned, thread_of(ANSWER, COMPLAINT), 2.0, NOTHING)
    assert score == pytest.approx(-0.5 + 0.9 * 2.0 + 0.1 * 2 + 0.2 * math.log1p(30) + 3)


def test_a_customers_words_count_as_in_an_opening_too() -> None:
    learned, thread = growth(words_as_of_an_opening=0.5), thread_of(ANSWER, COMPLAINT)
    told = np.array([0.0, 0.8])
    assert grown_score(learned, thread, 0.0, told) == pytest.approx(-0.5 + 3 + 0.5 * 0.8)
    assert parts_of_growth(learned, thread, told).messages[1] == (COMPLAINT, pytest.approx(3.4))


def test_a_word_counts_once_for_each_message_that_holds_it() -> None:
    again = replace(COMPLAINT, at=COMPLAINT.at + timedelta(hours=1))
    learned = growth()
    assert grown_score(learned, thread_of(COMPLAINT, again), 0.0, NOTHING) == pytest.approx(-0.5 + 6)
    assert grown_score(learned, thread_of(ANSWER), 0.0, NOTHING) == pytest.approx(-0.5)


def test_numbers_beyond_what_was_learned_count_as_the_last_that_were() -> None:
    learned = replace(growth(messages_since_the_opening=1.0), high=np.full(len(THREAD_MEASURES), 5.0))
    many = [replace(ANSWER, at=OPENED + timedelta(minutes=one)) for one in range(1, 60)]
    assert grown_score(learned, thread_of(*many), 0.0, NOTHING) == pytest.approx(-0.5 + 5)


def test_what_messages_and_numbers_add_is_told_by_name() -> None:
    parts = parts_of_growth(growth(opening=0.9, hours_open=0.2), thread_of(ANSWER, COMPLAINT), NOTHING)
    assert parts.opening == pytest.approx(0.9)
    assert [(message.text, weight) for message, weight in parts.messages] == [
        ("we look into it", 0.0),
        ("still broken", 3.0),
    ]
    assert {name: weight for name, weight in parts.measures.items() if weight} == {
        "hours open": pytest.approx(0.2 * math.log1p(30))
    }


def test_what_the_opening_says_may_fade() -> None:
    measures = np.zeros((2, len(THREAD_MEASURES)))
    measures[:, THREAD_MEASURES.index("hours open")] = (0.0, math.e - 1)
    rows = basis_of(measures, np.array([3.0, 3.0]), np.zeros(2))
    assert rows[:, :2].tolist() == [[3.0, 0.0], [3.0, pytest.approx(3.0)]]
    assert rows.shape == (2, len(BASIS))


def shelf_of(folder: Path) -> Shelf:
    return Shelf(folder, {path.name: str(hash_of(path)) for path in folder.iterdir()})


def test_it_comes_back_from_disk_as_it_was_written(tmp_path: Path) -> None:
    learned = growth(opening=0.9, hours_open=0.2)
    write_growth(tmp_path, "escalation", learned)
    found = read_growth(shelf_of(tmp_path), "escalation")
    assert found is not None
    for name in ("hashes", "words", "numbers", "low", "high"):
        assert np.array_equal(getattr(found, name), getattr(learned, name))
    assert found.intercept == learned.intercept
    assert read_growth(shelf_of(tmp_path), "breach") is None


@pytest.mark.parametrize(
    "change",
    [
        {"intercept": math.nan},
        {"measures": ["another"]},
        {"numbers": []},
        {"low": [0.0]},
        {"low": [200.0] * len(THREAD_MEASURES)},
    ],
)
def test_numbers_that_are_not_those_of_this_build_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    write_growth(tmp_path, "escalation", growth())
    path = tmp_path / "escalation.growth.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DamagedVersionError):
        read_growth(shelf_of(tmp_path), "escalation")
