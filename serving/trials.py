"""Which versions this machine has tried with this build already, so that no process tries one twice.

A trial costs seconds, and a rollback, a restart and the second process of a service would pay for it again. What is
noted is the content of a version and the code that tried it: a version of other bytes, or other code, is tried anew.
Knows nothing of how a version is tried.
"""

import fcntl
import hashlib
import json
import logging
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from threading import Event
from typing import Any, Final

import models

__all__ = ["Trials"]

_FOLDER: Final = ".tried"
_MOST: Final = 200
_BETWEEN_LOOKS: Final = 0.05
_CODE: Final = Path(models.__file__).parent.parent
_TRIED_BY: Final = ("desk", "features", "models")
_LIBRARIES: Final = ("lightgbm", "numpy", "tokenizers", "usearch")

log = logging.getLogger("pointsman.champion")


class Trials:
    """The trials of the versions that lie in one folder; all of its processes share them."""

    def __init__(self, versions: Path) -> None:
        self._folder = versions / _FOLDER

    def passed(self, manifest: Mapping[str, Any]) -> bool:
        """Whether a version of this manifest has passed a trial by this build."""
        return self._note(manifest).is_file()

    def note(self, manifest: Mapping[str, Any]) -> None:
        """Note that it has; a folder that cannot be written to costs another trial next time."""
        note = self._note(manifest)
        beside = note.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(exist_ok=True)
            beside.touch()
            beside.replace(note)
        except OSError as error:
            log.info("trial_not_noted", extra={"fields": {"error": error.strerror}})
        self._drop_oldest()

    @contextmanager
    def turn(self, manifest: Mapping[str, Any], stop: Event, seconds: float) -> Iterator[None]:
        """Wait while another process tries the same version, for so long at most and not once `stop` is set."""
        give_up = time.monotonic() + seconds
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
        try:
            file = self._note(manifest).with_suffix(".lock").open("a")
        except OSError:  # nobody can take turns in a folder that cannot be written to
            yield
            return
        with file:
            while not _locked(file.fileno()) and time.monotonic() < give_up and not stop.is_set():
                time.sleep(_BETWEEN_LOOKS)
            yield

    def _note(self, manifest: Mapping[str, Any]) -> Path:
        whole = json.dumps([_build(), manifest], sort_keys=True)
        return self._folder / hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()

    def _drop_oldest(self) -> None:
        with suppress(OSError):
            notes = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime)
            for path in notes[:-_MOST]:
                path.unlink(missing_ok=True)


@cache
def _build() -> str:
    """What tells this build from others: the code that reads versions, the libraries that it leans on, the machine."""
    files = sorted(path for package in _TRIED_BY for path in (_CODE / package).rglob("*") if path.suffix in _CODE_ENDS)
    code = [(str(path.relative_to(_CODE)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    libraries = [(name, _installed(name)) for name in _LIBRARIES]
    return repr((code, libraries, platform.python_version(), platform.machine()))


_CODE_ENDS: Final = (".py", ".so")


def _installed(name: str) -> str | None:
    try:
        return version_of(name)
    except ModuleNotFoundError:
        return None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
