"""A process ends with its parent, and in spite of a thread that hangs."""

import subprocess
import sys
import time

ORPHAN = """
import os, signal, sys, time
from serving.ending import end_with_parent

if os.fork():
    time.sleep(1)
    os._exit(0)
signal.signal(signal.SIGTERM, lambda *_: (print("ended in order", flush=True), os._exit(0)))
end_with_parent()
print("waiting", flush=True)
time.sleep(30)
"""
LATE = """
import os, signal, time
from serving.ending import PARENT, end_with_parent

os.environ[PARENT] = str(os.getpid())
if os.fork():
    os._exit(0)
time.sleep(0.5)
signal.signal(signal.SIGTERM, lambda *_: (print("ended in order", flush=True), os._exit(0)))
end_with_parent()
time.sleep(30)
"""
HANGING = """
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from serving.ending import end_at_last

ThreadPoolExecutor(1).submit(Event().wait)
end_at_last(0.3)
"""


def test_a_process_whose_parent_is_gone_gets_a_sigterm() -> None:
    said = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, timeout=20, check=True).stdout
    assert said.splitlines() == ["waiting", "ended in order"]


def test_a_process_that_was_still_starting_when_its_parent_went_gets_a_sigterm_too() -> None:
    said = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, timeout=20, check=True).stdout
    assert said.splitlines() == ["ended in order"]


def test_a_process_with_a_thread_that_hangs_ends_at_last() -> None:
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", HANGING], timeout=20, check=False)
    assert ended.returncode == 1
    assert time.monotonic() - began < 10
