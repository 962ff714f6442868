"""A ticket in, a prediction out: shape, order and probabilities of what a version says."""

import dataclasses
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.heads import RISK_HEADS
from desk.prediction import Extras
from desk.ticket import Customer, Ticket
from features.encoding import encode, read
from journal.environment import Environment
from models.scoring import predict, probabilities_of
from models.version import Version

if TYPE_CHECKING:
    from training.histories.history import History

ROOT = Path(__file__).resolve().parents[3]

TICKETS = st.builds(
    Ticket,
    id=st.text(),
    subject=st.text(st.characters(), max_size=60),
    body=st.sampled_from(["", "VPN drops", "\ud800", "🙂 invoice"]),
    created_at=st.none() | st.datetimes(timezones=st.timezones()),
    channel=st.none() | st.sampled_from(["email", "pigeon"]),
    customer=st.builds(Customer, id=st.none() | st.text(max_size=5), tier=st.sampled_from([None, "vip", "unheard of"])),
    tags=st.lists(st.sampled_from(["mobile", "new"]), max_size=3).map(tuple),
    attributes=st.dictionaries(st.sampled_from(["site", "novel"]), st.text(max_size=10)),
)


@given(ticket=TICKETS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_comes_every_head_answers_with_probabilities(trained_version: Version, ticket: Ticket) -> None:
    for head, probabilities in probabilities_of(trained_version, encode(trained_version.encoder, read(ticket))).items():
        assert probabilities.shape == (len(trained_version.heads[head].labels),)
        assert ((probabilities >= 0) & (probabilities <= 1)).all()
        assert probabilities.sum() == pytest.approx(1.0)


def test_a_prediction_names_the_most_probable_labels_in_order(trained_version: Version) -> None:
    ticket = Ticket(id="1", subject="refund the duplicate charge on my invoice")
    probabilities = probabilities_of(trained_version, encode(trained_version.encoder, read(ticket)))
    prediction = predict(trained_version, ticket)
    assert prediction.version == "1"
    assert set(prediction.choices) == {"queue", "priority"}
    assert set(prediction.risks) == set(RISK_HEADS)
    for head, choice in prediction.choices.items():
        given_to = dict(zip(trained_version.heads[head].labels, probabilities[head], strict=True))
        assert [one.probability for one in choice.top] == sorted(given_to.values(), reverse=True)[:3]
        assert all(given_to[one.label] == one.probability for one in choice.top)
    for head, risk in prediction.risks.items():
        assert risk.probability == probabilities[head][1]


@pytest.mark.parametrize(("top", "named"), [(1, 1), (4, 4), (99, 4)])
def test_as_many_labels_are_named_as_asked_for_and_there_are(trained_version: Version, top: int, named: int) -> None:
    prediction = predict(trained_version, Ticket(id="1", subject="printer jams"), top)
    assert len(prediction.choices["queue"].top) == named


def test_labels_that_are_as_probable_go_in_the_order_of_the_vocabulary(trained_version: Version) -> None:
    head = trained_version.heads["queue"]
    blend = dataclasses.replace(head.blend, linear=0.0, trees=0.0, bias=np.zeros(4))
    even = dataclasses.replace(head, blend=blend, favour=np.empty(0))
    version = dataclasses.replace(trained_version, heads={"queue": even})
    top = predict(version, Ticket(id="1", subject="VPN")).choices["queue"].top
    assert [(one.label, one.probability) for one in top] == [(label, 0.25) for label in sorted(head.labels)[:3]]


def test_a_head_that_a_version_lacks_is_absent(trained_version: Version) -> None:
    version = dataclasses.replace(trained_version, heads={"breach": trained_version.heads["breach"]})
    prediction = predict(version, Ticket(id="1", subject="VPN"))
    assert prediction.choices == {}
    assert set(prediction.risks) == {"breach"}


def test_the_numbers_are_the_same_to_the_bit_in_another_process_and_with_other_threads(
    trained_home: Environment, trained_version: Version, sample_history: "History"
) -> None:
    tickets = [row.ticket for row in sample_history.rows[:40]]
    here = [[one.tobytes().hex() for one in answers(trained_version, ticket)] for ticket in tickets]
    script = (
        "import sys; from pathlib import Path; from features.encoding import encode, read"
        "\nfrom models.storage import load_version; from models.scoring import probabilities_of"
        "\nfrom datetime import UTC, datetime; from desk.ticket import *"
        "\nversion = load_version(Path(sys.argv[1]))"
        "\nfor ticket in eval(sys.stdin.read()):"
        "\n    found = probabilities_of(version, encode(version.encoder, read(ticket)))"
        "\n    print(*(one.tobytes().hex() for one in found.values()))"
    )
    for threads in ("1", "4"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(trained_home.versions / "1")],
            input=repr(tickets)
            .replace("tzinfo=datetime.timezone.utc", "tzinfo=UTC")
            .replace("datetime.datetime(", "datetime("),
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": threads},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert [line.split() for line in done.stdout.splitlines()] == here


def answers(version: Version, ticket: Ticket) -> list[np.ndarray]:
    return list(probabilities_of(version, encode(version.encoder, read(ticket))).values())


def test_similar_tickets_are_shown_where_they_are_asked_for(
    trained_version: Version, sample_history: "History"
) -> None:
    ticket = Ticket(id="new", subject="refund the duplicate charge on my invoice")
    assert predict(trained_version, ticket).similar is None
    found = predict(trained_version, ticket, extras=Extras(similar=5)).similar
    assert found is not None
    assert len(found) == 5
    kept = {row.ticket.id: row for row in sample_history.rows}
    for one in found:
        outcome = kept[one.ticket_id].outcome
        assert (one.queue, one.priority, one.escalated) == (outcome.queue, outcome.priority, outcome.escalated)
    assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)
    assert sum("charge" in kept[one.ticket_id].ticket.body.lower() for one in found) >= 4


def test_a_ticket_of_the_history_is_not_like_itself(trained_version: Version, sample_history: "History") -> None:
    ticket = sample_history.rows[3].ticket
    found = predict(trained_version, ticket, extras=Extras(similar=20)).similar
    assert found is not None
    assert len(found) == 20
    assert ticket.id not in {one.ticket_id for one in found}


def test_a_version_without_an_index_shows_none(trained_version: Version) -> None:
    bare = dataclasses.replace(trained_version, similar=None)
    assert predict(bare, Ticket(id="1", subject="VPN"), extras=Extras(similar=3)).similar == ()


def test_a_thread_beside_changes_nothing_of_what_is_said(trained_version: Version, sample_history: "History") -> None:
    extras = Extras(similar=3, explain=True)
    with ThreadPoolExecutor(1) as beside:
        for row in sample_history.rows[:20]:
            alone = predict(trained_version, row.ticket, extras=extras)
            assert predict(trained_version, row.ticket, extras=extras, beside=beside) == alone
