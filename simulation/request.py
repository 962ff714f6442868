"""What lies behind one ticket before a word of it is written: who asks, about what, in which mood.

The words, the attributes and the outcome all follow from it. Knows none of the three.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal

from simulation.chance import pick_weighted
from simulation.content import Content, Cue, Topic
from simulation.customers import Account, language_of
from simulation.queues import QueuePlan

__all__ = ["Request", "Style", "draw_request"]

Style = Literal["full", "terse", "vague"]

STYLES: tuple[tuple[Style, float], ...] = (("full", 0.80), ("terse", 0.14), ("vague", 0.06))
MOST_CUES = {"full": 5, "terse": 2, "vague": 1}
CHANNELS = (("email", 0.46), ("portal", 0.32), ("chat", 0.12), ("phone", 0.10))
CONTACT_ROLES = (("end user", 0.58), ("key user", 0.27), ("administrator", 0.15))
CONTRADICTIONS = (
    {"no_rush", "blocked"},
    {"no_rush", "deadline"},
    {"no_rush", "many_people"},
    {"no_rush", "management"},
    {"no_rush", "angry"},
    {"only_me", "many_people"},
    {"workaround", "blocked"},
    {"friendly", "angry"},
    {"friendly", "management"},
    {"simple_question", "blocked"},
    {"simple_question", "angry"},
    {"simple_question", "tried_everything"},
    {"simple_question", "trace"},
    {"exact_steps", "intermittent"},
    {"knows_fix", "third_party"},
)
"""Pairs of cues that nobody writes in one breath."""

OTHER_PRODUCT_SHARE = 0.28
"""Tickets about a product that their department seldom sees."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `writer` is a contact of the account; `cues` are in the order in which they are written."""

    at: datetime
    account: Account
    writer: str
    role: str
    topic: Topic
    cues: tuple[Cue, ...]
    style: Style
    language: str
    channel: str
    product: str


def draw_request(
    rng: Random,
    content: Content,
    plan: QueuePlan,
    account: Account,
    at: datetime,
    *,
    topic: str | None = None,
    cues: Sequence[str] | None = None,
    style: Style | None = None,
) -> Request:
    """One request of this account at this time; `topic`, `cues` and `style` are drawn where they are not given."""
    chosen_style = pick_weighted(rng, STYLES) if style is None else style
    chosen = plan.topics[topic] if topic else plan.pick_topic(rng)
    return Request(
        at=at,
        account=account,
        writer=rng.choice(account.contacts),
        role=pick_weighted(rng, CONTACT_ROLES),
        topic=chosen,
        cues=_cues(rng, content, chosen_style) if cues is None else tuple(content.cues[name] for name in cues),
        style=chosen_style,
        language=language_of(account, rng),
        channel=pick_weighted(rng, CHANNELS),
        product=_product(rng, content, plan, chosen),
    )


def _cues(rng: Random, content: Content, style: Style) -> tuple[Cue, ...]:
    drawn = [cue for cue in content.cues.values() if rng.random() < cue.share]
    rng.shuffle(drawn)
    kept: list[Cue] = []
    for cue in drawn[: MOST_CUES[style]]:
        if not any({cue.name, one.name} in CONTRADICTIONS for one in kept):
            kept.append(cue)
    return tuple(kept)


def _product(rng: Random, content: Content, plan: QueuePlan, topic: Topic) -> str:
    if rng.random() < OTHER_PRODUCT_SHARE:
        return str(rng.choice(content.names["products"]))
    return rng.choice(plan.department_of[topic.department].products)
