"""How work that takes long says where it is. Knows no screen."""

from typing import Protocol

__all__ = ["Progress", "Unwatched"]


class Progress(Protocol):
    """What training tells whoever watches."""

    def stage(self, name: str, steps: int) -> None:
        """A stage of `steps` steps begins."""

    def step(self) -> None:
        """One step is done."""


class Unwatched:
    """Progress that nobody watches."""

    def stage(self, name: str, steps: int) -> None:
        """A stage begins."""

    def step(self) -> None:
        """One step is done."""
