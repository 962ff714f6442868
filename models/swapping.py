"""Puts a folder in the place of another, so that whoever looks finds the one or the other whole.

Whoever has mapped files of the old one goes on reading them. Knows not what is in a folder.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing"]


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A fresh place beside `folder` where the caller makes a new folder, which takes its place at the end.

    Nothing changes where the block raises, or where the caller makes none.
    """
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as aside:
        fresh, replaced = Path(aside) / "fresh", Path(aside) / "replaced"
        yield fresh
        if not fresh.exists():
            return
        folder.rename(replaced)
        try:
            fresh.rename(folder)
        except OSError:
            replaced.rename(folder)
            raise
        shutil.rmtree(replaced, ignore_errors=True)
