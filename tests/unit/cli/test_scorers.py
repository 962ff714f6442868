"""Many tickets to answers: in order and the same, however many processes share them and whatever becomes of these."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import active_children
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli import scorers as module
from cli.scorers import Asked, count_for, scorers
from desk.errors import DamagedVersionError, LostProcessError
from desk.prediction import Extras
from desk.ticket import Ticket
from journal.environment import Environment
from models.manifest import check_hashes

if TYPE_CHECKING:
    from training.histories.history import History

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tickets(sample_history: "History") -> Sequence[Ticket]:
    return [row.ticket for row in sample_history.rows[:300]]


def asked_of(home: Environment, extras: Extras = Extras()) -> Asked:  # noqa: B008 - frozen
    folder = home.versions / "1"
    return Asked(folder, check_hashes(folder), extras=extras)


def answers(count: int, asked: Asked, tickets: Sequence[Ticket]) -> list[tuple[int, bytes]]:
    with scorers(count) as started:
        started.ask(asked)
        return list(started.answers(tickets))


def test_answers_are_the_same_from_one_process_and_from_two(
    trained_home: Environment, tickets: Sequence[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 7)
    alone = answers(0, asked_of(trained_home), tickets)
    assert answers(2, asked_of(trained_home), tickets) == alone
    assert [size for size, _ in alone] == [7] * 42 + [6]
    lines = b"".join(lines for _, lines in alone).splitlines()
    assert [json.loads(line)["ticket_id"] for line in lines] == [ticket.id for ticket in tickets]
    assert not active_children()


@pytest.mark.parametrize("count", [0, 2])
def test_no_tickets_have_no_answers(trained_home: Environment, count: int) -> None:
    assert answers(count, asked_of(trained_home), []) == []


def test_similar_tickets_stand_beside_each_answer_where_asked_for(
    trained_home: Environment, tickets: Sequence[Ticket]
) -> None:
    ((_, lines),) = answers(0, asked_of(trained_home, Extras(similar=2)), tickets[:3])
    assert [len(json.loads(line)["similar"]) for line in lines.splitlines()] == [2, 2, 2]
    ((_, lines),) = answers(0, asked_of(trained_home), tickets[:3])
    assert all("similar" not in json.loads(line) for line in lines.splitlines())


def test_tickets_are_drawn_as_they_are_needed(
    trained_home: Environment, tickets: Sequence[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 5)
    monkeypatch.setattr(module, "_FURTHEST", 3)
    drawn = 0

    def drawing() -> Iterator[Ticket]:
        nonlocal drawn
        for ticket in tickets:
            drawn += 1
            yield ticket

    with scorers(2) as started:
        started.ask(asked_of(trained_home))
        had = 0
        for size, _ in started.answers(drawing()):
            assert drawn <= had + 3 * 5
            had += size
    assert had == drawn == len(tickets)


def test_a_process_that_is_gone_is_said_with_what_ended_it(
    trained_home: Environment, tickets: Sequence[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 5)
    with scorers(2) as started:
        started.ask(asked_of(trained_home))
        said = started.answers(tickets)
        next(said)
        pid = active_children()[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(LostProcessError, match=r"exit code -9.*see that there is more"):
            list(said)
    assert not active_children()


def test_a_process_that_is_gone_before_it_was_asked_is_said_too(trained_home: Environment) -> None:
    with scorers(2) as started:
        for child in active_children():
            child.kill()
            child.join()
        with pytest.raises(LostProcessError, match="exit code -9"):
            started.ask(asked_of(trained_home))


@pytest.mark.parametrize("count", [0, 2])
def test_what_is_wrong_with_a_version_is_said_by_whoever_finds_it(
    trained_home: Environment, tickets: Sequence[Ticket], count: int
) -> None:
    asked = asked_of(trained_home)
    elsewhere = Asked(trained_home.home / "nowhere", asked.manifest)
    with pytest.raises(DamagedVersionError, match="does not fit together"):
        answers(count, elsewhere, tickets)
    assert not active_children()


def test_processes_end_with_the_block_though_nobody_asked() -> None:
    with scorers(1):
        assert len(active_children()) == 1
    assert not active_children()


def test_a_process_does_not_hear_ctrl_c(trained_home: Environment, tickets: Sequence[Ticket]) -> None:
    with scorers(1) as started:
        pid = active_children()[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGINT)
        started.ask(asked_of(trained_home))
        assert sum(size for size, _ in started.answers(tickets)) == len(tickets)


def test_more_than_one_process_is_begun_only_where_a_file_is_worth_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    small, large, packed = tmp_path / "small.jsonl", tmp_path / "large.jsonl", tmp_path / "t.jsonl.gz"
    small.write_bytes(b"{}\n" * 1_000_000)
    large.write_bytes(b"{}\n" * 1_500_000)
    packed.write_bytes(gzip.compress(os.urandom(900_000)))
    assert [count_for(one) for one in (small, large, packed, tmp_path / "nowhere", tmp_path)] == [0, 2, 2, 0, 0]
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert count_for(large) == 0


def test_nothing_that_scores_is_imported_before_the_processes_are_begun() -> None:
    slow = {"numpy", "scipy", "lightgbm", "sqlalchemy", "pyarrow", "cel"}
    code = f"import sys, cli.main, cli.score, cli.scorers; print(sorted({slow} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "[]\n"


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """A shell's background job ignores it, and so does whatever it begins."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_ends_all_processes_and_none_of_them_speaks_of_it(trained_home: Environment, tmp_path: Path) -> None:
    file, out = tmp_path / "large.jsonl", tmp_path / "out.jsonl"
    file.write_text(
        "".join(f'{{"id": {number}, "subject": "printer", "body": "{"jam " * 400}"}}\n' for number in range(20_000))
    )
    command = [sys.executable, "-m", "cli.main", "score", str(file), "--output", str(out)]
    environment = {**os.environ, "POINTSMAN_HOME": str(trained_home.home)}
    for has_begun in (_begins_others, lambda _: any(tmp_path.glob("out.jsonl*"))):
        child = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, stderr=subprocess.PIPE)
        _wait_until(lambda: has_begun(child.pid))  # noqa: B023 - asked of this child, before the next begins
        assert child.poll() is None, "it ended before it was interrupted"
        os.killpg(child.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            child.wait(2)
        if child.poll() is None:  # a library that is being imported may swallow one: people press again
            os.killpg(child.pid, signal.SIGINT)
        _, said = child.communicate(timeout=30)
        assert (child.returncode, said.strip()) == (130, b"")
        assert not list(tmp_path.glob("out.jsonl*"))


def _begins_others(pid: int) -> bool:
    return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def _wait_until(happened: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.01)
