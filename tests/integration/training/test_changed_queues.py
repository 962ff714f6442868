"""A training that reads its history through the records of how the desk's queues changed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desk.taxonomy import Record, Taxonomy
from desk.taxonomy_setting import TAXONOMY_SETTING, read_taxonomy, taxonomy_json
from desk.ticket import Ticket
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.histories import find_history
from journal.settings import put_setting
from models.queue_names import names_of
from models.scoring import predict
from models.storage import load_version
from models.version import Version
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history
from training.histories.store import load_history
from training.progress import Unwatched
from training.training import Trained, train

SPLIT_AT = datetime(2026, 2, 15, tzinfo=UTC)
TRAINED_AT = datetime(2026, 11, 21, tzinfo=UTC)
CHANGES = Taxonomy(
    (
        Record(datetime(2026, 2, 1, tzinfo=UTC), "renamed", ("Access",), ("Identity",)),
        Record(
            SPLIT_AT, "split", ("Network",), ("VPN", "Office network"), {"VPN": "tunnels", "Office network": "wifi"}
        ),
        Record(datetime(2026, 4, 1, tzinfo=UTC), "retired", ("Hardware",)),
        Record(
            datetime(2026, 11, 1, tzinfo=UTC),
            "added",
            (),
            ("Privacy",),
            {"Privacy": "erase or export the personal data of a customer"},
        ),
        Record(datetime(2027, 1, 1, tzinfo=UTC), "retired", ("Billing",)),
    )
)
"""The last of them is yet to come."""


def as_the_desk_said(row: dict[str, Any]) -> dict[str, Any]:
    """After the split tickets are sorted into its parts; old habits keep the old name of what was renamed."""
    row = {name: row[name] for name in ("id", "created_at", "subject", "body", "queue")}
    if row["queue"] == "Network" and row["created_at"] >= SPLIT_AT.isoformat():
        return {**row, "queue": "VPN" if "VPN" in row["subject"] else "Office network"}
    return row


@pytest.fixture(scope="module")
def trained(
    write_sample: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Environment, Trained, Version]:
    home = tmp_path_factory.mktemp("changed")
    environment = read_environment({"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none"})
    engine = connect(environment.database_url)
    migrate(engine)
    put_setting(engine, TAXONOMY_SETTING, taxonomy_json(CHANGES), who="the tests", at=TRAINED_AT)
    history = read_history(write_sample(240, change=as_the_desk_said), DeskConfig())
    config = DeskConfig(queues={"Access": "log in, passwords", "Hardware": "printers and laptops"})
    made = train(history, config, environment, engine, at=TRAINED_AT, who="the tests", progress=Unwatched())
    engine.dispose()
    return environment, made, load_version(environment.versions / made.version)


def test_the_queues_that_are_learned_are_those_of_today(trained: tuple[Environment, Trained, Version]) -> None:
    _, made, version = trained
    assert set(version.heads["queue"].labels) == {"Identity", "Billing", "VPN", "Office network", "Privacy"}
    assert made.record.new_queues == ("Privacy",)
    assert any("under the name that the queue has today" in note for note in made.record.history.notes)
    assert any("split or retired since" in note for note in made.record.history.notes)
    assert version.similar is not None
    assert set(version.similar.queues) == {"Identity", "Billing", "VPN", "Office network"}


def test_a_queue_without_a_row_is_answered_from_its_description(trained: tuple[Environment, Trained, Version]) -> None:
    asked = Ticket(id="1", subject="please erase the personal data that you keep of me")
    assert predict(trained[2], asked).choices["queue"].label == "Privacy"
    assert "Privacy" not in trained[2].evidence["queue"]


def test_old_names_are_answered_by_the_new_ones(trained: tuple[Environment, Trained, Version]) -> None:
    for subject, queue in (
        ("I cannot log in to my account", "Identity"),
        ("cannot reach the server over VPN", "VPN"),
        ("wifi is very slow on my floor", "Office network"),
        ("please refund the duplicate charge", "Billing"),
    ):
        body = f"Hello, this is Anna Weber. {subject}, no hurry."
        assert predict(trained[2], Ticket(id="1", subject=subject, body=body)).choices["queue"].label == queue


def test_the_version_says_what_it_has_read_and_is_left_alone_by_it(
    trained: tuple[Environment, Trained, Version],
) -> None:
    environment, _, version = trained
    assert read_taxonomy(version.about["taxonomy"]) == CHANGES.as_of(TRAINED_AT)
    assert names_of(version, CHANGES.as_of(TRAINED_AT)) is None
    names = names_of(version, CHANGES)  # once the last has come about
    assert names is not None
    assert "Billing" not in names.queues
    engine = connect(environment.database_url)
    registered = find_history(engine, version.about["history"])
    engine.dispose()
    assert registered is not None
    kept = load_history(environment.home / registered.path)
    assert kept.read_through == CHANGES.as_of(TRAINED_AT)
    assert {row.outcome.queue for row in kept.rows} == {"Identity", "Billing", "VPN", "Office network", None}
    assert kept.rows[0].ticket.id == "T0"
