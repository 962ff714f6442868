"""The service's log: one JSON object a line, without exceptions' words, and never in the way."""

import io
import json
import logging
from typing import Any

import pytest

from serving import json_log
from serving.json_log import log_to

logger = logging.getLogger("pointsman.test")


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_one_json_object_with_its_fields() -> None:
    stream = io.StringIO()
    lines = log_to(stream)
    logger.info("request", extra={"fields": {"route": "/livez", "status": 200}})
    lines.close()
    (line,) = written(stream)
    assert {**line, "at": ""} == {"at": "", "level": "info", "event": "request", "route": "/livez", "status": 200}
    assert line["at"].endswith("+00:00")


def test_an_exception_is_where_it_was_raised_and_not_what_it_said() -> None:
    stream = io.StringIO()
    lines = log_to(stream)
    try:
        raise ValueError("text of a ticket")
    except ValueError:
        logger.error("failed", exc_info=True, extra={"fields": {"error": "ValueError"}})
    lines.close()
    (line,) = written(stream)
    assert line["raised"][0].startswith("test_json_log.py:")
    assert "text of a ticket" not in stream.getvalue()


def test_when_nobody_reads_the_oldest_lines_go_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_log, "MOST_WAITING", 10)
    monkeypatch.setattr(json_log, "SECONDS_BETWEEN_WRITES", 60)
    stream = io.StringIO()
    lines = log_to(stream)
    for number in range(25):
        logger.info("event %s", number)
    lines.close()
    found = written(stream)
    assert [line["event"] for line in found] == [*(f"event {number}" for number in range(15, 25)), "log_lines_lost"]
    assert found[-1]["count"] == 15


def test_a_stream_that_is_gone_stops_nothing() -> None:
    stream = io.StringIO()
    lines = log_to(stream)
    stream.close()
    logger.info("request")
    lines.close()
    later = io.StringIO()
    lines = log_to(later)
    logger.info("the next")
    lines.close()
    assert [line["event"] for line in written(later)] == ["the next"]


def test_a_second_setting_up_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    log_to(first)
    lines = log_to(second)
    logger.info("once")
    lines.close()
    assert (first.getvalue(), len(written(second))) == ("", 1)


@pytest.mark.parametrize("name", ["bentoml.server", "uvicorn.error", "asyncio"])
def test_the_servers_lines_have_the_same_form_and_hold_no_exceptions_words(name: str) -> None:
    stream = io.StringIO()
    lines = log_to(stream)
    try:
        raise ValueError("text of a ticket")
    except ValueError as error:
        logging.getLogger(name).error("Failed\nfuture: %r", error, exc_info=True)
    lines.close()
    (line,) = written(stream)
    assert line["event"] == "Failed"
    assert "text of a ticket" not in stream.getvalue()
