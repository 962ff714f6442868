"""Calls of the journal that hang: whoever asks is told in time, and nothing else waits behind them."""

import asyncio
import time
from threading import Event

import pytest

from desk.errors import JournalUnavailableError
from serving import replying
from serving.problems import ProblemError
from serving.replying import asked_of_journal


def test_calls_that_hang_are_answered_in_time_and_hold_up_no_other_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replying, "SECONDS_TO_ASK", 0.2)
    back = Event()

    async def ask_many() -> list[object]:
        asked = [asked_of_journal(back.wait, 30) for _ in range(40)]
        both = asyncio.gather(*asked, return_exceptions=True)
        began = time.monotonic()
        await asyncio.to_thread(int)  # as a batch waits for the log
        assert time.monotonic() - began < 0.2
        return list(await both)

    try:
        said = asyncio.run(ask_many())
    finally:
        back.set()
    assert {(one.status, one.kind) for one in said if isinstance(one, ProblemError)} == {(503, "unavailable")}
    assert len(said) == 40


def test_what_was_found_and_what_failed_come_through() -> None:
    def fail() -> None:
        raise JournalUnavailableError("gone")

    def refuse() -> None:
        raise LookupError("none")

    assert asyncio.run(asked_of_journal(max, 3, 5)) == 5
    with pytest.raises(ProblemError) as unavailable:
        asyncio.run(asked_of_journal(fail))
    assert unavailable.value.headers == {"Retry-After": "5"}
    with pytest.raises(LookupError):
        asyncio.run(asked_of_journal(refuse))
