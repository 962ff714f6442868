"""What people say afterwards."""

from dataclasses import fields

from desk.feedback import OUTCOME_FIELDS
from desk.outcome import Outcome


def test_an_outcome_may_say_whatever_the_history_table_has_but_for_events() -> None:
    assert {*OUTCOME_FIELDS, "events"} == {one.name for one in fields(Outcome)}
