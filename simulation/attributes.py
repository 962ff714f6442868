"""What the desk's form and customer register know of a ticket when it is opened, beside its text.

Everything here comes from the request, the customer and the desk's past; nothing from what becomes of the ticket.
"""

from dataclasses import dataclass
from random import Random

from simulation.chance import pick_weighted
from simulation.content import Content
from simulation.details import Details
from simulation.queues import QueuePlan
from simulation.request import Request

__all__ = ["Standing", "attributes_of", "people_affected"]

CATEGORY_RIGHT, CATEGORY_RIVAL, CATEGORY_OTHER = 0.5, 0.16, 0.22
"""How often the requester picks the department's category, the rival's, or "Other"; else any."""

ERROR_CODE_SHARE = 0.27
ENVIRONMENTS = (("production", 0.76), ("test", 0.13), ("training", 0.11))
ASSET_TYPES = (("personal", 0.4), ("shared", 0.25), ("server", 0.13), ("virtual", 0.22))
IMPACT_WORDS = ("none", "low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the desk remembers when a ticket comes in.

    open_desk and open_account: tickets not resolved yet, of all customers and of this one.
    recent_escalations: this customer's within the last 120 days.
    """

    open_desk: int
    open_account: int
    recent_escalations: int


def people_affected(rng: Random, request: Request) -> int:
    """How many people the requester says are affected, at least one."""
    names = {cue.name for cue in request.cues}
    centre = 0.7 + 0.55 * request.topic.severity + 2.2 * ("many_people" in names) - 1.0 * ("only_me" in names)
    return max(1, round(rng.lognormvariate(centre, 1.3)))


def attributes_of(
    rng: Random, content: Content, plan: QueuePlan, request: Request, details: Details, standing: Standing
) -> dict[str, str]:
    """Names and values as text. `error_code` is absent where the form was left empty."""
    people = people_affected(rng, request)
    attributes = {
        "category": _category(rng, content, plan, request),
        "business_impact": _business_impact(rng, request, people),
        "affected_users": str(people),
        "environment": pick_weighted(rng, ENVIRONMENTS),
        "asset_type": pick_weighted(rng, ASSET_TYPES),
        "deployment": request.account.deployment,
        "release_ring": request.account.ring,
        "contact_role": request.role,
        "account_health": _health(rng, request, standing),
        "account_months": str(request.account.months),
        "account_open_tickets": str(standing.open_account),
        "desk_open_tickets": str(standing.open_desk),
    }
    if rng.random() < ERROR_CODE_SHARE:
        attributes["error_code"] = details["code"]
    return attributes


def _category(rng: Random, content: Content, plan: QueuePlan, request: Request) -> str:
    chance = rng.random()
    if chance < CATEGORY_RIGHT:
        return plan.department_of[request.topic.department].category
    rival = plan.topics.get(request.topic.rival)
    if chance < CATEGORY_RIGHT + CATEGORY_RIVAL and rival:
        return plan.department_of[rival.department].category
    if chance < CATEGORY_RIGHT + CATEGORY_RIVAL + CATEGORY_OTHER:
        return "Other"
    return rng.choice(content.departments).category


def _business_impact(rng: Random, request: Request, people: int) -> str:
    """What the requester claims: more with urgency and people affected, much of it mood."""
    urgency = sum(cue.severity for cue in request.cues) + request.topic.severity
    claim = 1.2 + 0.45 * urgency + 0.12 * min(people, 12) + rng.gauss(0.0, 0.9) + 0.6 * request.account.cries_wolf
    return IMPACT_WORDS[min(3, max(0, round(claim)))]


def _health(rng: Random, request: Request, standing: Standing) -> str:
    """The account manager's traffic light: recent escalations, the customer's temper, and a guess."""
    worry = 0.9 * standing.recent_escalations**0.5 + 1.2 * request.account.temper + rng.gauss(0.0, 0.8)
    return "red" if worry > 1.9 else "amber" if worry > 0.9 else "green"
