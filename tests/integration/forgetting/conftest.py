"""A home in which a person is everywhere: journal, log, history, a version and its registered copy, the sample.

The version is made by hand, not trained: what matters is what it holds.
"""

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import pytest

from desk.likeness import SimilarTicket
from desk.outcome import Outcome, ResolvedTicket
from desk.run_policy import RunPolicy
from desk.ticket import Customer, Ticket
from features.encoding import encode, fit_encoder, read
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.histories import History as RegisteredHistory
from journal.histories import register_history
from journal.promotions import promote
from models.golden import golden_rows
from models.heads import Blend, HeadModel
from models.linear import Linear
from models.registry import HISTORY_TAG, register
from models.registry_client import open_client
from models.similar import build_similar, ticket_vector
from models.storage import write_version
from models.version import Version
from training.evidence.suspects import Suspect
from training.evidence.worst_errors import WorstError
from training.histories.history import History, digest_of
from training.histories.store import keep_history
from training.runs.artifacts import SUSPECTS_FILE
from training.runs.error_table import write_errors
from training.runs.writing import write_table

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
THEM = "customer-7f3a"
THEIR_BODY = "This is Zephyrine Oakhurst of Quillfeather Lane."
RESOLUTION = "rerouted the Zephyrine Oakhurst mailbox"
TOPICS = {"Access": "password reset locked login", "Billing": "invoice refund charged twice"}


def resolved(number: int) -> ResolvedTicket:
    """Every tenth ticket is theirs, the last one too."""
    is_theirs = number % 10 == 9
    queue = ("Access", "Billing")[number % 2]
    ticket = Ticket(
        id=f"theirs-{number}" if is_theirs else f"T{number}",
        created_at=AT - timedelta(days=200 - number),
        body=f"{THEIR_BODY if is_theirs else 'Hello.'} {TOPICS[queue]} number {number % 7}",
        customer=Customer(THEM if is_theirs else f"c{number % 6}"),
        attributes={"caller": "Zephyrine Oakhurst" if is_theirs else f"caller {number % 4}"},
    )
    return ResolvedTicket(ticket, Outcome(queue=queue, resolution=RESOLUTION if is_theirs else "see article"), ())


def history() -> History:
    rows = tuple(resolved(number) for number in range(120))
    return History(rows, digest_of(rows), {}, (), "", ())


def version_of(told: History) -> tuple[Version, list[dict[str, Any]]]:
    """One queue head that always says the same, an encoder and an index of all rows."""
    tickets = [row.ticket for row in told.rows]
    encoder = fit_encoder([read(ticket) for ticket in tickets])
    encoded = [encode(encoder, read(ticket)) for ticket in tickets]
    vectors = np.array([ticket_vector(one, len(encoder.words), one.vector) for one in encoded])
    found = [SimilarTicket(row.ticket.id, 0, row.outcome.queue, resolution=row.outcome.resolution) for row in told.rows]
    blend = Blend(linear=1.0, meaning=0.0, trees=0.0, slope=1.0, offset=0.0, bias=np.zeros(2))
    head = HeadModel("queue", tuple(TOPICS), slice(0, 2), blend)
    linear = Linear(np.random.default_rng(1).normal(size=(encoder.width, 2)).astype(np.float32), np.zeros(2))
    similar = build_similar(found, vectors)
    version = Version("1", encoder, linear, {"queue": head}, {"history": told.digest}, similar=similar)
    return version, golden_rows(version, encoded[-50:])


def registered(environment: Environment, folder: Path, digest: str, rows: Sequence[ResolvedTicket]) -> str:
    client = open_client(environment.mlflow_uri)
    experiment = client.create_experiment("pointsman", artifact_location=environment.mlflow_artifacts.as_uri())
    run = client.create_run(experiment, tags={HISTORY_TAG: digest})
    with TemporaryDirectory() as files:
        write_named(Path(files), rows)
        client.log_artifacts(run.info.run_id, files)
    return register(environment.mlflow_uri, run.info.run_id, folder)


def write_named(folder: Path, rows: Sequence[ResolvedTicket]) -> None:
    """What a training's runs name of tickets: worst errors with their texts, suspect labels."""
    errors = [WorstError(row.ticket.id, "Billing", "Access", 0.9, 0.1) for row in rows]
    write_errors(folder, errors, {row.ticket.id: row.ticket for row in rows}, RunPolicy("whole"))
    suspects = [Suspect(row.ticket.id, "queue", "Billing", "Access", 0.1, 0.9, 0.05) for row in rows]
    write_table(folder / SUSPECTS_FILE, Suspect, suspects)


@pytest.fixture(scope="module")
def make_desk_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], Environment]:
    """Makes such a home, its journal at the given URL or in SQLite; the version is registered and champion."""

    def make(database_url: str | None = None) -> Environment:
        home = tmp_path_factory.mktemp("home")
        settings = {"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none"}
        environment = read_environment(settings | ({"POINTSMAN_DATABASE_URL": database_url} if database_url else {}))
        told = history()
        folder = environment.versions / "1"
        environment.versions.mkdir()
        version, golden = version_of(told)
        write_version(version, folder, golden)
        assert registered(environment, folder, told.digest, told.rows) == "1"
        engine = connect(environment.database_url)
        migrate(engine)
        kept = keep_history(told, home).relative_to(home).as_posix()
        register_history(engine, RegisteredHistory(told.digest, kept, len(told.rows), AT, desk_config={}))
        promote(engine, "1", who="the tests", why="they need one", at=AT)
        engine.dispose()
        (home / "sample").mkdir()
        with gzip.open(home / "sample" / "history.jsonl.gz", "wb") as file:
            for row in told.rows:
                file.write(orjson.dumps({"id": row.ticket.id, "customer_id": row.ticket.customer.id}) + b"\n")
        return environment

    return make
