"""Keys and sessions before two real processes: seen by both, gone from both within five seconds of a word."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from journal.database import connect
from journal.environment import Environment
from journal.keys import make_key
from journal.secret import installation_secret
from serving.launch import address_of, running_service

MakeHome = Callable[[str | None], Environment]
TICKET = {"ticket": {"id": 1, "subject": "vpn is down"}}
SECONDS_UNTIL_LIVE = 5.0
AT_ONCE = 12
"""Connections one after the other: that one of two processes takes none of them has a chance of one in 2,000."""


@pytest.fixture(scope="module")
def environment(make_home: MakeHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    made = replace(make_home("1"), workers=2, are_keys_required=True)
    output = tmp_path_factory.mktemp("output") / "service.log"
    with output.open("wb") as file, running_service(made, file):
        give_up = time.monotonic() + 30
        while output.read_text().count("version_answers") < 2:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield made


def made_key(environment: Environment, *scopes: str, person: str | None = None) -> tuple[str, dict[str, str]]:
    """A key's id, and the header that shows it."""
    engine, at = connect(environment.database_url), datetime.now(UTC)
    key, text = make_key(engine, installation_secret(environment), "a test", scopes, who="a test", at=at, person=person)
    engine.dispose()
    return key.key_id, {"Authorization": f"Bearer {text}"}


def statuses(environment: Environment, header: dict[str, str]) -> set[int]:
    """What either process says to the key: each request has a connection of its own."""
    return {
        httpx.post(f"{address_of(environment)}/v1/triage", json=TICKET, headers=header, timeout=20).status_code
        for _ in range(AT_ONCE)
    }


def seconds_until(environment: Environment, header: dict[str, str], status: int) -> float:
    """From now until the first of many requests in a row that all have this status."""
    began = time.monotonic()
    while True:
        asked = time.monotonic() - began
        if statuses(environment, header) == {status}:
            return asked
        assert asked < 30


def test_a_key_opens_both_processes_and_a_revoked_one_neither_within_five_seconds(environment: Environment) -> None:
    _, admin = made_key(environment, "admin")
    key_id, mine = made_key(environment, "predict")
    _, another = made_key(environment, "predict")
    assert seconds_until(environment, mine, 200) < SECONDS_UNTIL_LIVE
    seconds_until(environment, another, 200)
    gone = httpx.delete(f"{address_of(environment)}/v1/keys/{key_id}", headers=admin, timeout=20)
    assert gone.status_code in (200, 204)
    assert seconds_until(environment, mine, 401) < SECONDS_UNTIL_LIVE
    assert statuses(environment, another) == {200}


OURS = {"Sec-Fetch-Site": "same-origin"}


def signed_in(environment: Environment, header: dict[str, str]) -> dict[str, str]:
    """The cookie, once both processes know the key."""
    key = header["Authorization"].removeprefix("Bearer ")
    seconds_until(environment, header, 403)  # it may not ask, but is known
    address = f"{address_of(environment)}/console/sign-in"
    page = httpx.post(address, data={"key": key}, headers=OURS, timeout=20)
    assert page.headers["location"] == "/console"
    return {"Cookie": page.headers["set-cookie"].split(";")[0]}


def pages(environment: Environment, cookie: dict[str, str]) -> set[int]:
    """What either process says to the cookie: 200, or 303 to where one signs in."""
    address = f"{address_of(environment)}/console/history"
    return {httpx.get(address, headers=cookie, timeout=20).status_code for _ in range(AT_ONCE)}


def test_who_signs_out_at_one_process_is_out_at_both_and_so_is_every_copy(environment: Environment) -> None:
    _, key = made_key(environment, "feedback", person="ann")
    cookie, another = signed_in(environment, key), signed_in(environment, key)
    assert pages(environment, cookie) == {200}
    history = httpx.get(f"{address_of(environment)}/console/history", headers=cookie, timeout=20)
    token = re.findall(r'name="token" value="([^"]+)"', history.text)[0]
    out = httpx.post(
        f"{address_of(environment)}/console/sign-out", data={"token": token}, headers={**OURS, **cookie}, timeout=20
    )
    assert out.headers["location"] == "/console/sign-in"
    assert pages(environment, cookie) == {303}
    assert pages(environment, another) == {200}


def test_a_revoked_key_ends_its_sessions_at_both_processes_within_five_seconds(environment: Environment) -> None:
    _, admin = made_key(environment, "admin")
    key_id, key = made_key(environment, "feedback", person="bob")
    cookie = signed_in(environment, key)
    assert pages(environment, cookie) == {200}
    httpx.delete(f"{address_of(environment)}/v1/keys/{key_id}", headers=admin, timeout=20).raise_for_status()
    began = time.monotonic()
    while pages(environment, cookie) != {303}:
        assert time.monotonic() - began < SECONDS_UNTIL_LIVE
