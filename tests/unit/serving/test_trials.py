"""What passed a trial here is not tried again, and only that: other bytes or other code are."""

import os
import threading
import time
from pathlib import Path
from threading import Event

import pytest

from serving import trials
from serving.trials import Trials

MANIFEST = {"format": 6, "files": {"a.json": "00"}, "about": {"rows": 1}}


def test_a_trial_is_noted_by_content(tmp_path: Path) -> None:
    made = Trials(tmp_path)
    assert not made.passed(MANIFEST)
    made.note(MANIFEST)
    assert Trials(tmp_path).passed(MANIFEST)
    assert not made.passed({**MANIFEST, "files": {"a.json": "01"}})
    assert not made.passed({**MANIFEST, "about": {"rows": 2}})


def test_another_build_tries_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Trials(tmp_path).note(MANIFEST)
    monkeypatch.setattr(trials, "_build", lambda: "another")
    assert not Trials(tmp_path).passed(MANIFEST)


def test_one_process_tries_while_the_other_waits(tmp_path: Path) -> None:
    """Locks of one file opened twice exclude each other, as those of two processes do."""
    made, order = Trials(tmp_path), []

    def second() -> None:
        with Trials(tmp_path).turn(MANIFEST, Event(), 10):
            order.append(("second", made.passed(MANIFEST)))

    with made.turn(MANIFEST, Event(), 10):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.2)
        order.append(("first", made.passed(MANIFEST)))
        made.note(MANIFEST)
    thread.join()
    assert order == [("first", False), ("second", True)]


def test_who_waits_does_not_wait_for_ever(tmp_path: Path) -> None:
    stopping = Event()
    stopping.set()
    with Trials(tmp_path).turn(MANIFEST, Event(), 10):
        began = time.monotonic()
        with Trials(tmp_path).turn(MANIFEST, Event(), 0.1):
            pass
        with Trials(tmp_path).turn(MANIFEST, stopping, 10):
            pass
        assert 0.1 <= time.monotonic() - began < 5


def test_a_folder_that_nothing_can_be_written_to_costs_a_trial_each_time(tmp_path: Path) -> None:
    (tmp_path / ".tried").write_text("a file where the folder should be")
    made = Trials(tmp_path)
    with made.turn(MANIFEST, Event(), 1):
        made.note(MANIFEST)
    assert not made.passed(MANIFEST)


def test_notes_do_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "_MOST", 3)
    for number in range(10):
        Trials(tmp_path).note({**MANIFEST, "about": number})
        note = max((tmp_path / ".tried").iterdir(), key=os.path.getmtime)
        os.utime(note, (number, number))
    assert len(list((tmp_path / ".tried").iterdir())) == 3
