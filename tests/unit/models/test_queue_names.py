"""A version's queues under the names of today: no number of a rename changes, nothing that is gone is answered."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.demands import Demands, read_demands
from desk.evidence import Answered
from desk.modes import Mode, Terms, choice_mode
from desk.prediction import Candidate, Choice, Extras
from desk.taxonomy import NO_CHANGES, Record, Taxonomy
from desk.taxonomy_setting import demands_today, taxonomy_json
from models.answering import Said
from models.queue_names import QueueNames, effect_json, evidence_today, labels_today, names_of
from models.scoring import predict
from models.terms import version_terms
from models.version import Version

if TYPE_CHECKING:
    from training.histories.history import History

TRAINED_AT = datetime(2026, 11, 21, tzinfo=UTC)  # as the manifest of the trained home says
BEFORE, AFTER = TRAINED_AT - timedelta(days=30), TRAINED_AT + timedelta(days=1)
ALL = Extras(similar=5, explain=True)


def changed(kind: str, queues: Iterable[str], into: Iterable[str] = (), at: datetime = AFTER) -> Taxonomy:
    new = tuple(into)
    described = dict.fromkeys(new, "what it is for") if kind in ("split", "added") else {}
    return Taxonomy((Record(at, kind, tuple(queues), new, described),))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def queues(trained_version: Version) -> tuple[str, ...]:
    return trained_version.heads["queue"].labels


def known(version: Version, taxonomy: Taxonomy) -> QueueNames:
    names = names_of(version, taxonomy)
    assert names is not None
    return names


def test_without_a_record_that_touches_it_a_version_is_as_it_was(trained_version: Version) -> None:
    assert names_of(trained_version, NO_CHANGES) is None
    assert names_of(trained_version, changed("renamed", ["Fax"], ["Paper"])) is None
    assert names_of(trained_version, changed("added", [], ["Privacy"])) is None
    assert evidence_today(trained_version, None) is trained_version.evidence


def test_a_rename_changes_names_and_no_number(
    trained_version: Version, sample_history: "History", queues: tuple[str, ...]
) -> None:
    old = queues[0]
    names = known(trained_version, changed("renamed", [old], ["Anew"]))
    seen = 0
    for row in sample_history.rows[:80]:
        before = predict(trained_version, row.ticket, extras=ALL)
        after = predict(trained_version, row.ticket, extras=ALL, names=names)
        called = [replace(one, label="Anew" if one.label == old else one.label) for one in before.choices["queue"].top]
        assert after.choices["queue"] == replace(before.choices["queue"], top=tuple(called))
        assert (after.risks, after.choices["priority"]) == (before.risks, before.choices["priority"])
        assert before.similar is not None
        assert after.similar == tuple(replace(one, queue="Anew") if one.queue == old else one for one in before.similar)
        seen += after.choices["queue"].label == "Anew"
    assert seen > 5


def test_a_renamed_queue_keeps_its_evidence_and_its_demand(trained_version: Version, queues: tuple[str, ...]) -> None:
    taxonomy = changed("renamed", [queues[0]], ["Anew"])
    held = trained_version.evidence["queue"]
    names = known(trained_version, taxonomy)
    assert evidence_today(trained_version, names)["queue"]["Anew"] is held[queues[0]]
    demands = read_demands({"queue": {"labels": {queues[0]: 0.6}}})
    before, after = version_terms(trained_version, demands), version_terms(trained_version, demands, taxonomy=taxonomy)
    assert after.thresholds["queue"]["Anew"] == before.thresholds["queue"][queues[0]]
    assert queues[0] not in after.thresholds["queue"]


def test_a_merge_adds_up_and_is_not_applied_before_the_next_training(
    trained_version: Version, sample_history: "History", queues: tuple[str, ...]
) -> None:
    one, other = queues[:2]
    taxonomy = changed("merged", [one, other], [other])
    names = known(trained_version, taxonomy)
    assert labels_today(trained_version, names) == (other, *queues[2:])
    assert names.unproven == {other}
    assert not {one, other} & set(evidence_today(trained_version, names)["queue"])
    for row in sample_history.rows[:40]:
        was = {one.label: one.probability for one in predict(trained_version, row.ticket, 99).choices["queue"].top}
        now = {
            one.label: one.probability
            for one in predict(trained_version, row.ticket, 99, names=names).choices["queue"].top
        }
        assert now.pop(other) == pytest.approx(was.pop(one) + was.pop(other))
        assert now == was
    easy = read_demands({"queue": {"default": 0.5}})
    assert other in version_terms(trained_version, easy).thresholds["queue"]
    assert other not in version_terms(trained_version, easy, taxonomy=taxonomy).thresholds["queue"]


def test_a_retired_queue_gives_what_it_had_to_its_successor_or_to_all(
    trained_version: Version, sample_history: "History", queues: tuple[str, ...]
) -> None:
    gone = queues[0]
    names, heir = (known(trained_version, changed("retired", [gone], into)) for into in ([], [queues[1]]))
    abstained = 0
    for row in sample_history.rows[:80]:
        before = predict(trained_version, row.ticket, 99).choices["queue"]
        was = {one.label: one.probability for one in before.top}
        after = predict(trained_version, row.ticket, 99, extras=ALL, names=names)
        choice = after.choices["queue"]
        now = {one.label: one.probability for one in choice.top}
        assert gone not in now
        assert sum(now.values()) == pytest.approx(1)
        assert all(now[label] == pytest.approx(was[label] / (1 - was[gone])) for label in now)
        assert choice.own == pytest.approx(was[choice.label])
        assert choice.gone == (before.label == gone)
        abstained += choice.gone
        assert after.similar is not None
        assert all(one.queue != gone for one in after.similar)
        inherited = predict(trained_version, row.ticket, 99, names=heir).choices["queue"]
        assert not inherited.gone
        assert {one.label: one.probability for one in inherited.top}[queues[1]] == pytest.approx(
            was[gone] + was[queues[1]]
        )
    assert abstained > 5


def test_a_split_queue_is_not_answered_and_what_it_had_is_given_to_nobody(
    trained_version: Version, sample_history: "History", queues: tuple[str, ...]
) -> None:
    names = known(trained_version, changed("split", [queues[0]], ["East", "West"]))
    assert labels_today(trained_version, names) == queues[1:]
    for row in sample_history.rows[:40]:
        was = {one.label: one.probability for one in predict(trained_version, row.ticket, 99).choices["queue"].top}
        now = {
            one.label: one.probability
            for one in predict(trained_version, row.ticket, 99, names=names).choices["queue"].top
        }
        was.pop(queues[0])
        assert now == was


@pytest.mark.parametrize("at", [BEFORE, AFTER])
def test_a_queue_that_parts_were_split_off_from_is_answered_and_not_applied(
    trained_version: Version, queues: tuple[str, ...], at: datetime
) -> None:
    """Whatever the record's date, as long as the training had not read it."""
    taxonomy = changed("split", [queues[0]], [queues[0], "West"], at)
    names = known(trained_version, taxonomy)
    assert labels_today(trained_version, names) == queues
    assert names.unproven == {queues[0]}
    read = replace(trained_version, about={**trained_version.about, "taxonomy": taxonomy_json(taxonomy)})
    assert (names_of(read, taxonomy) is None) == (at == BEFORE)


def test_a_version_that_learned_the_new_name_is_left_alone(trained_version: Version, queues: tuple[str, ...]) -> None:
    """What it learned is said when it was trained."""
    assert names_of(trained_version, changed("renamed", ["Old"], [queues[0]], BEFORE)) is None
    back = Taxonomy(
        (
            Record(BEFORE, "retired", (queues[0],)),
            Record(BEFORE + timedelta(days=1), "added", (), (queues[0],), {queues[0]: "as before"}),
        )
    )
    assert names_of(trained_version, back) is None
    late = known(trained_version, changed("renamed", [queues[0]], ["Anew"], BEFORE))
    assert labels_today(trained_version, late) == ("Anew", *queues[1:])


def test_reasons_are_those_for_the_queue_that_is_answered(
    trained_version: Version, sample_history: "History", queues: tuple[str, ...]
) -> None:
    for queue in queues:
        names = known(trained_version, changed("retired", [queue]))
        rest = [one for one in sample_history.rows if one.outcome.queue == queue][:3]
        for row in rest:
            prediction = predict(trained_version, row.ticket, extras=ALL, names=names)
            assert prediction.reasons is not None
            assert set(prediction.reasons) == set(trained_version.heads)


def test_a_version_without_a_queue_left_answers_none(trained_version: Version, queues: tuple[str, ...]) -> None:
    records = tuple(Record(AFTER + timedelta(hours=at), "retired", (queue,)) for at, queue in enumerate(queues))
    names = known(trained_version, Taxonomy(records))
    from desk.ticket import Ticket

    prediction = predict(trained_version, Ticket(id="1", subject="vpn"), extras=ALL, names=names)
    assert "queue" not in prediction.choices
    assert prediction.reasons is not None
    assert "queue" not in prediction.reasons


def test_what_a_version_makes_of_it_is_said(trained_version: Version, queues: tuple[str, ...]) -> None:
    taxonomy = Taxonomy(
        (
            *changed("split", [queues[0]], ["East", "West"]).records,
            *changed("merged", ["Misspelt", queues[1]], [queues[2]]).records,
        )
    )
    told = effect_json(trained_version, taxonomy)
    assert told == {
        "version": trained_version.name,
        "gone": [queues[0]],
        "unproven": [queues[2]],
        "unknown": ["East", "West"],
        "strange": ["Misspelt"],
    }
    assert effect_json(None, taxonomy)["version"] is None


TERMS = Terms(thresholds={"queue": {"Billing": 0.88}})


@pytest.mark.parametrize(
    ("choice", "mode"),
    [
        (Choice((Candidate("Billing", 0.95),), own=0.90), Mode("auto", threshold=0.88)),
        (Choice((Candidate("Billing", 0.95),), own=0.80), Mode("suggest", "queue_gone", 0.88)),
        (Choice((Candidate("Billing", 0.95),), gone=True, own=0.90), Mode("abstain", "queue_gone", 0.88)),
        (Choice((Candidate("Billing", 0.95),), novel=True, gone=True), Mode("abstain", "unknown_topic", 0.88)),
    ],
)
def test_contracts_are_held_against_what_the_version_itself_said(choice: Choice, mode: Mode) -> None:
    assert choice_mode(TERMS, "queue", choice) == mode


def test_demands_follow_their_queue() -> None:
    demands = read_demands({"queue": {"labels": {"A": 0.99, "B": 0.9, "C": 0.8}}})
    merged = demands_today(demands, changed("merged", ["A", "B"], ["D"]))
    assert merged.heads["queue"].labels == {"C": 0.8, "D": 0.99}
    assert demands_today(demands, changed("renamed", ["A"], ["C"])).heads["queue"].labels == {"B": 0.9, "C": 0.8}
    assert demands_today(demands, NO_CHANGES) is demands
    assert demands_today(Demands(), changed("retired", ["A"])) == Demands()


PLACES = st.lists(st.integers(-2, 3), min_size=2, max_size=8)


@given(PLACES, st.data())
@settings(max_examples=200)
def test_what_is_answered_is_a_queue_there_is_and_probabilities_stay_such(
    places: list[int], data: st.DataObject
) -> None:
    there = sorted({place for place in places if place >= 0})
    names = QueueNames(
        tuple(f"queue {one}" for one in there),
        tuple(there.index(place) if place >= 0 else place for place in places),
        tuple(data.draw(st.lists(st.floats(-2, 2), min_size=len(places), max_size=len(places)))),
        frozenset(),
        {},
    )
    odds = np.array(data.draw(st.lists(st.floats(0, 1), min_size=len(places), max_size=len(places)))) + 1e-12
    said = Said(np.log(odds), odds / odds.sum(), np.argsort(-odds)[:3].tolist())
    after, choice = names.answer(said, 3)
    if not there:
        assert choice is None
        return
    assert choice is not None
    assert len(choice.top) == len({one.label for one in choice.top}) == min(3, len(there))
    assert all(0 <= one.probability <= 1 for one in choice.top)
    assert sum(one.probability for one in choice.top) <= 1 + 1e-9
    for place, one in zip(after.places, choice.top, strict=True):
        assert names.queues[names.places[place]] == one.label
    rows = names.columns(said.probabilities[np.newaxis])
    assert rows.sum() == pytest.approx(1)


def test_evidence_of_a_label_that_left_no_successor_is_left_out(
    trained_version: Version, queues: tuple[str, ...]
) -> None:
    names = known(trained_version, changed("retired", [queues[0]]))
    held = evidence_today(trained_version, names)["queue"]
    assert queues[0] not in held
    assert all(isinstance(one, Answered) for one in held.values())
    assert {label: held[label] for label in queues[1:] if label in held} == {
        label: one for label, one in trained_version.evidence["queue"].items() if label != queues[0]
    }
