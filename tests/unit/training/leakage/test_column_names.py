import pytest

from training.leakage.names import hint_of


@pytest.mark.parametrize(
    "name",
    [
        "closed_by",
        "close_code",
        "Close notes",
        "closedWeekday",
        "RESOLVED_AT",
        "resolution",
        "u_resolver",
        "solved by",
        "handled_by",
        "handling_time",
        "root_cause",
        "time_to_resolution",
        "work_notes",
        "reopen_flag",
        "csat_score",
        "fixed_on",
        "fixVersion",
        "first_resolution",
        "hours_open",
        "first_response_minutes",
        "made_sla",
        "geschlossen_am",
        "Lösung",
        "cerrado_por",
        "completed_at",
        "updated_on",
    ],
)
def test_a_name_that_speaks_of_the_end_says_so(name: str) -> None:
    assert hint_of(name) == "after"


@pytest.mark.parametrize(
    "name", ["assigned_to", "agent", "solution", "duration", "final_queue", "escalation_level", "status"]
)
def test_a_name_of_something_filled_in_on_the_way_is_later(name: str) -> None:
    assert hint_of(name) == "later"


@pytest.mark.parametrize(
    "name", ["due_date", "sla_target", "resolution_due", "expected_resolution", "planned_end_date"]
)
def test_a_plan_is_no_end(name: str) -> None:
    assert hint_of(name) == "planned"


@pytest.mark.parametrize(
    "name",
    [
        "impact",
        "impact_first",
        "urgency_first",
        "category",
        "subcategory",
        "initial_queue",
        "opened_by",
        "opened_by_agent",
        "initial_assignee",
        "reported_priority",
        "issue_type",
        "component",
        "u_symptom",
        "request",
        "original_status",
    ],
)
def test_what_is_said_at_the_opening_is_known_by_its_name(name: str) -> None:
    assert hint_of(name) == "opening"


@pytest.mark.parametrize(
    "name",
    [
        "reason",
        "ward",
        "neighborhood",
        "caller_id",
        "location",
        "cmdb_ci",
        "screen_resolution",
        "closed_beta_user",
        "channel",
        "disclosure",
        "enclosure_id",
        "fixture",
        "solvent",
        "weekend",
        "x1",
        "42",
        "",
        "客户",
    ],
)
def test_a_name_without_such_words_says_nothing(name: str) -> None:
    assert hint_of(name) == "nothing"
