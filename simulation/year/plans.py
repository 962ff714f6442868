"""How a plan of queues becomes another: topics come, move to another queue, are asked about more; a queue is renamed.

Knows neither when nor why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from simulation.content import Department, Topic
from simulation.queues import QueuePlan

__all__ = ["with_department", "with_name", "with_topics_in", "with_weights"]


def with_department(plan: QueuePlan, department: Department, queue: str, share: float) -> QueuePlan:
    """With one more department: its topics are `share` (0 to 1) of all tickets and go to `queue`, perhaps a new one."""
    total = sum(topic.weight for topic in department.topics)
    whole = plan.running_weights[-1] * share / (1 - share)
    weights = [*_weights(plan), *(whole * topic.weight / total for topic in department.topics)]
    return replace(
        plan,
        names=tuple(dict.fromkeys((*plan.names, queue))),
        topics={**plan.topics, **{topic.name: topic for topic in department.topics}},
        ordered=(*plan.ordered, *department.topics),
        running_weights=tuple(accumulate(weights)),
        queue_of={**plan.queue_of, **{topic.name: queue for topic in department.topics}},
        department_of={**plan.department_of, department.name: department},
    )


def with_topics_in(plan: QueuePlan, topics: Sequence[str], queue: str) -> QueuePlan:
    """With another queue, perhaps a new one, for these topics. Raises `KeyError` for a topic that there is not."""
    for topic in topics:
        plan.topics[topic]
    names = tuple(dict.fromkeys((*plan.names, queue)))
    return replace(plan, names=names, queue_of={**plan.queue_of, **dict.fromkeys(topics, queue)})


def with_weights(plan: QueuePlan, factors: Mapping[str, float]) -> QueuePlan:
    """With so many times as many tickets about these topics."""
    pairs: list[tuple[Topic, float]] = list(zip(plan.ordered, _weights(plan), strict=True))
    return replace(
        plan, running_weights=tuple(accumulate(weight * factors.get(topic.name, 1.0) for topic, weight in pairs))
    )


def with_name(plan: QueuePlan, old: str, new: str) -> QueuePlan:
    """With another name for a queue; who works in it stays."""
    return replace(
        plan,
        names=tuple(new if name == old else name for name in plan.names),
        queue_of={topic: new if queue == old else queue for topic, queue in plan.queue_of.items()},
    )


def _weights(plan: QueuePlan) -> list[float]:
    running = plan.running_weights
    return [after - before for before, after in zip((0.0, *running), running, strict=False)]
