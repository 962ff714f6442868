"""A desk that begins: a few tickets a queue, and a queue that is described before its first ticket, on a public table.

The bars are those of all-MiniLM-L6-v2 with logistic regression on such draws and a little more; without that encoder,
or without the table, these are skipped.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from desk.outcome import ResolvedTicket
from journal.environment import read_environment
from models.scoring import predict
from models.version import Version
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history
from training.learning.meanings import Encoders
from training.learning.version import learn
from training.meaning.teacher import available
from training.progress import Unwatched

DATA = Path(os.environ.get("POINTSMAN_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
NEW = {
    "card_arrival": "my new card has not arrived yet, tracking the delivery of a card",
    "change_pin": "choose a new PIN for the card",
}
ASKED = 1_500

pytestmark = pytest.mark.long


def table(part: str) -> Sequence[ResolvedTicket]:
    path = DATA / "banking77" / f"{part}.csv.gz"
    if not path.is_file():
        pytest.skip(f"There is no banking77 in {DATA}; set POINTSMAN_DATA to the folder that holds it.")
    return read_history(path, DeskConfig()).rows


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> Encoders:
    teacher = available(read_environment({}))
    if teacher is None:
        pytest.skip("The extra [encoder] is not installed.")
    return Encoders(teacher, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def asked() -> list[ResolvedTicket]:
    rows = table("test")
    return [rows[place] for place in np.random.default_rng(1).permutation(len(rows))[:ASKED]]


def draw(count: int, seed: int, but: str | None = None) -> list[ResolvedTicket]:
    """So many tickets of each queue."""
    rows, chance = table("train"), np.random.default_rng(seed)
    queues = np.array([row.outcome.queue for row in rows])
    places = [chance.permutation(np.flatnonzero(queues == one))[:count] for one in np.unique(queues) if one != but]
    return [rows[place] for place in chance.permutation(np.concatenate(places))]


def taught(rows: Sequence[ResolvedTicket], encoders: Encoders | None, described: Mapping[str, str] = {}) -> Version:
    return learn(rows, ["queue"], Unwatched(), encoders, described=described).version


def answers(version: Version, asked: Sequence[ResolvedTicket]) -> tuple[np.ndarray, np.ndarray]:
    """The label that is answered to each ticket, and its probability."""
    said = [predict(version, row.ticket).choices["queue"] for row in asked]
    return np.array([one.label for one in said]), np.array([one.probability for one in said])


@pytest.mark.parametrize(("count", "least"), [(1, 0.62), (5, 0.795), (10, 0.84)])
def test_a_few_tickets_a_queue_are_answered_better_than_by_an_encoder_and_regression(
    count: int, least: float, encoders: Encoders, asked: list[ResolvedTicket]
) -> None:
    said, probability = answers(taught(draw(count, seed=11), encoders), asked)
    right = said == np.array([row.outcome.queue for row in asked])
    assert right.mean() >= least  # three standard deviations of a draw under the mean of many
    assert probability.mean() <= right.mean() + 0.03  # no surer than it is right


def test_without_an_encoder_names_and_words_answer_more_than_words(asked: list[ResolvedTicket]) -> None:
    said, _ = answers(taught(draw(10, seed=11), None), asked)
    assert (said == np.array([row.outcome.queue for row in asked])).mean() >= 0.69  # TF-IDF and regression: 0.68


@pytest.mark.parametrize("queue", NEW)
def test_a_described_queue_is_answered_before_its_first_ticket_and_costs_the_others_little(
    queue: str, encoders: Encoders, asked: list[ResolvedTicket]
) -> None:
    rows, truth = draw(20, seed=7, but=queue), np.array([row.outcome.queue for row in asked])
    before, _ = answers(taught(rows, encoders), asked)
    after, _ = answers(taught(rows, encoders, {queue: NEW[queue]}), asked)
    others = truth != queue
    assert (after[truth == queue] == queue).mean() >= 0.5
    assert (before == truth)[others].mean() - (after == truth)[others].mean() < 0.01
