from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from desk.errors import JournalError, RowRefusedError, SettingConflictError, SettingError
from journal.database import writing
from journal.settings import Setting, get_setting, last_settings, put_setting, put_settings, setting_revisions
from journal.tables import settings
from journal.tenants import add_tenant

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_a_setting_that_was_never_set_is_none(engine: Engine) -> None:
    assert get_setting(engine, "default_queue") is None
    assert setting_revisions(engine, "default_queue") == []


def test_each_value_is_a_numbered_revision_and_the_last_holds(engine: Engine) -> None:
    put_setting(engine, "default_queue", "Triage", who="ann", at=NOW)
    put_setting(engine, "default_queue", "First line", who="bob", at=NOW)
    first = Setting("default_queue", 1, "Triage", "ann", NOW)
    second = Setting("default_queue", 2, "First line", "bob", NOW)
    assert get_setting(engine, "default_queue") == second
    assert setting_revisions(engine, "default_queue") == [first, second]


@pytest.mark.parametrize("value", [None, True, 0.1, "Büro \x00", ["a"], {"queue": {"demand": 0.96}}])
def test_any_json_value_comes_back_as_it_went_in(engine: Engine, value: Any) -> None:
    put_setting(engine, "weights", value, who="ann", at=NOW)
    held = get_setting(engine, "weights")
    assert held is not None
    assert held.value == value


def test_what_is_no_json_value_is_refused(engine: Engine) -> None:
    with pytest.raises(JournalError, match="JSON"):
        put_setting(engine, "weights", {1, 2}, who="ann", at=NOW)


def test_who_expected_another_revision_is_told_who_set_it(engine: Engine) -> None:
    put_setting(engine, "default_queue", "Triage", who="ann", at=NOW, expected=0)
    with pytest.raises(SettingConflictError, match=r"revision 0 .*the last is 1, set by 'ann'"):
        put_setting(engine, "default_queue", "Other", who="bob", at=NOW, expected=0)
    put_setting(engine, "default_queue", "Other", who="bob", at=NOW, expected=1)


@pytest.mark.parametrize("name", ["", "Default queue", "1st", "a" * 65])
def test_a_setting_has_a_word_for_a_name(engine: Engine, name: str) -> None:
    with pytest.raises(SettingError, match="name"):
        put_setting(engine, name, 1, who="ann", at=NOW)


def test_several_settings_are_written_together_where_they_differ(engine: Engine) -> None:
    put_setting(engine, "default_queue", "First line", who="ann", at=NOW)
    put_setting(engine, "retention_days", 30, who="ann", at=NOW)
    values = {"default_queue": "First line", "retention_days": 365, "requests_per_minute": None}
    written = put_settings(engine, values, who="bob", at=NOW)
    assert [(one.name, one.revision) for one in written] == [("retention_days", 2), ("requests_per_minute", 1)]
    held = last_settings(engine)
    assert {name: one.value for name, one in held.items()} == values
    assert held["retention_days"] == get_setting(engine, "retention_days")


def test_of_several_settings_none_is_written_where_one_cannot_be(engine: Engine) -> None:
    for values, error in (({"a": 1, "B": 2}, SettingError), ({"a": 1, "b": object()}, JournalError)):
        with pytest.raises(error):
            put_settings(engine, values, who="bob", at=NOW)
    assert last_settings(engine) == {}


def test_tenants_have_settings_of_their_own(engine: Engine) -> None:
    add_tenant(engine, "north", at=NOW)
    put_setting(engine, "default_queue", "North", who="ann", at=NOW, tenant="north")
    assert get_setting(engine, "default_queue") is None


def test_revisions_cannot_be_changed_afterwards(engine: Engine) -> None:
    put_setting(engine, "default_queue", "Triage", who="ann", at=NOW)
    with pytest.raises(RowRefusedError), writing(engine) as connection:
        connection.execute(settings.update().values(value="Other"))
