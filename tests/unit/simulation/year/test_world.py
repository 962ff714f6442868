from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, pairwise

import pytest

from desk.errors import SettingError
from simulation.content import read_content, read_department
from simulation.year.changes import CARVED, LAUNCH_QUEUE, MOVED, MOVED_TO, NEW_QUEUE, RENAMED, changes_of, plan_in
from simulation.year.settings import SampleYear
from simulation.year.world import Week, history_of, weeks_of

Weeks = dict[int, Week]


def test_the_same_year_is_the_same_and_another_seed_another(short_year: SampleYear, weeks: Weeks) -> None:
    again = {week.number: week for week in islice(weeks_of(short_year), 5)}
    assert all(again[number] == weeks[number] for number in again)
    other = next(weeks_of(replace(short_year, seed=8)))
    bodies = {one.row.ticket.body for one in other.tickets if len(one.row.ticket.body) > 80}
    assert not bodies & {one.row.ticket.body for one in weeks[-1].tickets}


def test_the_length_of_a_year_changes_none_of_its_weeks(short_year: SampleYear, weeks: Weeks) -> None:
    longer = replace(short_year, weeks=99)
    assert next(weeks_of(longer)) == weeks[-1]


def test_weeks_follow_each_other_and_hold_their_tickets(short_year: SampleYear, weeks: Weeks) -> None:
    for before, after in pairwise(weeks.values()):
        assert before.ends == after.begins
    for week in weeks.values():
        times = [one.row.ticket.created_at for one in week.tickets]
        assert len(times) == short_year.tickets_a_week
        assert times == sorted(time for time in times if time is not None and week.begins <= time < week.ends)
    ids = [one.row.ticket.id for week in weeks.values() for one in week.tickets]
    assert len(set(ids)) == len(ids)


def test_a_history_is_what_was_resolved_before_the_year(short_year: SampleYear) -> None:
    drawn = weeks_of(short_year)
    rows = history_of(short_year, drawn)
    assert 0.7 * 600 < len(rows) < 600
    assert all(row.outcome.resolved_at and row.outcome.resolved_at <= short_year.begins for row in rows)
    assert next(drawn).number == 1


def test_the_truth_is_apart_from_what_the_desk_made_of_it(weeks: Weeks) -> None:
    tickets = [one for week in weeks.values() for one in week.tickets]
    misrouted = sum(one.truth.queue != one.row.outcome.queue for one in tickets) / len(tickets)
    misjudged = sum(one.truth.priority != one.row.outcome.priority for one in tickets) / len(tickets)
    assert 0.015 < misrouted < 0.045, "the desk errs in 3 % of its tickets"
    assert 0.15 < misjudged < 0.4, "and its priorities have the noise of people"
    assert all(one.truth.escalated == one.row.outcome.escalated for one in tickets)


def shares(week: Week) -> Counter[str]:
    return Counter(one.truth.queue for one in week.tickets)


def texts(week: Week, word: str) -> int:
    return sum(word in one.row.ticket.subject + one.row.ticket.body for one in week.tickets)


def test_before_its_week_nobody_writes_about_what_comes(weeks: Weeks) -> None:
    for number in (-1, 0, 1):
        assert not texts(weeks[number], "Vela")
        assert not texts(weeks[number], "packaging register")
    assert not texts(weeks[3], "packaging register")


def test_the_launch_brings_topics_shares_and_a_topic_that_moves(short_year: SampleYear, weeks: Weeks) -> None:
    before, after = plan_in(short_year, 1), plan_in(short_year, short_year.launch)
    launched = {topic.name for topic in read_department("launch").topics}
    assert set(after.topics) - set(before.topics) == launched
    assert {after.queue_of[name] for name in launched} == {LAUNCH_QUEUE}
    assert before.queue_of[MOVED] != after.queue_of[MOVED] == MOVED_TO
    drawn = [one for number in (2, 3) for one in weeks[number].tickets]
    share = sum(one.row.ticket.product == "Vela" for one in drawn) / len(drawn)
    assert 0.04 < share < 0.11, "a tenth of the tickets, of which some name another product"
    assert shares(weeks[2])[LAUNCH_QUEUE] > 1.4 * shares(weeks[1])[LAUNCH_QUEUE]


def test_the_new_queue_takes_new_topics_and_one_that_another_had(short_year: SampleYear, weeks: Weeks) -> None:
    before, after = plan_in(short_year, 3), plan_in(short_year, short_year.new_queue)
    assert set(after.names) - set(before.names) == {NEW_QUEUE}
    assert all(before.queue_of[name] != after.queue_of[name] == NEW_QUEUE for name in CARVED)
    assert not shares(weeks[3])[NEW_QUEUE]
    assert 0.03 < shares(weeks[4])[NEW_QUEUE] / 300 < 0.12


def test_the_renamed_queue_is_the_old_one_under_another_name(short_year: SampleYear, weeks: Weeks) -> None:
    old, new = RENAMED
    before, after = plan_in(short_year, 5), plan_in(short_year, short_year.rename)
    assert [new if name == old else name for name in before.names] == list(after.names)
    assert shares(weeks[5])[old] > 20 < shares(weeks[6])[new]
    assert not shares(weeks[5])[new] and not shares(weeks[6])[old]  # noqa: PT018 - one thing from two sides
    assert all(one.row.outcome.queue != old for one in weeks[6].tickets)


def test_changes_are_those_that_come_within_the_year(short_year: SampleYear) -> None:
    assert [one.kind for one in changes_of(short_year)] == ["drift", "new_queue", "rename", "hostile"]
    assert [one.kind for one in changes_of(replace(short_year, weeks=5))] == ["drift", "new_queue"]


def test_changes_come_in_the_weeks_in_which_their_months_begin() -> None:
    year = SampleYear()
    months = {"drift": 4, "new_queue": 6, "rename": 7, "hostile": 9}
    for one in changes_of(year):
        assert year.begin_of(one.week) <= datetime(2024, months[one.kind], 1, tzinfo=UTC) < year.end_of(one.week)
    assert year.begin_of(year.hostile[1]) < datetime(2024, 10, 1, tzinfo=UTC) <= year.end_of(year.hostile[1] + 1)


def test_new_topics_are_written_about_in_every_language() -> None:
    known = {topic.name for topic in read_content().topics}
    for name in ("launch", "sustainability"):
        for topic in read_department(name).topics:
            assert topic.name not in known
            assert topic.rival in known
            assert all(topic.subjects[language] and topic.says[language] for language in ("en", "de", "fr", "es"))


@pytest.mark.parametrize("wrong", [{"weeks": 0}, {"tickets_a_week": 0}, {"launch": 1}, {"rename": 5, "new_queue": 5}])
def test_numbers_that_make_no_year_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingError):
        SampleYear(**wrong)  # type: ignore[arg-type]
