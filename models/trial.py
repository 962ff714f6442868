"""Tries a version on tickets: that it answers with probabilities, and in time.

The service answers a ticket where it stands, with all others waiting: a version that takes seconds must be known before
it serves. Knows neither files nor processes.
"""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeVar

from desk.errors import DamagedVersionError
from desk.prediction import Extras, Prediction
from desk.ticket import Message, Ticket
from models.contributions import prepare as prepare_reasons
from models.factors import prepare
from models.scoring import NO_EXTRAS, predict
from models.version import Version

__all__ = ["SECONDS_A_TICKET", "TICKETS", "check_probabilities", "in_time", "prepare_version", "try_tickets"]

SECONDS_A_TICKET: Final = 0.25
"""At most, and some hundred times what any version takes: the slowest encoder needs 15 ms, reasons by LightGBM 35."""

_TRIES: Final = 3
"""A busy machine may hold anything up once; the fastest of so many counts."""
_HOPELESS: Final = 8 * SECONDS_A_TICKET

_Answer = TypeVar("_Answer")

_AT: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TICKETS: Final = (
    Ticket(id="try-1", subject="Charged twice", body="I was charged twice this month, please refund one of them."),
    Ticket(
        id="try-2", subject="", body="VPN down since this morning", channel="email", attributes={"category": "network"}
    ),
    Ticket(id="try-3"),
    Ticket(
        id="try-4", subject="No VPN", messages=(Message(_AT, "agent", "Try again."), Message(_AT, "customer", "No."))
    ),
    Ticket(id="try-5", subject="Long", body="The printer on the second floor jams again, see error E-4711. " * 150),
)
"""On which every version is tried, whatever desk it is of."""


def prepare_version(version: Version) -> None:
    """Make ready what the first ticket would wait for: trees, reasons, word lists."""
    prepare(version.factors)
    prepare_reasons(version)


def try_tickets(version: Version) -> None:
    """Answer a few tickets, plainly and with all that can be asked for; the version has been prepared.

    Raises `DamagedVersionError` where an answer is no probability or takes too long, and whatever the version raises.
    """
    for ticket in TICKETS:
        for extras in (NO_EXTRAS, Extras(similar=3, explain=True)):
            check_probabilities(in_time(partial(predict, version, ticket, extras=extras)))


def check_probabilities(prediction: Prediction) -> None:
    """Raise `DamagedVersionError` where a probability is none."""
    said = [one.probability for choice in prediction.choices.values() for one in choice.top]
    said += [risk.probability for risk in prediction.risks.values()]
    wrong = sum(not 0 <= one <= 1 for one in said)
    if wrong:
        unknown = sum(not math.isfinite(one) for one in said)
        raise DamagedVersionError(f"{wrong} of {len(said)} probabilities are none, {unknown} of them not finite.")


def in_time(answer: Callable[[], _Answer], seconds: float = SECONDS_A_TICKET) -> _Answer:
    """What `answer` says; raises `DamagedVersionError` where it takes longer than it may each time it is asked."""
    fastest = math.inf
    for _ in range(_TRIES):
        began = time.perf_counter()
        said = answer()
        fastest = min(fastest, time.perf_counter() - began)
        if fastest <= seconds:
            return said
        if fastest > _HOPELESS:
            break
    raise DamagedVersionError(f"One ticket takes {fastest:.2g} s; the service waits for {seconds:g} s at most.")
