"""Which release of Pointsman this is. Knows nothing else."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["build"]


@cache
def build() -> str:
    """The release's number; `unknown` in a served bento, which carries the packages without their distribution."""
    try:
        return version("pointsman")
    except PackageNotFoundError:
        return "unknown"
