"""The command line, run as `main` runs it: arguments in, exit code and both streams out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import _run
from journal.environment import Environment


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Pointsman = Callable[..., Said]


@pytest.fixture
def pointsman(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pointsman:
    """Runs a command in this process, in a home of its own unless one is given."""

    def run(*arguments: str | Path, home: Environment | Path | None = None) -> Said:
        folder = home.home if isinstance(home, Environment) else home or tmp_path / "fresh"
        monkeypatch.setenv("POINTSMAN_HOME", str(folder))
        capsys.readouterr()
        code = _run([str(one) for one in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run
