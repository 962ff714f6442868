"""The same of desks that nobody made up: invariance, strangers and languages on the public tables, where they are."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from desk.outcome import ResolvedTicket
from desk.ticket import Ticket
from models.scoring import predict
from models.version import Version
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history

DATA = Path(os.environ.get("POINTSMAN_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
LEARNED, ASKED = 4_000, 400
SHOWN = 0.5

pytestmark = pytest.mark.long


def rows_of(name: str, part: str) -> list[ResolvedTicket]:
    path = DATA / name / f"{part}.csv.gz"
    if not path.is_file():
        pytest.skip(f"There is no {name} in {DATA}; set POINTSMAN_DATA to the folder that holds it.")
    rows = list(read_history(path, DeskConfig()).rows)
    Random(3).shuffle(rows)
    return [row for row in rows if row.outcome.queue]


@pytest.fixture(scope="module")
def learn_queues(learned: Callable[..., Version]) -> Callable[[str, Sequence[ResolvedTicket]], Version]:
    return lambda name, rows: learned(name, "none", rows, ["queue"])


def labels(version: Version, tickets: Sequence[Ticket]) -> list[tuple[str, float, bool]]:
    choices = [predict(version, ticket).choices["queue"] for ticket in tickets]
    return [(choice.label, choice.probability, choice.novel) for choice in choices]


def strays(share: float, count: int) -> float:
    """The standard error of a share of so many."""
    return float(np.sqrt(share * (1 - share) / count))


def mistyped(text: str) -> str:
    """Two letters swapped in one of ten words of four letters and more."""
    chance = Random(text)

    def one(match: re.Match[str]) -> str:
        word, place = match.group(), chance.randrange(1, len(match.group()) - 1)
        swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        return swapped if chance.random() < 0.1 else word

    return re.sub(r"[^\W\d_]{4,}", one, text)


CHANGES: dict[str, tuple[Callable[[str], str], float]] = {
    "spaces": (lambda text: f" {text.replace(' ', '  ')}\n\n", 1.0),
    "upper case": (str.upper, 0.99),
    "a full stop": (lambda text: f"{text}.", 0.97),
    "politeness": (lambda text: f"Hello, {text}\nThank you very much.", 0.9),  # half as many words again, where few are
    "typing errors": (mistyped, 0.95),
}
"""What is changed, and the share of shown answers that must hold."""


@pytest.mark.parametrize("name", ["it47", "banking77"])
def test_what_must_not_matter_does_not(name: str, learn_queues: Callable[..., Version]) -> None:
    version = learn_queues(name, rows_of(name, "train")[:LEARNED])
    tickets = [row.ticket for row in rows_of(name, "test")[:ASKED]]
    before = labels(version, tickets)
    for what, (change, least) in CHANGES.items():
        after = labels(version, [replace(one, body=change(one.body), subject=change(one.subject)) for one in tickets])
        held = [old[0] == new[0] for old, new in zip(before, after, strict=True) if old[1] >= SHOWN]
        assert np.mean(held) >= least - strays(least, len(held)), what


@pytest.mark.parametrize("name", ["it47", "banking77"])
def test_queues_that_a_desk_never_had_are_stranger_and_answered_less_surely(
    name: str, learn_queues: Callable[..., Version]
) -> None:
    rows, asked = rows_of(name, "train"), rows_of(name, "test")
    queues = sorted({row.outcome.queue or "" for row in rows})
    never_had = set(queues[:: max(len(queues) // 8, 4)])
    version = learn_queues(f"{name}-short", [row for row in rows if row.outcome.queue not in never_had][:LEARNED])
    known = labels(version, [row.ticket for row in asked if row.outcome.queue not in never_had][:ASKED])
    strange = labels(version, [row.ticket for row in asked if row.outcome.queue in never_had][:ASKED])
    assert np.mean([novel for *_, novel in strange]) >= 2 * np.mean([novel for *_, novel in known])
    assert np.mean([sure for _, sure, _ in strange]) < np.mean([sure for _, sure, _ in known]) - 0.1


def test_no_language_of_a_desk_is_answered_worse_than_by_its_most_frequent_queue(
    learn_queues: Callable[..., Version],
) -> None:
    version = learn_queues("multilang", rows_of("multilang", "train"))
    asked = rows_of("multilang", "test")
    languages = sorted({row.ticket.language or "" for row in asked})
    assert len(languages) == 5
    for language in languages:
        mine = [row for row in asked if row.ticket.language == language]
        given = [row.outcome.queue for row in mine]
        answers = labels(version, [row.ticket for row in mine])
        right = np.array([answer[0] == queue for answer, queue in zip(answers, given, strict=True)])
        usual = max(given.count(queue) for queue in set(given)) / len(given)
        assert right.mean() >= usual - strays(usual, len(given)), language


def test_a_language_that_a_desk_never_read_is_strange_to_it(learn_queues: Callable[..., Version]) -> None:
    english = [row for row in rows_of("multilang", "train") if row.ticket.language == "en"]
    version = learn_queues("multilang-en", english)
    asked = rows_of("multilang", "test")
    novel = {
        language: np.mean(
            [one[2] for one in labels(version, [r.ticket for r in asked if r.ticket.language == language])]
        )
        for language in ("en", "es", "fr", "pt")  # what the table calls German is English for a fifth
    }
    assert novel["en"] < 0.1
    assert min(novel["es"], novel["fr"], novel["pt"]) > 0.9
