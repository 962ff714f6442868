"""Keeps a lease while work goes on, and says when it is lost. Knows not what the work is."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Final

from sqlalchemy import Engine

from desk.errors import JournalError, LeaseLostError
from journal.leases import Lease, give_back_lease, renew_lease, take_lease

__all__ = ["LASTING", "holding", "this_process"]

LASTING: Final = timedelta(minutes=5)
"""How long a lease is held without a sign of life: who dies with it is missed for so long."""


def this_process() -> str:
    """A name for this process that says where it is."""
    return f"process {os.getpid()} on {socket.gethostname()}"


@contextmanager
def holding(
    engine: Engine,
    name: str,
    tenant: str,
    *,
    lasting: timedelta = LASTING,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Lease]:
    """Hold the lease for the block, renewed by a thread as long as this process lives.

    Raises `LeaseHeldError` where somebody else has it. A journal that is away for a while costs nothing as long as it
    is back before the lease runs out; one that is lost shows in the next thing that is written under it.
    """
    lease = take_lease(engine, name, holder=this_process(), at=clock(), lasting=lasting, tenant=tenant)
    over = Event()

    def keep() -> None:
        while not over.wait(lasting.total_seconds() / 5):
            try:
                renew_lease(engine, lease, at=clock(), lasting=lasting)
            except LeaseLostError:
                return
            except JournalError:
                continue

    keeper = Thread(target=keep, name=f"lease-{name}", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        over.set()
        keeper.join(timeout=10)
        give_back_lease(engine, lease, at=clock())
