"""API keys: made, listed, revoked. Only a keyed hash of each is kept; the key itself is seen once, by who makes it.

A key is `pm_`, its id, `_`, 43 random characters and a checksum, as GitHub's tokens are built: a typo is told without
asking the database, and those who look for leaked secrets know one when they see it. Knows neither HTTP nor routes.
"""

import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from string import ascii_letters, digits
from typing import Any, Final
from zlib import crc32

from sqlalchemy import Engine, insert, select, update

from desk.errors import JournalError, SettingError
from journal.database import insert_new, reading, writing
from journal.tables import DEFAULT_TENANT, tenants
from journal.tables import keys as table
from journal.tenants import check_tenant_name

__all__ = ["SCOPES", "Key", "digest_of", "key_id_of", "keys", "make_key", "revoke_key"]

SCOPES: Final = ("predict", "feedback", "admin")
"""What a key may: ask for predictions, give feedback, change what holds. None of them implies another."""

ALPHABET: Final = digits + ascii_letters
SHAPE: Final = re.compile(r"pm_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})", re.ASCII)
LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key. `key_id` may be shown; `digest` is the keyed hash of the whole.

    per_minute: requests; None: as the setting says. expires_at, revoked_at: None where it does not and was not. person:
    who speaks with it, and may speak as nobody else; None where it is nobody's in particular.
    """

    key_id: str
    tenant: str
    name: str
    digest: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    per_minute: int | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    person: str | None = None


def make_key(
    engine: Engine,
    secret: bytes,
    name: str,
    scopes: Collection[str],
    *,
    who: str,
    at: datetime,
    tenant: str = DEFAULT_TENANT,
    expires_at: datetime | None = None,
    per_minute: int | None = None,
    person: str | None = None,
) -> tuple[Key, str]:
    """A new key of the tenant, and its text, which nobody can see again. A tenant that is new is added.

    Raises `SettingError` for a name, a scope, a limit, a person or a tenant's name that is none.
    """
    _check(name, scopes, per_minute)
    _check_person(person)
    check_tenant_name(tenant)
    text = _text()
    key = Key(
        key_id=text[3:15],
        tenant=tenant,
        name=name.strip(),
        digest=digest_of(secret, text),
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_at=at,
        created_by=who,
        per_minute=per_minute,
        expires_at=expires_at,
        person=None if person is None else person.strip(),
    )
    with writing(engine) as connection:
        insert_new(connection, tenants, [{"name": tenant, "created_at": at}])
        connection.execute(insert(table).values({**_row(key), "scopes": list(key.scopes)}))
    return key, text


def keys(engine: Engine, tenant: str | None = None) -> list[Key]:
    """All keys, of one tenant where it is given, the oldest first, with those that expired or were revoked."""
    query = select(table).order_by(table.c.created_at, table.c.key_id)
    if tenant is not None:
        query = query.where(table.c.tenant == tenant)
    with reading(engine) as connection:
        return [_key(row) for row in connection.execute(query)]


def revoke_key(engine: Engine, key_id: str, *, who: str, at: datetime, tenant: str = DEFAULT_TENANT) -> Key | None:
    """End a key of the tenant; one that was revoked already stays as it is. None where the tenant has no such key."""
    mine = (table.c.key_id == key_id) & (table.c.tenant == tenant)
    with writing(engine) as connection:
        change = update(table).where(mine, table.c.revoked_at.is_(None))
        connection.execute(change.values(revoked_at=at, revoked_by=who))
        row = connection.execute(select(table).where(mine)).one_or_none()
    return None if row is None else _key(row)


def digest_of(secret: bytes, text: str) -> str:
    """The keyed hash of a key (HMAC, RFC 2104, with SHA-256)."""
    return hmac.digest(secret, text.encode(), sha256).hex()


def key_id_of(text: str) -> str | None:
    """The id in a key's text; None where the text has not the form of one, or a checksum that is another's."""
    match = SHAPE.fullmatch(text)
    return match[1] if match is not None and _checksum(text[:-6]) == match[3] else None


def _text() -> str:
    unchecked = f"pm_{_random(12)}_{_random(43)}"  # 43 digits of 62: 256 bits
    return unchecked + _checksum(unchecked)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checksum(text: str) -> str:
    number, found = crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, len(ALPHABET))
        found = ALPHABET[digit] + found
    return found


def _check(name: str, scopes: Collection[str], per_minute: int | None) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise SettingError(
            f"A key needs a name that says who holds it, of 1 to {LONGEST_NAME} characters, not {name!r}."
        )
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        given = repr(unknown[0]) if unknown else "none"
        raise SettingError(f"A key's scopes are of {', '.join(SCOPES)}, not {given}; give it one or more.")
    if per_minute is not None and per_minute < 1:
        raise SettingError(f"A key may ask once a minute or more often, not {per_minute!r} times.")


def _check_person(person: str | None) -> None:
    if person is not None and (not person.strip() or len(person) > LONGEST_NAME or not person.isprintable()):
        raise SettingError(
            f"Whom a key is for is a name of 1 to {LONGEST_NAME} characters, as the desk's system names people, "
            f"not {person!r}."
        )


def _row(key: Key) -> dict[str, Any]:
    return {name: getattr(key, name) for name in Key.__dataclass_fields__}


def _key(row: Any) -> Key:
    scopes: Sequence[str] = row.scopes
    if not isinstance(scopes, list):
        raise JournalError(f"The scopes of key {row.key_id!r} cannot be read; revoke it and make another.")
    return Key(**{**{name: getattr(row, name) for name in Key.__dataclass_fields__}, "scopes": tuple(scopes)})
