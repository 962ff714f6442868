from random import Random

import pytest

from simulation.content import read_content
from simulation.queues import plan_queues


@pytest.mark.parametrize("queues", [2, 5, 8, 9, 30, 75, 81])
def test_a_desk_has_as_many_queues_as_asked_and_each_takes_something(queues: int) -> None:
    plan = plan_queues(read_content(), queues)
    assert len(plan.names) == len(set(plan.names)) == queues
    assert set(plan.queue_of.values()) == set(plan.names)
    assert set(plan.queue_of) == set(plan.topics)


def test_eight_queues_are_the_departments() -> None:
    content = read_content()
    assert set(plan_queues(content, 8).names) == {one.name for one in content.departments}


def test_a_topic_of_a_larger_desk_stays_within_its_department() -> None:
    plan = plan_queues(read_content(), 40)
    for name, topic in plan.topics.items():
        assert plan.queue_of[name].split(":")[0] == topic.department


def test_a_rival_that_the_desk_lacks_is_no_rival() -> None:
    plan = plan_queues(read_content(), 2)
    assert all(plan.rival_queue(topic) in plan.names for topic in plan.topics.values())


def test_topics_come_up_in_proportion_to_their_departments_weight() -> None:
    content = read_content()
    plan = plan_queues(content, 8)
    rng = Random(5)
    drawn = [plan.pick_topic(rng).department for _ in range(8000)]
    total = sum(one.weight for one in content.departments)
    for department in content.departments:
        # Four standard deviations of a share of 0.2 among 8,000 are 0.018.
        assert abs(drawn.count(department.name) / 8000 - department.weight / total) < 0.018
