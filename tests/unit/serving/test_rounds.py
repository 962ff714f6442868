"""Work by rounds: at once or later, again and again, whatever goes wrong in one of them."""

import time
from threading import Event

from serving.rounds import Rounds
from tests.unit.serving.conftest import Lines


def test_a_round_that_fails_is_logged_without_the_errors_words_and_the_next_one_comes(lines: Lines) -> None:
    done: list[int] = []
    enough = Event()

    def work() -> None:
        done.append(1)
        if len(done) == 1:
            raise ValueError("words of a ticket")
        enough.set()

    rounds = Rounds("baking", work, 0.01)
    rounds.start()
    assert enough.wait(5)
    rounds.stop()
    assert lines.fields("baking_failed") == [{"error": "ValueError"}]


def test_the_first_round_may_come_later_and_none_after_the_end() -> None:
    done: list[float] = []
    rounds = Rounds("baking", lambda: done.append(time.monotonic()), 60, first=0.1)
    began = time.monotonic()
    rounds.start()
    assert rounds.been_round.wait(5)
    rounds.stop()
    assert rounds.stopping.is_set()
    assert len(done) == 1
    assert done[0] - began >= 0.1


def test_ending_before_the_start_is_no_error() -> None:
    rounds = Rounds("baking", lambda: None, 1)
    rounds.stop()
    assert not rounds.been_round.is_set()
