from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from desk.errors import JournalError
from journal.histories import History, find_history, histories, register_history
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HISTORY = History(
    digest="ab12",
    path="histories/ab12.parquet",
    row_count=6000,
    given_at=NOW,
    first_created_at=NOW - timedelta(days=365),
    last_created_at=NOW,
    label_rule="reopen_count > 0",
    desk_config={"columns": {"queue": "assignment_group"}},
)
BARE = History(digest="cd34", path="histories/cd34.parquet", row_count=50, given_at=NOW + timedelta(hours=1))


def test_a_history_is_found_by_its_digest_as_it_was_given(engine: Engine) -> None:
    register_history(engine, HISTORY)
    register_history(engine, BARE)
    assert find_history(engine, "ab12") == HISTORY
    assert find_history(engine, "cd34") == BARE
    assert find_history(engine, "ef56") is None


def test_histories_are_listed_in_the_order_in_which_they_were_given(engine: Engine) -> None:
    register_history(engine, BARE)
    register_history(engine, HISTORY)
    assert [one.digest for one in histories(engine)] == ["ab12", "cd34"]


def test_the_same_history_given_again_is_the_one_registered_first(engine: Engine) -> None:
    register_history(engine, HISTORY)
    assert register_history(engine, replace(HISTORY, given_at=NOW + timedelta(days=1))) == HISTORY
    assert histories(engine) == [HISTORY]


@pytest.mark.parametrize("path", ["", "/var/ab12.parquet", "../ab12.parquet"])
def test_a_path_that_leads_outside_is_refused(engine: Engine, path: str) -> None:
    with pytest.raises(JournalError, match="relative to POINTSMAN_HOME"):
        register_history(engine, replace(HISTORY, path=path))


def test_tenants_have_histories_of_their_own(engine: Engine) -> None:
    add_tenant(engine, "north", at=NOW)
    register_history(engine, HISTORY, "north")
    assert find_history(engine, "ab12") is None
    assert find_history(engine, "ab12", "north") == HISTORY
