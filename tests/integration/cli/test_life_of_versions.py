"""Training, judging, scoring, promoting and rolling back, from the first version to the second and back."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from journal.environment import Environment
from models.registry import MODEL_NAME
from models.registry_client import open_client


def strict(text: str) -> Any:
    """JSON as the standard has it: without NaN and Infinity."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def queue_only(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("priority", "escalated", "sla_breached")}


def answered(said: Any) -> Any:
    assert said.code == 0, said
    assert said.out.count("\n") == 1
    return strict(said.out)


def alias(home: Environment) -> str:
    aliases: Mapping[str, str] = open_client(home.mlflow_uri).get_registered_model(MODEL_NAME).aliases
    return str(aliases["champion"])


@pytest.fixture(scope="module")
def second(trained_home: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A home of its own whose journal and registry know version 1, for a second one to be trained in."""
    from journal.environment import read_environment

    home = tmp_path_factory.mktemp("second") / "home"
    shutil.copytree(trained_home.home, home)
    return read_environment({"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none", "POINTSMAN_KEYS": "off"})


def test_a_second_version_waits_is_promoted_and_rolled_back(
    pointsman: Callable[..., Any], second: Environment, write_sample: Callable[..., Path]
) -> None:
    trained = answered(pointsman("train", write_sample(120, seed=2, change=queue_only), "--json", home=second))
    assert (trained["version"], trained["champion"]) == ("2", False)
    assert set(trained["heads"]) == {"queue"}
    assert trained["skipped"]["breach"] == "no row says 'sla_breached'"
    assert alias(second) == "1"

    assert answered(pointsman("promote", "2", "--why", "tried it", "--json", home=second))["before"] == "1"
    assert alias(second) == "2"
    told = answered(pointsman("versions", "--json", home=second))
    assert [(one["version"], one["champion"]) for one in told["versions"]] == [("2", True), ("1", False)]
    assert [(one["version"], one["why"]) for one in told["promotions"]] == [
        ("1", "the first version"),
        ("2", "tried it"),
    ]
    assert told["promotions"][0]["until"] == told["promotions"][1]["since"]

    said = pointsman("promote", "2", home=second)
    assert (said.code, said.out) == (0, "Version 2 is the champion.\n")

    # Somebody moves the alias in MLflow: it decides nothing, is reported, and put right.
    open_client(second.mlflow_uri).set_registered_model_alias(MODEL_NAME, "champion", "1")
    assert answered(pointsman("versions", "--json", home=second))["versions"][0]["champion"]
    said = pointsman("promote", "2", home=second)
    assert said.code == 0
    assert said.err == "pointsman: MLflow's alias had been moved by hand to 1; it is put right\n"
    assert alias(second) == "2"

    assert answered(pointsman("rollback", "--json", home=second))["champion"] == "1"
    assert alias(second) == "1"
    assert "There is no version to go back to" in pointsman("rollback", home=second).err
    table = pointsman("versions", home=second).out
    assert "1 (champion)" in table


def test_a_promotion_holds_where_the_registry_lacks_the_version(
    pointsman: Callable[..., Any], home_copy: Environment
) -> None:
    shutil.copytree(home_copy.versions / "1", home_copy.versions / "7")
    said = pointsman("promote", "7", home=home_copy)
    assert said.code == 0
    assert said.out == "Version 7 is the champion, after 1.\n"
    assert said.err.startswith("pointsman: the promotion holds, but MLflow's alias does not show it yet")
    assert said.err.count("\n") == 1


def test_a_damaged_version_is_not_promoted(pointsman: Callable[..., Any], home_copy: Environment) -> None:
    damaged = Path(shutil.copytree(home_copy.versions / "1", home_copy.versions / "8"))
    (damaged / "priority.trees.txt").write_text("tree")
    said = pointsman("promote", "8", home=home_copy)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "'priority.trees.txt' of version '8' is not what was written" in said.err
    assert len(answered(pointsman("versions", "--json", home=home_copy))["promotions"]) == 1


def test_a_version_that_is_not_on_this_machine_is_fetched(
    pointsman: Callable[..., Any], home_copy: Environment, write_sample: Callable[..., Path], tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in (home_copy.versions / "1").iterdir()}
    shutil.rmtree(home_copy.versions / "1")
    answered(pointsman("score", write_sample(3), "--output", tmp_path / "out.jsonl", "--json", home=home_copy))
    assert {path.name: path.read_bytes() for path in (home_copy.versions / "1").iterdir()} == before


def test_evaluate_says_what_a_version_is_worth_on_other_tickets(
    pointsman: Callable[..., Any], home_copy: Environment, write_sample: Callable[..., Path]
) -> None:
    tickets = write_sample(120, seed=9)
    told = answered(pointsman("evaluate", tickets, "--json", home=home_copy))
    assert (told["version"], told["tickets"]) == ("1", 120)
    heads = told["heads"]
    assert set(heads) == {"queue", "priority", "escalation", "breach"}
    assert heads["queue"]["accuracy"] > 0.85  # 5 % of the sample's queues are drawn anew
    assert heads["queue"]["learned"]["something"]
    assert heads["queue"]["beside"]["majority"]["accuracy"] < 0.5
    assert heads["escalation"]["auroc"] > 0.75
    assert heads["priority"]["beside"]["score"]["kappa"] > 0.2
    tiers = {one["name"]: one["rows"] for one in heads["queue"]["slices"] if one["by"] == "customer tier"}
    assert sum(tiers.values()) == 120
    assert 0 < heads["queue"]["ece_of_chance"] < 0.2
    assert told["factors"]["urgency"]["rank_correlation"] > told["factors"]["urgency"]["signs_rank_correlation"]
    table = pointsman("evaluate", tickets, home=home_copy)
    assert table.code == 0
    assert all(head in table.out for head in heads)
    assert "customer tier" in table.out


def test_evaluate_without_a_label_that_the_version_answers_is_refused(
    pointsman: Callable[..., Any], home_copy: Environment, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("id,subject,reassignment_count,reopen_count\n1,a,,\n2,b,,\n")
    said = pointsman("evaluate", tmp_path / "t.csv", home=home_copy)
    assert said.code == 2
    assert said.err.count("\n") == 1


def test_answers_come_one_a_line_in_the_order_of_the_tickets(
    pointsman: Callable[..., Any], home_copy: Environment, tmp_path: Path
) -> None:
    tickets, out = tmp_path / "t.jsonl", tmp_path / "out.jsonl"
    ids = ["b", "a", "a", "x\u2028y", "ü\ud800"]
    tickets.write_text("".join(json.dumps({"id": one, "subject": "VPN\0 drops \ud83d"}) + "\n" for one in ids))
    said = pointsman("score", tickets, "--output", out, home=home_copy)
    assert said.code == 0, said
    assert "5 answers of version 1" in said.out
    answers = [strict(line) for line in out.read_bytes().decode().split("\n")[:-1]]
    assert [answer["ticket_id"] for answer in answers] == ["b", "a", "a", "x\u2028y", "ü\ufffd"]
    assert list(answers[0]) == [
        "prediction_id", "ticket_id", "version", "decided_by", "journaled", "queue", "priority", "escalation", "breach",
        "tags",
    ]  # fmt: skip
    assert {key: answers[0][key] for key in ("prediction_id", "version", "decided_by", "journaled")} == {
        "prediction_id": None,
        "version": "1",
        "decided_by": ["model"],
        "journaled": False,
    }
    assert answers[0]["queue"]["label"] == "Network"
    assert {key: value for key, value in answers[1].items() if key != "ticket_id"} == {
        key: value for key, value in answers[2].items() if key != "ticket_id"
    }
    assert list(tmp_path.glob("*.part")) == []
