import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desk.errors import SettingError
from journal.environment import read_environment
from journal.secret import fingerprint, installation_secret


def test_the_variable_says_it_and_makes_no_file(tmp_path: Path) -> None:
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path / "home"), "POINTSMAN_SECRET": "said by a variable"})
    assert installation_secret(environment) == b"said by a variable"
    assert not (tmp_path / "home").exists()


def test_a_file_is_made_once_for_its_owner_alone_whoever_comes_together(tmp_path: Path) -> None:
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path / "home")})
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: installation_secret(environment), range(8)))
    assert len(found) == 1
    assert len(found.pop()) == 64
    assert stat.S_IMODE((tmp_path / "home" / "secret").stat().st_mode) == 0o600
    assert [one.name for one in (tmp_path / "home").iterdir()] == ["secret"]


def test_a_short_secret_is_refused_without_being_repeated() -> None:
    with pytest.raises(SettingError, match="at least 16 characters, not 5") as caught:
        installation_secret(read_environment({"POINTSMAN_SECRET": "short"}))
    assert "short" not in str(caught.value)


def test_a_fingerprint_tells_secrets_apart(tmp_path: Path) -> None:
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path)})
    assert fingerprint(environment) == fingerprint(environment, installation_secret(environment))
    assert fingerprint(environment) != fingerprint(environment, b"another secret of the tests")
