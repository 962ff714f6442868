"""Tickets that come in after the sample desk's history ends, for showing what a version makes of them.

The first three are what a visitor asks to see: an important customer's outage, a charge taken twice, and a ticket
that says next to nothing. The others are drawn like those of the history. Knows no outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from desk.ticket import Ticket
from simulation.attributes import Standing
from simulation.chance import stream
from simulation.customers import Account
from simulation.memory import USUAL_DAYS
from simulation.request import Style, draw_request
from simulation.sample import FIRST_ID, Cast, SampleDesk, cast_of, open_ticket

__all__ = ["new_tickets"]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is fixed of a ticket; the rest is drawn."""

    tier: str
    topic: str | None = None
    cues: Sequence[str] | None = None
    style: Style | None = None


SCENES = (
    Scene("vip", "Platform outages", ("blocked", "many_people", "repeat_contact"), "full"),
    Scene("standard", "Duplicate charges", ("exact_steps", "no_rush"), "full"),
    Scene("enterprise", None, (), "vague"),
)


def new_tickets(desk: SampleDesk, n: int) -> list[Ticket]:
    """`n` tickets of the desk's customers that are in no history of it, in the hours after its last day."""
    cast = cast_of(desk)
    return [_new_ticket(desk, cast, index) for index in range(n)]


def _new_ticket(desk: SampleDesk, cast: Cast, index: int) -> Ticket:
    rng = stream(desk.seed, "newcomer", index)
    at = desk.start + timedelta(days=desk.days, hours=8, minutes=17 * index + rng.randint(0, 9))
    scene = SCENES[index] if index < len(SCENES) else None
    account = _account_of_tier(rng, cast, scene.tier) if scene else cast.accounts.pick(rng, at)
    topic = scene.topic if scene and scene.topic in cast.plan.topics else None
    request = draw_request(
        rng,
        cast.content,
        cast.plan,
        account,
        at,
        topic=topic,
        cues=scene.cues if scene else None,
        style=scene.style if scene else None,
    )
    usual = Standing(round(desk.tickets / desk.days * USUAL_DAYS), open_account=0, recent_escalations=0)
    ticket, _ = open_ticket(rng, cast, request, str(FIRST_ID + desk.tickets + index), usual)
    return ticket


def _account_of_tier(rng: Random, cast: Cast, tier: str) -> Account:
    """A customer of this tier who writes English; any where the desk has none."""
    fitting = [one for one in cast.accounts.all if one.tier == tier and not one.own_language_share]
    return rng.choice(fitting or list(cast.accounts.all))
