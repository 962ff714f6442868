"""Progress bars on stderr for what takes more than a moment; silent where nobody looks. Knows no verbs."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

__all__ = ["Bars", "bars"]


class Bars:
    """A bar for each stage, one after the other."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def stage(self, name: str, steps: int) -> None:
        """A stage of `steps` steps begins, and the one before has ended."""
        self._finish()
        self._task = self._progress.add_task(name, total=max(steps, 1))

    def step(self, steps: int = 1) -> None:
        """One step is done, or more."""
        if self._task is not None:
            self._progress.advance(self._task, steps)

    def _finish(self) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=self._progress.tasks[self._task].total)


@contextmanager
def bars(*, quiet: bool) -> Iterator[Bars]:
    """Bars on stderr while the block runs; none where `quiet` or where stderr is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<42}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as progress:
        shown = Bars(progress)
        yield shown
        shown._finish()
