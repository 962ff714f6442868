"""Tickets kept from automation by chance: marked as such, remembered with the answer, and made again alike."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import Engine

from desk.holdback import HOLDBACK, HOLDBACK_SETTING, is_held_back
from desk.modes import Terms
from journal.settings import put_setting
from models.version import Version
from serving.basis import read_basis
from serving.holding import Champion, SettingsFollowed, Standing
from serving.journaling import read_standing
from serving.last_good import recall, remember
from serving.triage import Desk, Question, answered

if TYPE_CHECKING:
    from training.histories.history import History

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def engine(make_desk: Callable[[], Desk]) -> Engine:
    return make_desk().journaling.engine


def test_what_would_be_applied_is_suggested_for_the_tickets_that_chance_takes(
    trained_version: Version, sample_history: "History"
) -> None:
    terms = Terms(thresholds={"queue": dict.fromkeys(trained_version.heads["queue"].labels, 0.0)})
    plain, kept = Champion(trained_version, terms=terms), Champion(trained_version, terms=replace(terms, holdback=0.4))
    held = 0
    for row in sample_history.rows[:200]:
        before, _ = answered(plain, row.ticket, Question(), AT)
        after, journaled = answered(kept, row.ticket, Question(), AT)
        if before["queue"]["mode"] == "auto" and is_held_back(row.ticket.id, 0.4):
            assert after["queue"] == {**before["queue"], "mode": "suggest", "why": "held_back"}
            held += 1
        else:
            assert after["queue"] == before["queue"]
        assert read_basis(orjson.loads(orjson.dumps(journaled["basis"]))).holdback == 0.4
    assert 30 < held < 120


def test_the_share_is_the_settings_and_three_in_a_hundred_before_there_is_one(engine: Engine) -> None:
    assert read_standing(engine).holdback == HOLDBACK == 0.03
    put_setting(engine, HOLDBACK_SETTING, 0.1, who="a test", at=AT, expected=None)
    assert read_standing(engine).holdback == 0.1


def test_one_that_cannot_be_read_leaves_the_one_before_and_is_reported() -> None:
    followed = SettingsFollowed(lambda: AT)
    followed.take(Standing(holdback=0.2))
    followed.take(Standing(holdback=None))
    assert followed.held.holdback == 0.2
    assert followed.trouble is not None
    assert HOLDBACK_SETTING in followed.trouble.error


def test_a_process_that_starts_without_the_journal_goes_by_the_last_share(tmp_path: Path) -> None:
    followed = SettingsFollowed(lambda: AT)
    followed.take(Standing(holdback=0.2))
    remember(tmp_path / "champion.json", "1", followed.held)
    assert recall(tmp_path / "champion.json").holdback == 0.2
