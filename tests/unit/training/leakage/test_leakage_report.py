import json

import pytest

from desk.errors import LeakageError
from training.leakage import Finding, LeakageReport, enforce

REPORT = LeakageReport(
    (
        Finding("closed_code", "refuse", None, "is named like something filled in at the resolution", {}),
        Finding("x", "refuse", "queue", "alone fixes queue", {"recall": 0.97}),
        Finding("impact", "warn", "priority", "alone tells much of priority", {"entropy_explained": 0.4}),
    ),
    ("closed_code", "x", "impact", "channel"),
)


def test_every_refused_column_is_named_with_its_reason_and_both_ways_out() -> None:
    with pytest.raises(LeakageError) as raised:
        enforce(REPORT)
    message = str(raised.value)
    assert "'closed_code' is named like something filled in at the resolution" in message
    assert "'x' alone fixes queue" in message
    assert '[ignore] columns = ["closed_code", "x"]' in message
    assert "--allow-leakage closed_code --allow-leakage x" in message
    assert "impact" not in message
    assert "\n" not in message


def test_a_column_that_the_user_insists_on_is_let_through() -> None:
    with pytest.raises(LeakageError, match="1 column knows the future: 'x'"):
        enforce(REPORT, allowed={"closed_code"})
    enforce(REPORT, allowed={"closed_code", "x"})


def test_warnings_alone_stop_nothing() -> None:
    enforce(LeakageReport(REPORT.warned, REPORT.checked))


def test_the_report_is_plain_json() -> None:
    again = json.loads(json.dumps(REPORT.to_json()))
    assert again["checked"] == ["closed_code", "x", "impact", "channel"]
    assert again["findings"][1] == {
        "column": "x",
        "verdict": "refuse",
        "label": "queue",
        "reason": "alone fixes queue",
        "evidence": {"recall": 0.97},
    }
