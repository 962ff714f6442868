"""Which queue takes which topic, for a desk of two to as many queues as there are topics.

A small desk has a queue a department; a larger one splits departments into queues of a few topics each.
Knows nothing of single tickets.
"""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

from simulation.content import Content, Department, Topic

__all__ = ["QueuePlan", "plan_queues"]


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """The queues of a desk, the topics that reach it with their running weights, and where each belongs."""

    names: tuple[str, ...]
    topics: Mapping[str, Topic]
    ordered: tuple[Topic, ...]
    running_weights: tuple[float, ...]
    queue_of: Mapping[str, str]
    department_of: Mapping[str, Department]

    def pick_topic(self, rng: Random) -> Topic:
        """What somebody writes about next."""
        place = bisect(self.running_weights, rng.random() * self.running_weights[-1])
        return self.ordered[place]

    def rival_queue(self, topic: Topic) -> str:
        """The queue that takes the topic's rival; its own where this desk has none for the rival."""
        return self.queue_of.get(topic.rival, self.queue_of[topic.name])


def plan_queues(content: Content, queues: int) -> QueuePlan:
    """Spread the topics over `queues` queues; between 2 and the number of topics (the desk's settings check it)."""
    departments = content.departments[: min(queues, len(content.departments))]
    queue_of: dict[str, str] = {}
    weights: list[float] = []
    for department, parts in zip(departments, _parts(departments, queues), strict=True):
        for group in _groups(department.topics, parts):
            name = department.name if parts == 1 else f"{department.name}: {group[0].name}"
            queue_of |= {topic.name: name for topic in group}
        total = sum(topic.weight for topic in department.topics)
        weights += [department.weight * topic.weight / total for topic in department.topics]
    ordered = tuple(topic for department in departments for topic in department.topics)
    return QueuePlan(
        names=tuple(dict.fromkeys(queue_of.values())),
        topics={topic.name: topic for topic in ordered},
        ordered=ordered,
        running_weights=tuple(accumulate(weights)),
        queue_of=queue_of,
        department_of={department.name: department for department in departments},
    )


def _parts(departments: Sequence[Department], queues: int) -> list[int]:
    """Queues of each department: the one with most topics a queue is split next."""
    parts = [1] * len(departments)
    while sum(parts) < queues:
        fullest = max(range(len(parts)), key=lambda i: len(departments[i].topics) / parts[i])
        parts[fullest] += 1
    return parts


def _groups(topics: Sequence[Topic], parts: int) -> list[Sequence[Topic]]:
    """`parts` runs of neighbouring topics, of lengths that differ by one at most."""
    edges = [len(topics) * part // parts for part in range(parts + 1)]
    return [topics[start:stop] for start, stop in pairwise(edges)]
