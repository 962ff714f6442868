"""Where a version comes from: the code's commit and the environment that ran it.

Knows nothing of training.
"""

import getpass
import platform
import subprocess
from importlib.metadata import distributions
from pathlib import Path

__all__ = ["UNKNOWN", "packages", "python", "read_commit", "user"]

UNKNOWN = "unknown"
CHECKOUT = Path(__file__).resolve().parent.parent.parent


def read_commit(checkout: Path = CHECKOUT) -> str:
    """The checkout's commit, `+changes` where files differ from it, `unknown` without a checkout or without git."""
    if not (checkout / ".git").exists():  # git would look further up, and find somebody else's checkout
        return UNKNOWN
    commit = _git(checkout, "rev-parse", "HEAD")
    if commit is None:
        return UNKNOWN
    changes = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}+changes" if changes else commit


def packages() -> dict[str, str]:
    """Every installed distribution and its version, by name."""
    found = {one.metadata["Name"]: one.version for one in distributions() if one.metadata["Name"]}
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))


def python() -> str:
    """The interpreter and the platform, in words."""
    return f"{platform.python_implementation()} {platform.python_version()} on {platform.platform()}"


def user() -> str:
    """Who trains, as the machine knows them; `unknown` where it does not, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return UNKNOWN


def _git(checkout: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, no shell
            ["git", *words],  # noqa: S607  # whichever git the user has
            cwd=checkout,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
