"""A version is tried in a child process, which may fail, hang, be killed or talk nonsense."""

import time
from pathlib import Path
from threading import Event, Timer

import pytest

from desk.errors import DamagedVersionError, PointsmanError, RegistryError, UnknownVersionError
from journal.environment import read_environment
from serving import child as child_module
from serving import obtaining
from serving.obtaining import check, fetch, obtain, stamp_of


def child(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Let both child processes run this instead."""
    package = folder / "code" / "models"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    for name in ("check", "fetch"):
        (package / f"{name}.py").write_text(code)
    monkeypatch.setattr(child_module, "CODE", folder / "code")


def test_a_child_that_is_content_lets_the_version_pass(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child(monkeypatch, tmp_path, """print("noise"); print('{"ok": true, "version": "1"}')""")
    check(tmp_path / "1", Event())


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("""print('{"ok": false, "error": "weights differ"}'); raise SystemExit(1)""", "weights differ"),
        ("""print('{"ok": true}'); raise SystemExit(3)""", "without a verdict"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "-11 and without a verdict"),
        ("print('[]')", "without a verdict"),
        ("print('{')", "without a verdict"),
        ("raise ValueError('text of a ticket')", "ended with 1 and without a verdict"),
        ("", "ended with 0 and without a verdict"),
    ],
)
def test_any_other_end_of_the_child_is_a_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, reason: str
) -> None:
    child(monkeypatch, tmp_path, code)
    with pytest.raises(DamagedVersionError, match=reason):
        check(tmp_path / "7", Event())


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_a_child_that_somebody_else_ends_says_nothing_of_the_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: str
) -> None:
    child(monkeypatch, tmp_path, f"import os, signal; os.kill(os.getpid(), signal.{number})")
    with pytest.raises(RegistryError, match="ended from outside"):
        check(tmp_path / "7", Event())


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child(monkeypatch, tmp_path, "import time; time.sleep(60)")
    monkeypatch.setattr(obtaining, "SECONDS_TO_CHECK", 0.3)
    with pytest.raises(DamagedVersionError, match=r"within 0\.3 s"):
        check(tmp_path / "7", Event())


def test_a_service_that_stops_does_not_wait_for_a_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child(monkeypatch, tmp_path, "import time; time.sleep(60)")
    stop = Event()
    Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(PointsmanError, match="stopping"):
        check(tmp_path / "7", stop)
    assert time.monotonic() - began < 10


def test_a_version_that_cannot_be_fetched_is_the_registrys_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child(monkeypatch, tmp_path, """print('{"ok": false, "error": "nobody answers"}'); raise SystemExit(1)""")
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path), "POINTSMAN_MLFLOW_URI": "http://127.0.0.1:1"})
    with pytest.raises(RegistryError, match="nobody answers"):
        fetch(environment, "7", environment.versions / "7", Event())


@pytest.mark.parametrize("name", ["", ".", "..", "../1", "a/b", "/etc", "1\n", "x" * 65])
def test_a_name_that_could_lead_elsewhere_is_no_version(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownVersionError):
        obtain(read_environment({"POINTSMAN_HOME": str(tmp_path)}), name, Event())


def test_a_folders_stamp_changes_with_its_files(tmp_path: Path) -> None:
    assert stamp_of(tmp_path / "1") == ()
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "manifest.json").write_text("{}")
    before = stamp_of(tmp_path / "1")
    assert stamp_of(tmp_path / "1") == before
    (tmp_path / "1" / "manifest.json").write_text("{} ")
    assert stamp_of(tmp_path / "1") != before
