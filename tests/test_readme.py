"""What README shows is there and does what it says."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cli.main import VERBS
from journal.environment import VARIABLES, Environment
from serving.app import build_app
from serving.composition import compose

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = {"desk", "features", "models", "journal", "training", "serving", "simulation", "cli"}


def between(marker: str) -> str:
    return README.split(f"<!-- {marker} -->")[1].split(f"<!-- /{marker} -->")[0]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@contextmanager
def answering(environment: Environment) -> Iterator[TestClient]:
    """A client of the app as a process of the service puts it together."""
    composed = compose(environment)
    try:
        composed.desk.watch.looked.wait(30)
        with TestClient(build_app(composed.house)) as client:
            yield client
    finally:
        composed.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_settings_table_lists_every_variable_that_is_read_and_no_other() -> None:
    table = dict(re.findall(r"^\| `(POINTSMAN_\w+)` \| (.+) \|$", README, re.MULTILINE))
    assert table == VARIABLES


def test_every_link_leads_to_something() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_tree_shows_every_package_and_no_folder_that_is_not_there() -> None:
    (tree,) = (block for block in blocks("text") if "desk/ " in block)
    shown = set(re.findall(r"^(\w+)/ ", tree, re.MULTILINE))
    assert shown >= PACKAGES
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} >= shown


def test_the_verbs_shown_are_the_verbs_there_are() -> None:
    shown = set(re.findall(r"^\$ pointsman (\w+)", README, re.MULTILINE))
    assert shown | {"demo"} == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    from click.testing import CliRunner

    from cli.main import pointsman

    said = CliRunner().invoke(pointsman, [verb, "--help"])
    assert said.exit_code == 0
    assert "Usage: pointsman" in said.output


def test_the_makefile_has_every_target_that_is_shown() -> None:
    shown = set(re.findall(r"`make ([a-z-]+)|^\$ make ([a-z-]+)", README, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {one or other for one, other in shown} <= targets


def test_the_desk_file_shown_is_one(tmp_path: Path) -> None:
    from training.histories.desk_config import read_desk_config

    (shown,) = blocks("toml")
    path = tmp_path / "desk.toml"
    path.write_text(shown, encoding="utf-8")
    assert read_desk_config(path).priority_order[0] == "1-Critical"


def test_the_answer_shown_has_the_form_that_the_service_gives(home_copy: Environment) -> None:
    shown = json.loads(blocks("json", between("ticket"))[0])
    (sent,) = re.findall(r"<<'END'\n(.*?)\nEND\n", README, re.DOTALL)
    with answering(home_copy) as client:
        answer = client.post("/v1/triage", json=json.loads(sent)).json()
    assert form(answer) == form(shown)


def form(value: object) -> object:
    """Names and kinds of values, whatever they are; of a list its first entry's.

    Whether a threshold is proven, why a head abstains if it does, and what is tagged depends on the history.
    """
    if isinstance(value, dict):
        return {name: form(one) for name, one in value.items() if name not in ("threshold", "why", "tags")}
    if isinstance(value, list):
        return [form(one) for one in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_the_demo_says_what_is_shown(home_copy: Environment) -> None:
    """With a version there already, so without the minute of training; the words beside the figures are the same."""
    script = Path(sys.executable).parent / "pointsman"
    variables = {**os.environ, "POINTSMAN_HOME": str(home_copy.home), "POINTSMAN_PORT": str(free_port())}
    said = subprocess.run([script, "demo", "--once"], env=variables, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    for words in ("Starting the service", "will escalate", "will miss its SLA", "service   http", "MLflow    MLFLOW"):
        assert words in said.stdout
        assert words in between("demo")
    assert said.stdout.count("→ version 1") == between("demo").count("→ version 1") == 3
