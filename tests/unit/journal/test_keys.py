"""Keys: what is kept of them, what ends them, and that a typo is told without asking."""

import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from string import ascii_letters, digits
from zlib import crc32

import pytest
from sqlalchemy import Engine, select

from desk.errors import SettingError
from journal.database import reading
from journal.environment import read_environment
from journal.keys import digest_of, key_id_of, keys, make_key, revoke_key
from journal.secret import installation_secret
from journal.tables import keys as table
from journal.tenants import tenant_names

NOW = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)
LATER = datetime(2026, 11, 22, tzinfo=UTC)
SECRET = b"of this installation"


def test_a_key_is_shown_once_and_kept_as_a_keyed_hash(engine: Engine) -> None:
    key, text = make_key(engine, SECRET, "helpdesk", ["predict"], who="ann", at=NOW)
    assert re.fullmatch(r"pm_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", text)
    assert key_id_of(text) == key.key_id
    with reading(engine) as connection:
        (row,) = connection.execute(select(table)).mappings().all()
    assert text[16:] not in str(dict(row))
    assert row["digest"] == digest_of(SECRET, text) != digest_of(b"another secret", text)
    assert keys(engine) == [key]


def test_the_checksum_is_the_crc_32_of_what_stands_before_it(engine: Engine) -> None:
    _, text = make_key(engine, SECRET, "helpdesk", ["predict"], who="ann", at=NOW)
    number = 0
    for digit in text[-6:]:
        number = number * 62 + (digits + ascii_letters).index(digit)
    assert number == crc32(text[:-6].encode())


def test_every_typo_of_one_character_is_told(engine: Engine) -> None:
    _, text = make_key(engine, SECRET, "helpdesk", ["predict"], who="ann", at=NOW)
    for place, other in product(range(3, len(text)), "aZ09_"):
        changed = text[:place] + other + text[place + 1 :]
        assert (key_id_of(changed) is None) == (changed != text)


@pytest.mark.parametrize(
    "text", ["", "pm_", "Bearer", "pm_" + "a" * 61, "pm_ä", "pm_aaaaaaaaaaaa_" + "٣" * 49, "x" * 10_000]
)
def test_what_is_no_key_has_no_id(text: str) -> None:
    assert key_id_of(text) is None


def test_a_revoked_key_stays_listed_and_revoking_it_again_changes_nothing(engine: Engine) -> None:
    key, _ = make_key(engine, SECRET, "helpdesk", ["predict"], who="ann", at=NOW)
    first = revoke_key(engine, key.key_id, who="bob", at=LATER)
    assert first is not None
    assert (first.revoked_at, first.revoked_by) == (LATER, "bob")
    assert revoke_key(engine, key.key_id, who="eve", at=NOW) == first
    assert keys(engine) == [first]


def test_a_key_of_another_tenant_is_not_there(engine: Engine) -> None:
    key, _ = make_key(engine, SECRET, "theirs", ["admin"], who="ann", at=NOW, tenant="north")
    assert tenant_names(engine) == ["default", "north"]
    assert keys(engine, "default") == []
    assert revoke_key(engine, key.key_id, who="ann", at=LATER) is None
    assert [one.revoked_at for one in keys(engine, "north")] == [None]


@pytest.mark.parametrize(
    ("name", "scopes", "tenant", "per_minute"),
    [
        (" ", ["predict"], "default", None),
        ("two\nlines", ["predict"], "default", None),
        ("x" * 101, ["predict"], "default", None),
        ("a name", [], "default", None),
        ("a name", ["everything"], "default", None),
        ("a name", ["predict"], "../north", None),
        ("a name", ["predict"], "default", 0),
    ],
)
def test_what_cannot_be_a_key_is_refused(
    engine: Engine, name: str, scopes: list[str], tenant: str, per_minute: int | None
) -> None:
    with pytest.raises(SettingError):
        make_key(engine, SECRET, name, scopes, who="ann", at=NOW, tenant=tenant, per_minute=per_minute)
    assert keys(engine) == []


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path / "home")})
    first = installation_secret(environment)
    assert len(first) == 64
    assert installation_secret(environment) == first
    assert [path.name for path in environment.home.iterdir()] == ["secret"]
    assert (environment.home / "secret").stat().st_mode & 0o777 == 0o600


def test_a_secret_of_the_environment_holds_unless_it_is_short(tmp_path: Path) -> None:
    given = {"POINTSMAN_HOME": str(tmp_path), "POINTSMAN_SECRET": "0123456789abcdef"}
    assert installation_secret(read_environment(given)) == b"0123456789abcdef"
    with pytest.raises(SettingError, match="16 characters"):
        installation_secret(read_environment({**given, "POINTSMAN_SECRET": "short"}))
    assert list(tmp_path.iterdir()) == []
    assert "0123456789abcdef" not in repr(read_environment(given))
