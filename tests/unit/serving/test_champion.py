"""The version that answers follows the journal; what fails leaves the old one serving."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from desk.demands import Demands, with_demand
from desk.errors import DamagedVersionError, JournalUnavailableError, PointsmanError, RegistryError
from desk.evidence import Answered, Evidence
from desk.factors import DEFAULT_POLICY, policy_of
from desk.modes import NO_TERMS
from serving.champion import ChampionWatch, Standing

START = datetime(2026, 11, 21, tzinfo=UTC)


class World:
    """What the watch looks at, as plain values to be changed by a test."""

    def __init__(self, folder: Path) -> None:
        self.standing: Standing | Exception = Standing()
        self.failing: dict[str, Exception] = {}
        self.stamps: dict[str, int] = {}
        self.made = 1
        self.tried: list[str] = []
        self.evidence: Evidence = {}
        self.traffic: tuple[float, ...] = ()
        self.now = START
        self.remembered = folder / "champion.json"

    def watch(self) -> ChampionWatch:
        return ChampionWatch(
            self.read,
            self.obtain,
            stamp=lambda name: self.stamps.get(name, 0),
            traffic=lambda _: self.traffic,
            remembered=self.remembered,
            now=lambda: self.now,
            seconds=0.01,
            made=lambda _: self.made,
        )

    def read(self) -> Standing:
        if isinstance(self.standing, Exception):
            raise self.standing
        return self.standing

    def obtain(self, name: str, _: Event) -> Any:
        self.tried.append(name)
        if name in self.failing:
            raise self.failing[name]
        learned = SimpleNamespace(scales={"sentiment": ()})
        said = {"evidence": self.evidence, "too_little": frozenset(), "factors": learned, "heads": {}}
        return SimpleNamespace(forest=None, name=name, **said)

    def promote(self, version: str) -> None:
        self.now += timedelta(hours=1)
        self.standing = Standing(version, self.now)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def answering(watch: ChampionWatch) -> str | None:
    return None if watch.current.version is None else watch.current.version.name


def test_nothing_answers_before_the_first_promotion(world: World) -> None:
    watch = world.watch()
    watch.look()
    assert (answering(watch), watch.trouble, world.tried) == (None, None, [])


def test_a_promoted_version_answers_and_is_loaded_once(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    watch.look()
    assert (answering(watch), watch.current.promoted_at, world.tried) == ("1", world.now, ["1"])


def test_a_rollback_is_followed(world: World) -> None:
    watch = world.watch()
    for version in ("1", "2", "1"):
        world.promote(version)
        watch.look()
    # The version before is still in memory.
    assert (answering(watch), world.tried) == ("1", ["1", "2"])


def test_a_damaged_version_leaves_the_old_one_and_is_not_tried_again(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    world.failing["2"] = DamagedVersionError("weights.npy has another hash")
    world.promote("2")
    for _ in range(100):
        watch.look()
    assert (answering(watch), world.tried) == ("1", ["1", "2"])
    assert watch.trouble is not None
    assert (watch.trouble.version, watch.trouble.error) == ("2", "weights.npy has another hash")


def test_a_damaged_version_is_tried_again_once_its_files_change(world: World) -> None:
    watch = world.watch()
    world.failing["1"] = DamagedVersionError("broken")
    world.promote("1")
    watch.look()
    del world.failing["1"]
    watch.look()
    assert answering(watch) is None
    world.stamps["1"] = 1
    watch.look()
    assert (answering(watch), watch.trouble) == ("1", None)


def test_a_damaged_version_is_tried_again_when_it_is_promoted_again(world: World) -> None:
    watch = world.watch()
    world.failing["1"] = DamagedVersionError("broken")
    world.promote("1")
    watch.look()
    del world.failing["1"]
    world.promote("1")
    watch.look()
    assert answering(watch) == "1"


def test_a_rollback_ends_the_trouble(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    world.failing["2"] = DamagedVersionError("broken")
    world.promote("2")
    watch.look()
    world.promote("1")
    watch.look()
    assert (answering(watch), watch.trouble) == ("1", None)


def test_a_registry_that_is_down_is_asked_again_less_and_less_often(world: World) -> None:
    watch = world.watch()
    world.failing["1"] = RegistryError("nobody answers")
    world.promote("1")
    tries = []
    for look in range(1, 120):
        before = len(world.tried)
        watch.look()
        if len(world.tried) > before:
            tries.append(look)
    # One look passes after the first failure, then two, four, … and at most thirty-two.
    assert tries == [1, 3, 6, 11, 20, 37, 70, 103]
    del world.failing["1"]
    for _ in range(33):
        watch.look()
    assert (answering(watch), watch.trouble) == ("1", None)


def test_an_error_that_nobody_foresaw_is_reported_by_its_type_alone(world: World) -> None:
    watch = world.watch()
    world.failing["1"] = MemoryError("at 0x7f, text of a ticket")
    world.promote("1")
    watch.look()
    assert watch.trouble is not None
    assert watch.trouble.error == "MemoryError"


def test_a_journal_that_is_down_changes_nothing_and_is_reported(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    world.standing = JournalUnavailableError("no connection")
    watch.look()
    assert answering(watch) == "1"
    assert watch.trouble is not None
    assert (watch.trouble.version, watch.trouble.error) == (None, "The journal cannot be read; the log says why.")
    world.promote("1")
    watch.look()
    assert watch.trouble is None


def test_after_a_restart_without_a_journal_the_last_good_version_answers(world: World) -> None:
    before = world.watch()
    world.promote("1")
    world.standing = Standing("1", world.now, "First line")
    before.look()
    world.standing = JournalUnavailableError("no connection")
    after = world.watch()
    after.look()
    assert (answering(after), after.current.default_queue) == ("1", "First line")
    assert after.trouble is not None


@pytest.mark.parametrize("kept", ["", "{}", "[]", '{"version": 1', "\0"])
def test_a_damaged_memory_of_the_last_version_is_no_memory(world: World, kept: str) -> None:
    world.remembered.write_text(kept)
    world.standing = JournalUnavailableError("no connection")
    watch = world.watch()
    watch.look()
    assert answering(watch) is None


def test_a_default_queue_that_changes_is_followed_and_remembered(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    world.standing = Standing("1", world.now, "First line")
    watch.look()
    assert watch.current.default_queue == "First line"
    kept = json.loads(world.remembered.read_text())
    assert (kept["version"], kept["default_queue"]) == ("1", "First line")


def test_a_policy_that_changes_is_followed_and_remembered(world: World) -> None:
    policy = policy_of({"urgency": 50})
    watch = world.watch()
    world.promote("1")
    watch.look()
    assert watch.current.policy == DEFAULT_POLICY
    world.standing = Standing("1", world.now, policy=policy)
    watch.look()
    assert (watch.current.policy, world.tried) == (policy, ["1"])
    world.standing = JournalUnavailableError("no connection")
    after = world.watch()
    after.look()
    assert (answering(after), after.current.policy) == ("1", policy)


def test_a_policy_that_cannot_be_read_leaves_the_one_before_and_is_reported(world: World) -> None:
    policy = policy_of({"urgency": 50})
    world.standing = Standing(policy=policy)
    watch = world.watch()
    watch.look()
    world.standing = Standing(policy=None)
    watch.look()
    assert watch.current.policy == policy
    assert watch.trouble is not None
    assert "'priority_factors' cannot be read" in watch.trouble.error
    world.standing = Standing()
    watch.look()
    assert (watch.current.policy, watch.trouble) == (DEFAULT_POLICY, None)


def test_a_memory_from_before_there_were_policies_still_names_the_version(world: World) -> None:
    before = world.watch()
    world.promote("1")
    before.look()
    kept = json.loads(world.remembered.read_text())
    del kept["priority_factors"]
    world.remembered.write_text(json.dumps(kept))
    world.standing = JournalUnavailableError("no connection")
    after = world.watch()
    after.look()
    assert (answering(after), after.current.policy) == ("1", DEFAULT_POLICY)


def test_the_thread_looks_by_itself_and_survives_what_nobody_foresaw(world: World) -> None:
    world.standing = ZeroDivisionError()
    watch = world.watch()
    watch.start()
    assert watch.looked.wait(5)
    world.promote("1")
    give_up = Event()
    for _ in range(500):
        if answering(watch) == "1" or give_up.wait(0.01):
            break
    watch.stop()
    assert answering(watch) == "1"


SURE: Evidence = {"queue": {"Billing": Answered((0.9,) * 80, (True,) * 80)}}
"""Eighty rows without a miss: enough for 0.96, which takes 74, and too few for 0.97, which takes 99."""


def thresholds(watch: ChampionWatch) -> Mapping[str, float]:
    return watch.current.terms.thresholds.get("queue", {})


def demanding(world: World, number: float) -> Standing:
    return Standing("1", world.now, demands=with_demand(Demands(), "queue", number))


def test_a_version_answers_on_the_terms_that_its_evidence_allows(world: World) -> None:
    world.evidence = SURE
    watch = world.watch()
    world.promote("1")
    watch.look()
    assert thresholds(watch) == {"Billing": 0.9}


def test_a_demand_that_changes_is_followed_without_loading_the_version_again(world: World) -> None:
    world.evidence = SURE
    watch = world.watch()
    found = []
    for number in (0.96, 0.97, 0.96):
        world.standing = demanding(world, number)
        watch.look()
        found.append(dict(thresholds(watch)))
    assert found == [{"Billing": 0.9}, {}, {"Billing": 0.9}]
    assert world.tried == ["1"]


def test_terms_are_derived_once_and_not_at_every_look(world: World) -> None:
    world.evidence = SURE
    watch = world.watch()
    world.promote("1")
    watch.look()
    before = watch.current.terms
    watch.look()
    assert watch.current.terms is before


def test_demands_that_cannot_be_read_leave_the_ones_before_and_are_reported(world: World) -> None:
    world.evidence = SURE
    watch = world.watch()
    world.promote("1")
    watch.look()
    world.standing = Standing("1", world.now, demands=None)
    watch.look()
    assert thresholds(watch) == {"Billing": 0.9}
    assert watch.trouble is not None
    assert "'contracts' cannot be read" in watch.trouble.error
    world.promote("1")
    watch.look()
    assert watch.trouble is None


def test_demands_that_could_never_be_read_let_nothing_be_applied(world: World) -> None:
    world.evidence = SURE
    world.standing = Standing("1", world.now, demands=None)
    watch = world.watch()
    watch.look()
    assert (answering(watch), watch.current.terms) == ("1", NO_TERMS)


def test_after_a_restart_without_a_journal_the_last_good_demands_hold(world: World) -> None:
    world.evidence = SURE
    before = world.watch()
    world.promote("1")
    before.look()
    world.standing = demanding(world, 0.97)
    before.look()
    world.standing = JournalUnavailableError("no connection")
    after = world.watch()
    after.look()
    assert (answering(after), thresholds(after)) == ("1", {})


def test_traffic_says_where_the_review_capacity_ends_once_there_is_enough(world: World) -> None:
    held_out = Answered(tuple(n / 100 for n in range(99, -1, -1)), (False,) * 100)
    world.evidence = {"escalation": {"true": held_out}}
    watch = world.watch()
    world.promote("1")
    cuts = []
    for world.traffic in ((), (0.5,) * 499, tuple(n / 1000 for n in range(500))):
        watch.look()
        assert watch.current.terms.cuts is not None
        cuts.append(watch.current.terms.cuts.escalate)
    # The twelfth highest of a hundred, the same, and the sixtieth highest of five hundred.
    assert cuts == [0.88, 0.88, 0.44]


def test_going_back_and_forth_loads_nothing_while_the_files_stay_as_they_are(world: World) -> None:
    watch = world.watch()
    for version in ("1", "2", "1", "2"):
        world.promote(version)
        watch.look()
    assert (answering(watch), world.tried) == ("2", ["1", "2"])
    world.stamps["1"] = 7
    world.promote("1")
    watch.look()
    assert world.tried == ["1", "2", "1"]


def test_the_two_versions_in_memory_are_at_hand(world: World) -> None:
    watch = world.watch()
    for version in ("1", "2", "3"):
        world.promote(version)
        watch.look()
    known = [watch.at_hand(name) for name in ("1", "2", "3")]
    assert [None if one is None else one.name for one in known] == [None, "2", "3"]


def test_the_version_before_is_let_go_of_after_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = world.watch()
    for version in ("1", "2"):
        world.promote(version)
        watch.look()
    monkeypatch.setattr("serving.champion.SECONDS_BEFORE_IS_KEPT", -1.0)
    watch.look()
    assert watch.at_hand("1") is None
    world.promote("1")
    watch.look()
    assert (answering(watch), world.tried) == ("1", ["1", "2", "1"])


def test_a_version_that_was_taken_back_while_it_was_fetched_is_let_go_of(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    world.promote("2")

    def hang(name: str, stop: Event) -> Any:
        world.tried.append(name)
        world.promote("1")
        assert stop.wait(10)
        raise PointsmanError("wants another version")

    watch._obtain = hang
    watch.look()
    watch.look()
    assert (answering(watch), watch.trouble, world.tried) == ("1", None, ["1", "2"])


def test_settings_that_change_while_a_version_is_fetched_hold_at_once(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    world.promote("2")
    queues = []

    def slow(name: str, _: Event) -> Any:
        world.standing = Standing(name, world.now, "First line")
        while watch.current.default_queue != "First line":
            Event().wait(0.01)
        queues.append((answering(watch), watch.current.default_queue))
        return world.obtain(name, _)

    watch._obtain = slow
    watch.look()
    assert queues == [("1", "First line")]
    assert (answering(watch), watch.current.default_queue) == ("2", "First line")


def test_a_process_that_starts_without_the_champion_answers_by_the_last_good_version(world: World) -> None:
    world.stamps = {"1": 1}
    before = world.watch()
    world.promote("1")
    before.look()
    world.failing["2"] = RegistryError("MLflow at sqlite:////home/x/mlflow.db does not answer")
    world.promote("2")
    after = world.watch()
    for _ in range(20):
        after.look()
    assert (answering(after), world.tried[:3]) == ("1", ["1", "1", "2"])
    assert world.tried.count("1") == 2
    assert after.trouble is not None
    assert after.trouble.error == "Version '2' could not be fetched from the registry; the log says why."
    del world.failing["2"]
    for _ in range(40):
        after.look()
    assert (answering(after), after.trouble) == ("2", None)


def test_a_process_that_starts_with_a_damaged_champion_answers_by_the_last_good_version(world: World) -> None:
    world.stamps = {"1": 1, "2": 1}
    before = world.watch()
    world.promote("1")
    before.look()
    world.failing["2"] = DamagedVersionError("weights differ")
    world.promote("2")
    after = world.watch()
    for _ in range(20):
        after.look()
    assert (answering(after), world.tried) == ("1", ["1", "2", "1"])
    assert after.trouble is not None
    assert after.trouble.version == "2"


def test_a_version_that_does_not_fit_together_when_it_is_about_to_answer_is_tried_once(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()

    def odd(name: str, _: Event) -> Any:
        world.tried.append(name)
        return SimpleNamespace(name=name)

    watch._obtain = odd
    world.promote("2")
    for _ in range(10):
        watch.look()
    assert (answering(watch), world.tried) == ("1", ["1", "2"])
    assert watch.trouble is not None
    assert watch.trouble.version == "2"


def test_files_that_were_fetched_anew_in_vain_are_not_fetched_again_and_again(world: World) -> None:
    watch = world.watch()
    world.promote("1")

    def fetch(name: str, _: Event) -> Any:
        world.tried.append(name)
        world.stamps[name] = world.stamps.get(name, 0) + 1
        raise DamagedVersionError("still damaged")

    watch._obtain = fetch
    for _ in range(20):
        watch.look()
    assert world.tried == ["1"]


@pytest.mark.parametrize("jump", [timedelta(days=4000), timedelta(days=-4000)])
def test_a_clock_that_jumps_changes_neither_the_version_nor_what_is_tried(world: World, jump: timedelta) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    world.failing["2"] = DamagedVersionError("broken")
    world.standing = Standing("2", world.now)
    watch.look()
    world.now += jump
    for _ in range(10):
        watch.look()
    assert (answering(watch), world.tried) == ("1", ["1", "2"])
    world.standing = Standing("3", world.now)
    watch.look()
    assert (answering(watch), watch.trouble) == ("3", None)


def test_the_revisions_that_hold_are_those_of_the_values_that_hold_also_after_a_restart(world: World) -> None:
    world.standing = Standing("1", world.now, contracts=3, priority_factors=2)
    watch = world.watch()
    watch.look()
    world.standing = Standing("1", world.now, demands=None, policy=None, contracts=4, priority_factors=5)
    watch.look()
    assert (watch.current.contracts, watch.current.priority_factors) == (3, 2)
    world.standing = JournalUnavailableError("no connection")
    after = world.watch()
    after.look()
    assert (after.current.contracts, after.current.priority_factors) == (3, 2)
    assert after.current.basis == watch.current.basis


def test_a_memory_of_an_older_build_knows_no_revisions(world: World) -> None:
    kept = {"version": "1", "default_queue": "First line", "contracts": {}, "priority_factors": {}}
    world.remembered.write_text(json.dumps(kept))
    world.standing = JournalUnavailableError("no connection")
    watch = world.watch()
    watch.look()
    assert (answering(watch), watch.current.contracts, watch.current.priority_factors) == ("1", -1, -1)


def test_a_version_that_was_written_anew_is_loaded_again(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    watch.look()
    assert world.tried == ["1"]
    before, world.made = watch.current.version, 2
    watch.look()
    assert world.tried == ["1", "1"]
    assert watch.current.version is not before
    watch.look()
    assert world.tried == ["1", "1"]


def test_a_version_that_was_written_anew_and_cannot_be_used_leaves_the_old_one(world: World) -> None:
    watch = world.watch()
    world.promote("1")
    watch.look()
    before, world.made = watch.current.version, 2
    world.failing["1"] = DamagedVersionError("damaged")
    watch.look()
    watch.look()
    assert world.tried == ["1", "1"]
    assert watch.current.version is before
