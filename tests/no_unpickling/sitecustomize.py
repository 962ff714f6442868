"""Writes down every unpickling in this process, where `UNPICKLED_TO` names a file to write to.

A folder of its own: standing on `PYTHONPATH`, Python runs it in each process before anything else. It watches what
serves: BentoML's processes, and the child in which the service tries a version before it loads it. The audit hook sees
every global that a pickle names, whoever reads it; the standard library's ways to read one are watched besides, for
pickles that name none, and so is `marshal` outside of imports. Knows nothing of the tests.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

VARIABLE = "UNPICKLED_TO"
SERVES = ("bentoml", "models.check", "serving.service")
MOST_FRAMES = 40


def watch(path: str, concerns: Callable[[list[str]], bool] = lambda _: True) -> None:
    """Append a line of JSON to the file for each unpickling whose frames, innermost first, `concerns` finds."""
    import pickle

    def tell(event: str, what: object) -> None:
        frames = frames_of_caller()
        if concerns(frames):
            write(path, event=event, what=str(what)[:200], frames=frames)

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event == "pickle.find_class":
            tell(event, ".".join(map(str, given)))
        elif event in ("marshal.loads", "marshal.load") and "importlib" not in frames_of_caller()[0]:
            tell(event, "")

    sys.addaudithook(hook)
    read, read_text, python_read = pickle.load, pickle.loads, pickle._Unpickler.load  # type: ignore[attr-defined]

    def load(*given: Any, **named: Any) -> Any:
        tell("pickle.load", "")
        return read(*given, **named)

    def loads(*given: Any, **named: Any) -> Any:
        tell("pickle.loads", "")
        return read_text(*given, **named)

    def load_in_python(self: Any) -> Any:
        tell("pickle._Unpickler.load", "")
        return python_read(self)

    class Unpickler(pickle.Unpickler):
        def load(self) -> Any:
            tell("pickle.Unpickler.load", "")
            return super().load()

    pickle.load, pickle.loads, pickle.Unpickler = load, loads, Unpickler  # type: ignore[misc]
    pickle._Unpickler.load = load_in_python  # type: ignore[attr-defined]


def frames_of_caller() -> list[str]:
    """Files and functions that led here, from the innermost on, without this module's own."""
    found: list[str] = []
    frame = sys._getframe(1)
    while frame is not None and len(found) < MOST_FRAMES:
        if frame.f_code.co_filename != __file__:
            found.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back  # type: ignore[assignment]
    return found or ["?"]


def write(path: str, **fields: object) -> None:
    """One line, in one piece, whoever else writes."""
    line = json.dumps({"pid": os.getpid(), "process": sys.orig_argv, **fields})
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


if __name__ == "sitecustomize" and VARIABLE in os.environ:
    said = " ".join(sys.orig_argv)
    if any(one in said for one in SERVES):
        write(os.environ[VARIABLE], event="watching", what="", frames=[])
        watch(os.environ[VARIABLE])
