"""How the truth about a ticket comes about: its queue, its priority, and whether it will escalate.

Queue follows the topic, priority and escalation the log odds of what was written and what the form says; what the desk
makes of them has the noise of people, what is right has not. Knows nothing of times; those follow from these.
"""

from collections.abc import Mapping
from math import exp, log10
from random import Random

from simulation.arrivals import is_staffed
from simulation.queues import QueuePlan
from simulation.request import Request

__all__ = [
    "draw_priority",
    "escalation_odds",
    "escalation_probability",
    "misroute",
    "right_priority",
    "right_queue",
]

MISROUTED_SHARE = 0.03
"""Tickets that stayed where they did not belong: wrong labels, as every desk has them."""

PRIORITY_CUTS = (("P1", 3.1), ("P2", 1.45), ("P3", -0.25))
"""Least severity of each level; what is below the last is P4."""

PRIORITY_NOISE = 0.7
TIER_SEVERITY = {"standard": 0.0, "enterprise": 0.25, "vip": 0.6}
IMPACT_SEVERITY = {"none": -0.5, "low": -0.2, "medium": 0.2, "high": 0.7}

ESCALATION_BASE = -4.05
ODDS: Mapping[str, Mapping[str, float]] = {
    "deployment": {"on-premises": 0.65, "hybrid": 0.4, "cloud": -0.25},
    "release_ring": {"legacy": 0.55, "early": 0.3, "stable": -0.15},
    "environment": {"production": 0.15, "test": -0.6, "training": -0.7},
    "asset_type": {"server": 0.45, "shared": 0.15, "virtual": 0.0, "personal": -0.25},
    "contact_role": {"end user": 0.2, "key user": -0.75, "administrator": 0.4},
    "account_health": {"red": 0.85, "amber": 0.35, "green": -0.1},
}
TIER_ODDS = {"standard": -0.25, "enterprise": 0.45, "vip": 1.05}
CHANNEL_ODDS = {"email": 0.2, "portal": 0.1, "chat": -0.5, "phone": -0.4}
REGION_ODDS = {"DE": -0.2, "GB": -0.1, "FR": 0.0, "ES": 0.05, "US": 0.25, "IN": 0.45, "SG": 0.55}
PRODUCT_ODDS = {"Relay": 0.2, "Quay": 0.15, "Lumen": 0.0, "Tally": -0.1, "Deskmate": -0.15, "Courier": -0.05}
HARD = ("intermittent", "several_systems", "third_party", "data_wrong", "tried_everything")
UPSET = ("repeat_contact", "angry", "management")


def right_queue(rng: Random, plan: QueuePlan, request: Request) -> str:
    """Where the ticket belongs: to its topic's queue, or its rival's where the two overlap."""
    topic = request.topic
    return plan.rival_queue(topic) if rng.random() < topic.rivalry else plan.queue_of[topic.name]


def misroute(rng: Random, plan: QueuePlan, request: Request, right: str) -> str:
    """The queue that resolves a ticket which belongs to `right`: now and then another, by a person's mistake."""
    if rng.random() >= MISROUTED_SHARE:
        return right
    return plan.rival_queue(request.topic) if rng.random() < 0.5 else rng.choice(plan.names)


def draw_priority(rng: Random, request: Request, attributes: Mapping[str, str]) -> str:
    """P1 to P4 from the topic's severity, the urgency of the words, the people affected and the tier."""
    return _level(_severity(request, attributes) + rng.gauss(0.0, PRIORITY_NOISE))


def right_priority(request: Request, attributes: Mapping[str, str]) -> str:
    """The priority that the same request deserves, whoever's judgement it is."""
    return _level(_severity(request, attributes))


def _severity(request: Request, attributes: Mapping[str, str]) -> float:
    severity = request.topic.severity + sum(cue.severity for cue in request.cues)
    severity += TIER_SEVERITY[request.account.tier] + IMPACT_SEVERITY[attributes["business_impact"]]
    return severity + 0.5 * log10(int(attributes["affected_users"]))


def _level(severity: float) -> str:
    return next((level for level, least in PRIORITY_CUTS if severity >= least), "P4")


def escalation_odds(request: Request, attributes: Mapping[str, str]) -> tuple[float, float, float]:
    """Log odds that the text, the form and the two together add."""
    return _text_odds(request), _form_odds(request, attributes), _joint_odds(request, attributes)


def escalation_probability(request: Request, attributes: Mapping[str, str]) -> float:
    """How likely the ticket is to escalate, between 0 and 1."""
    odds = ESCALATION_BASE + sum(escalation_odds(request, attributes))
    return 1.0 / (1.0 + exp(-odds))


def _text_odds(request: Request) -> float:
    return request.topic.risk + sum(cue.escalation for cue in request.cues)


def _form_odds(request: Request, attributes: Mapping[str, str]) -> float:
    odds = sum(table[attributes[name]] for name, table in ODDS.items())
    odds += TIER_ODDS[request.account.tier] + CHANNEL_ODDS[request.channel] + REGION_ODDS[request.account.region]
    odds += PRODUCT_ODDS.get(request.product, 0.0) + request.account.temper
    odds += 0.12 * min(6, int(attributes["account_open_tickets"]))
    odds += 0.6 * (int(attributes["account_months"]) < 4)
    odds += 0.8 * (attributes["deployment"] == "on-premises" and attributes["release_ring"] == "legacy")
    return odds + (0.0 if is_staffed(request.at) else 0.6 if request.account.tier == "standard" else 1.2)


def _joint_odds(request: Request, attributes: Mapping[str, str]) -> float:
    """A hard problem is harder on premises, an upset customer weighs more the more they pay."""
    names = {cue.name for cue in request.cues}
    hard, upset = not names.isdisjoint(HARD), not names.isdisjoint(UPSET)
    odds = 0.45 * (hard and attributes["deployment"] == "on-premises") + 0.3 * (hard and not is_staffed(request.at))
    return odds + 0.45 * (upset and request.account.tier != "standard") - 0.3 * (upset and request.role == "key user")
