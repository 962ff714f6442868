"""`pointsman work`: the next version without anybody asking, by one of any number of workers."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from journal.database import connect
from journal.environment import Environment
from journal.jobs import jobs
from journal.promotions import promotions
from journal.settings import put_setting
from tests.integration.training.retraining import ANYTHING_PASSES, NOW, newer_rows, outcomes_come_in, set_gate

ROOT = Path(__file__).resolve().parents[3]


def worker(home: Environment, *options: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "POINTSMAN_HOME": str(home.home), "POINTSMAN_ENCODER": "none"}
    command = [sys.executable, "-m", "cli.main", "work", *options]
    return subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(done: "subprocess.Popen[str]") -> list[Mapping[str, object]]:
    out, err = done.communicate(timeout=400)
    assert (done.returncode, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def events(lines: list[Mapping[str, object]]) -> list[object]:
    usual = ("began", "ended", "watched", "questions_prepared", "asking_elsewhere")
    return [line["event"] for line in lines if line["event"] not in usual]


def test_of_two_workers_one_makes_the_version_that_is_due(
    home_copy: Environment, write_sample: Callable[..., Path]
) -> None:
    engine = connect(home_copy.database_url)
    outcomes_come_in(engine, newer_rows(write_sample, 600, 120))
    set_gate(engine, ANYTHING_PASSES)
    put_setting(engine, "retraining", {"cron": "never", "new_labels": 100}, who="a test", at=NOW)
    both = [worker(home_copy, "--once") for _ in range(2)]
    lines = [said(one) for one in both]
    assert sorted(map(str, map(events, lines))) in (
        ["['retraining', 'retrained']", "['retraining', 'retraining_elsewhere']"],
        ["['retraining', 'retrained']", "[]"],
    )
    assert [one.version for one in promotions(engine)] == ["1", "2"]
    (job,) = jobs(engine)
    assert job.why == "120 outcomes and verdicts came in since the last attempt"
    assert events(said(worker(home_copy, "--once"))) == []
    engine.dispose()


def test_what_fails_is_said_and_the_worker_goes_on(home_copy: Environment) -> None:
    engine = connect(home_copy.database_url)
    put_setting(engine, "retraining", {"cron": "99 2 * * *"}, who="a test", at=NOW)
    engine.dispose()
    lines = said(worker(home_copy, "--once"))
    assert events(lines) == ["retrain_failed"]
    (failed,) = (line for line in lines if line["event"] == "retrain_failed")
    assert "cannot be read as a cron expression" in str(failed["error"])


@pytest.mark.skipif(sys.platform != "linux", reason="signals as Linux has them")
def test_it_ends_when_it_is_told(home_copy: Environment) -> None:
    begun = worker(home_copy)
    assert begun.stdout is not None
    assert json.loads(begun.stdout.readline())["event"] == "began"
    begun.send_signal(signal.SIGTERM)
    begun.communicate(timeout=30)
    assert begun.returncode == 0
