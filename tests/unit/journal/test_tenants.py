from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from desk.errors import SettingError
from journal.tenants import add_tenant, tenant_names

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_the_default_tenant_is_there_from_the_start(engine: Engine) -> None:
    assert tenant_names(engine) == ["default"]


def test_adding_a_tenant_twice_is_adding_it_once(engine: Engine) -> None:
    add_tenant(engine, "north", at=NOW)
    add_tenant(engine, "north", at=NOW)
    assert tenant_names(engine) == ["default", "north"]


def test_a_blank_name_is_refused(engine: Engine) -> None:
    with pytest.raises(SettingError, match="name"):
        add_tenant(engine, " ", at=NOW)
