from pathlib import Path

import pytest

from desk.errors import SettingError
from journal.environment import VARIABLES, read_environment


def test_without_variables_all_state_is_under_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_environment({})
    assert found.home == tmp_path / "var"
    assert found.database_url == f"sqlite:///{tmp_path}/var/journal.db"
    assert found.mlflow_uri == f"sqlite:///{tmp_path}/var/mlflow.db"
    assert (found.host, found.port, found.workers) == ("127.0.0.1", 3000, 1)
    assert list(tmp_path.iterdir()) == []


def test_each_variable_is_read_and_an_empty_one_is_none() -> None:
    given = {
        "POINTSMAN_HOME": "/srv/pointsman",
        "POINTSMAN_DATABASE_URL": "postgresql://desk@db/journal",
        "POINTSMAN_MLFLOW_URI": "http://mlflow:5000",
        "POINTSMAN_HOST": "0.0.0.0",
        "POINTSMAN_PORT": "8080",
        "POINTSMAN_WORKERS": "4",
        "POINTSMAN_ENCODER": "/srv/encoder",
        "POINTSMAN_SECRET": "sixteen or more of them",
    }
    assert set(given) == set(VARIABLES)
    found = read_environment(given)
    assert (found.home, found.log) == (Path("/srv/pointsman"), Path("/srv/pointsman/log"))
    assert (found.database_url, found.mlflow_uri) == ("postgresql://desk@db/journal", "http://mlflow:5000")
    assert (found.host, found.port, found.workers) == ("0.0.0.0", 8080, 4)
    assert (found.encoder, found.secret) == ("/srv/encoder", "sixteen or more of them")
    assert "sixteen" not in repr(found)
    assert read_environment({"POINTSMAN_PORT": ""}).port == 3000


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "٣", "3.0"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(SettingError, match="POINTSMAN_PORT must be a whole number from 1 to 65535"):
        read_environment({"POINTSMAN_PORT": port})
