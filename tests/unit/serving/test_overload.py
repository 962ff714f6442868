"""Who is let in, who waits, and who is turned away how."""

import asyncio
from typing import Any

import pytest

from serving import overload
from serving.overload import Backlog, Gate, Refusal, Seat
from serving.problems import ProblemError

Message = dict[str, Any]


def scope(path: str = "/v1/triage", **headers: str) -> dict[str, Any]:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "path": path, "method": "POST", "headers": named}


async def app(*_: object) -> None:
    """Answers nothing."""


async def receive() -> Message:
    raise AssertionError("nobody reads the body of what is refused")


async def said_by(refusal: Any, asked: dict[str, Any]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await refusal(asked, receive, send)
    return sent


def seats(gate: Gate, count: int, path: str = "/v1/triage", **headers: str) -> list[Any]:
    return [gate.let_in(scope(path, **headers), app) for _ in range(count)]


def test_as_many_as_there_are_seats_are_let_in_and_the_next_is_turned_away_with_a_problem() -> None:
    gate = Gate(tickets=3, before_a_refusal=0)
    assert all(isinstance(one, Seat) for one in seats(gate, 3))
    (refusal,) = seats(gate, 1)
    start, body = asyncio.run(said_by(refusal, scope(x_request_id="mine")))
    headers = dict(start["headers"])
    assert (start["status"], headers[b"retry-after"], headers[b"x-request-id"]) == (503, b"1", b"mine")
    assert headers[b"content-type"] == b"application/problem+json"
    assert b"urn:pointsman:problem:overloaded" in body["body"]
    assert b"connection" not in headers
    assert gate.refused == {"overload": 1}


def test_whoever_leaves_makes_room() -> None:
    gate = Gate(tickets=1)

    async def leave() -> None:
        (seat,) = seats(gate, 1)
        await seat(scope(), receive, None)
        assert isinstance(seats(gate, 1)[0], Seat)

    asyncio.run(leave())


@pytest.mark.parametrize("path", ["/livez", "/healthz", "/readyz", "/metrics"])
def test_probes_and_metrics_are_never_turned_away(path: str) -> None:
    gate = Gate(tickets=0, others=0)
    assert seats(gate, 1, path) == [app]


def test_who_waits_for_the_database_takes_no_seat_of_a_ticket() -> None:
    gate = Gate(tickets=1, others=2)
    others = seats(gate, 3, "/v1/predictions/x")
    assert [type(one) for one in others] == [Seat, Seat, Refusal]
    assert isinstance(seats(gate, 1)[0], Seat)


def test_who_waits_for_the_rest_of_a_body_holds_nobody_up() -> None:
    gate = Gate(tickets=1)
    (slow,) = seats(gate, 1)
    slow.wait()
    slow.wait()
    (quick,) = seats(gate, 1)
    assert isinstance(quick, Seat)
    slow.work()
    assert (gate.working[True], gate.waiting) == (2, 0)
    assert isinstance(seats(gate, 1)[0], Refusal)


def test_large_bodies_are_bounded_by_their_sum_and_small_ones_are_not() -> None:
    gate = Gate(most_bytes=20_000_000)
    large = seats(gate, 3, "/v1/triage/batch", content_length="9000000")
    assert [type(one) for one in large] == [Seat, Seat, Refusal]
    assert isinstance(seats(gate, 1, content_length="60000")[0], Seat)
    assert isinstance(seats(gate, 1, transfer_encoding="chunked")[0], Seat)
    assert isinstance(seats(gate, 2, transfer_encoding="chunked")[1], Refusal)
    assert gate.refused == {"bytes": 2}
    assert isinstance(seats(Gate(most_bytes=1), 1, content_length="16000000")[0], Seat)


def test_who_would_send_megabytes_in_vain_is_told_to_close() -> None:
    gate = Gate(tickets=0, before_a_refusal=0)
    (refusal,) = seats(gate, 1, content_length="1000001")
    start, _ = asyncio.run(said_by(refusal, scope()))
    assert (b"connection", b"close") in start["headers"]


def test_they_take_turns_the_first_first_one_in_a_round_of_the_loop() -> None:
    gate, order, rounds = Gate(), [], []

    async def work(number: int) -> None:
        await gate.turns.take()
        order.append(number)
        rounds.append(len(ticks))

    ticks: list[None] = []

    async def tick() -> None:
        while len(order) < 20:
            ticks.append(None)
            await asyncio.sleep(0)

    async def all_at_once() -> None:
        await asyncio.gather(tick(), *(work(number) for number in range(20)))
        assert gate.turns.longest == 0

    asyncio.run(all_at_once())
    assert order == list(range(20))
    assert max(rounds.count(one) for one in rounds) <= 2


def test_new_connections_are_taken_up_first_but_not_for_ever() -> None:
    async def meanwhile() -> list[int]:
        turns = Gate().turns
        passed: list[int] = []
        waiting = [asyncio.create_task(turns.take()) for _ in range(3)]
        for number in range(100):
            turns.greet()
            await asyncio.sleep(0)
            passed += [number for one in waiting if one.done()]
            waiting = [one for one in waiting if not one.done()]
        return passed

    first, second, third = asyncio.run(meanwhile())
    assert first <= 1
    assert 16 <= second - first <= 20
    assert 16 <= third - second <= 20


def test_one_who_gave_up_while_waiting_takes_no_turn() -> None:
    async def give_up() -> None:
        gate = Gate()
        await gate.turns.take()
        waiting = [asyncio.create_task(gate.turns.take()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.wait_for(asyncio.gather(*waiting[1:]), 1)

    asyncio.run(give_up())


def test_while_one_has_waited_too_long_nobody_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overload, "LONGEST_TURN", 0.0)
    assert isinstance(seats(Gate(), 1)[0], Refusal)


def test_a_batch_that_would_wait_too_long_is_refused_with_when_to_come_again() -> None:
    backlog = Backlog(longest_wait=1.0)
    with backlog.room_for(900):
        with backlog.room_for(50):
            pass
        with pytest.raises(ProblemError) as caught, backlog.room_for(600):
            pass
        assert (caught.value.status, caught.value.kind) == (503, "overloaded")
        assert caught.value.headers["Retry-After"] == "1"
        backlog.check(1)
    assert (backlog.tickets, backlog.refused) == (0, 1)


def test_a_batch_with_nobody_before_it_is_taken_however_long_it_takes() -> None:
    backlog = Backlog(longest_wait=0.0, longest_in_all=0.0)
    with backlog.room_for(1_000) as room:
        room.check()


def test_where_it_takes_longer_than_it_seemed_those_who_came_last_are_given_up() -> None:
    backlog = Backlog()
    with backlog.room_for(1_000) as first, backlog.room_for(1_000) as second, backlog.room_for(1_000) as third:
        backlog.seconds = 0.006
        first.check()
        second.check()
        with pytest.raises(ProblemError):
            third.check()
    assert backlog.refused == 1


def test_what_a_ticket_takes_is_learned_from_those_that_were_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 2_000, 16))
    monkeypatch.setattr(overload, "perf_counter", lambda: float(next(clock)))
    backlog = Backlog()
    with backlog.room_for(490) as room:
        for _ in range(30):
            assert room.timed(16, lambda: "done") == "done"
        assert backlog.tickets == 10
    assert backlog.seconds == pytest.approx(1, rel=0.05)
