"""What changes in a sample year, and when: a launch, a new queue, a renamed one, hostile accounts.

The launch is what is meant by drift: topics that nobody wrote about before, other shares, and a topic that another
queue takes from now on. Knows what changes, not what anybody makes of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from simulation.content import read_content, read_department
from simulation.queues import QueuePlan, plan_queues
from simulation.year.plans import with_department, with_name, with_topics_in, with_weights
from simulation.year.settings import SampleYear

__all__ = [
    "HOSTILE_TARGET",
    "NEW_QUEUE",
    "NEW_QUEUE_IS_FOR",
    "RENAMED",
    "Change",
    "changes_of",
    "names_in",
    "plan_in",
]

Kind = Literal["drift", "new_queue", "rename", "hostile"]

LAUNCH_SHARE: Final = 0.10
LAUNCH_QUEUE: Final = "Integrations"
MOVED: Final = "Two-factor codes"
MOVED_TO: Final = "Security"
BUSIER: Final[Mapping[str, float]] = {
    "API errors": 1.5,
    "Webhooks": 1.5,
    "Sign-in problems": 1.3,
    "Stock questions": 0.6,
}

NEW_QUEUE: Final = "Sustainability"
NEW_QUEUE_IS_FOR: Final = (
    "packaging register and licences, emissions and carbon figures, take-back and recycling of old devices, digital "
    "product passports, audits and questionnaires"
)
NEW_QUEUE_SHARE: Final = 0.06
CARVED: Final = ("Audits and questionnaires",)
"""Topics that the new queue takes over; its others are new to the desk."""

RENAMED: Final = ("Applications", "Software")
HOSTILE_TARGET: Final = "Orders"
"""The queue to which hostile accounts would have everything routed."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that begins in a week; `until` is the last one of what passes again. words: for people, short."""

    week: int
    kind: Kind
    words: str
    until: int | None = None


def changes_of(year: SampleYear) -> tuple[Change, ...]:
    """The changes that come within the year, the first first."""
    first, last = year.hostile
    planned = (
        Change(year.launch, "drift", "launch: new topics, one moves"),
        Change(year.new_queue, "new_queue", f"new queue {NEW_QUEUE}"),
        Change(year.rename, "rename", f"{RENAMED[0]} is called {RENAMED[1]}"),
        Change(first, "hostile", "hostile feedback", until=last),
    )
    return tuple(change for change in planned if change.week <= year.weeks)


def plan_in(year: SampleYear, week: int) -> QueuePlan:
    """Which queue takes what in the week of this number; before the year as in the history."""
    return _plan(week >= year.launch, week >= year.new_queue, week >= year.rename)


def names_in(year: SampleYear, week: int) -> dict[str, str]:
    """Names that queues had before -> what they are called in this week."""
    return {RENAMED[0]: RENAMED[1]} if week >= year.rename else {}


@cache
def _plan(is_launched: bool, has_new_queue: bool, is_renamed: bool) -> QueuePlan:
    content = read_content()
    plan = plan_queues(content, len(content.departments))
    if is_launched:
        plan = with_department(with_weights(plan, BUSIER), read_department("launch"), LAUNCH_QUEUE, LAUNCH_SHARE)
        plan = with_topics_in(plan, (MOVED,), MOVED_TO)
    if has_new_queue:
        plan = with_department(plan, read_department("sustainability"), NEW_QUEUE, NEW_QUEUE_SHARE)
        plan = with_topics_in(plan, CARVED, NEW_QUEUE)
    return with_name(plan, *RENAMED) if is_renamed else plan
