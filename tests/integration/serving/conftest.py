"""A small version as the service finds it on disk, and a home whose journal has promoted it."""

import random
import shutil
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.heads import Head
from desk.likeness import SimilarTicket
from desk.ticket import Ticket
from features.encoding import Encoder, encode, fit_encoder, read
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.promotions import promote
from models.golden import golden_rows
from models.heads import Blend, HeadModel
from models.linear import Linear, linear_scores
from models.similar import Similar, build_similar, ticket_vector
from models.storage import write_version
from models.trees import Trees, lightgbm_core, trees_of
from models.version import Version

SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "Access": (
        "password reset",
        "account locked",
        "cannot log in",
        "login code never came",
        "locked out of my account",
    ),
    "Billing": ("charged twice", "refund my invoice", "invoice is wrong", "duplicate charge", "refund for a charge"),
    "Network": ("vpn is down", "wifi drops", "no network in the office", "vpn times out", "network cable broken"),
}
URGENT = ("Network", "Access")


def labelled_tickets() -> list[tuple[Ticket, str]]:
    """Seventy-five tickets and their queues."""
    return [
        (Ticket(id=f"{queue}-{number}", subject=subject, attributes={"site": f"site {number % 3}"}), queue)
        for queue, subjects in SUBJECTS.items()
        for number, subject in enumerate(subjects * 5)
    ]


def make_version(name: str = "1", lean: float = 0.0) -> Version:
    """Three queues by their mean ticket, and the risk of escalation by a tree on top: small, but all of its kinds.

    `lean` moves every number of the queue head: versions with another lean are told apart by any answer.
    """
    rows = labelled_tickets()
    encoder = fit_encoder([read(ticket) for ticket, _ in rows])
    queues = tuple(SUBJECTS)
    linear = _means(encoder, rows, queues)
    leaning = replace(_blend(linear=8.0, trees=0.0, columns=3), bias=np.array([lean, 0.0, 0.0]))
    queue = HeadModel("queue", queues, slice(0, 3), leaning)
    blend = _blend(linear=4.0, trees=1.0, columns=1)
    risk = HeadModel("escalation", ("false", "true"), slice(3, 4), blend, _trees(encoder, linear))
    heads: dict[Head, HeadModel] = {"queue": queue, "escalation": risk}
    return Version(name, encoder, linear, heads, {"tickets": len(rows)}, similar=_similar(encoder, rows))


def _blend(*, linear: float, trees: float, columns: int) -> Blend:
    return Blend(linear=linear, meaning=0.0, trees=trees, slope=10.0, offset=-2.0, bias=np.zeros(columns))


def _similar(encoder: Encoder, rows: list[tuple[Ticket, str]]) -> Similar:
    encoded = [encode(encoder, read(ticket)) for ticket, _ in rows]
    vectors = np.array([ticket_vector(one, len(encoder.words), one.vector) for one in encoded])
    return build_similar([SimilarTicket(f"old {ticket.id}", 0, queue) for ticket, queue in rows], vectors)


def _means(encoder: Encoder, rows: list[tuple[Ticket, str]], queues: tuple[str, ...]) -> Linear:
    weights = np.zeros((encoder.width, 4), dtype=np.float32)
    for ticket, queue in rows:
        encoded = encode(encoder, read(ticket))
        weights[encoded.places, queues.index(queue)] += encoded.weights / 25
        weights[encoded.places, 3] += encoded.weights / 75 * (1 if queue in URGENT else -1)
    return Linear(weights, np.zeros(4))


def _trees(encoder: Encoder, linear: Linear) -> Trees:
    inputs, truth = [], []
    for ticket, queue in labelled_tickets():
        encoded = encode(encoder, read(ticket))
        inputs.append(np.concatenate((encoded.numbers, linear_scores(linear, encoded).text[3:4])))
        truth.append(queue in URGENT)
    settings = {"objective": "binary", "num_leaves": 4, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1}
    lightgbm = lightgbm_core()
    return trees_of(lightgbm.train(settings, lightgbm.Dataset(np.array(inputs), np.array(truth)), num_boost_round=5))


@pytest.fixture(scope="session")
def sample_tickets() -> list[Ticket]:
    """Seventy-five tickets, the sites in turn."""
    return [ticket for ticket, _ in labelled_tickets()]


@pytest.fixture(scope="session")
def version_folder(tmp_path_factory: pytest.TempPathFactory, sample_tickets: list[Ticket]) -> Path:
    """The small version, on disk."""
    return write_small_version(tmp_path_factory.mktemp("version") / "1", sample_tickets)


def write_small_version(folder: Path, tickets: list[Ticket], lean: float = 0.0) -> Path:
    """The small version in this folder."""
    version = make_version(folder.name, lean)
    write_version(version, folder, golden_rows(version, [encode(version.encoder, read(one)) for one in tickets]))
    return folder


@pytest.fixture(scope="session")
def write_leaning(sample_tickets: list[Ticket]) -> Callable[[Path, float], Path]:
    """Writes a small version whose numbers are its own."""

    def write(folder: Path, lean: float) -> Path:
        return write_small_version(folder, sample_tickets, lean)

    return write


@pytest.fixture(scope="session")
def make_home(
    tmp_path_factory: pytest.TempPathFactory, version_folder: Path, promote_version: Callable[..., None]
) -> Callable[[str | None], Environment]:
    """Makes a home with a journal, version 1 on this machine, and the given champion; its port is nobody's yet."""

    def make(champion: str | None) -> Environment:
        home = tmp_path_factory.mktemp("home")
        settings = {
            "POINTSMAN_HOME": str(home),
            "POINTSMAN_PORT": str(free_port()),
            "POINTSMAN_ENCODER": "none",
            "POINTSMAN_KEYS": "off",
        }
        made = read_environment(settings)
        shutil.copytree(version_folder, made.versions / "1")
        engine = connect(made.database_url)
        migrate(engine)
        engine.dispose()
        if champion is not None:
            promote_version(made, champion)
        return made

    return make


@pytest.fixture(scope="module")
def promoted(make_home: Callable[[str | None], Environment]) -> Environment:
    """A home whose champion is version 1."""
    return make_home("1")


@pytest.fixture(scope="session")
def promote_version() -> Callable[..., None]:
    """Makes a version the champion in a home's journal."""

    def promote_it(environment: Environment, version: str) -> None:
        engine = connect(environment.database_url)
        promote(engine, version, who="the tests", why="they need one", at=datetime.now(UTC))
        engine.dispose()

    return promote_it


@pytest.fixture
def note() -> Callable[..., None]:
    """Keeps the figures of a fault under live traffic; see `tests.figures`."""
    from tests.figures import note_figures

    def note_them(case: str, traffic: Any, **more: Any) -> None:
        note_figures("Faults under live traffic", case, {**traffic.figures(), **more})

    return note_them


def free_port() -> int:
    """Of those that the system gives to no caller: one who calls while nobody listens could get the port itself."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
