"""Trainings recorded and versions registered in a real MLflow on SQLite, and fetched back."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from mlflow.entities import Run

from desk.errors import DamagedVersionError, RegistryError, UnknownVersionError
from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from journal.database import connect
from journal.environment import Environment
from journal.suspects import open_suspects
from models.fetch import main as fetch_main
from models.registry import MODEL_NAME, fetch, mirror_alias, register, versions
from models.registry_client import open_client
from training.evidence.baselines import majority
from training.evidence.contracts import HeadContract
from training.evidence.growing import GrowthEvidence, Moment
from training.evidence.held_out import HeldOut
from training.evidence.importance import Carrier, Importance, TellingWord
from training.evidence.intervals import Interval
from training.evidence.judging import judge
from training.evidence.learning_curve import Curve, Point
from training.evidence.worst_errors import worst_errors
from training.histories.history import History
from training.leakage.report import Finding, LeakageReport
from training.runs.naming import HEAD_TAG, children_of, name_runs
from training.runs.provenance import UNKNOWN, packages, read_commit
from training.runs.record import Training
from training.runs.run import record_run
from training.runs.suspect_list import read_suspects

QUEUES = ("Billing", "Access", "Network | VPN")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET_TEXT = "the text of a ticket & that it <b>belongs</b> in no report"
SUBJECT = f"{SECRET_TEXT} 4711471147"


def history() -> History:
    rows = tuple(
        ResolvedTicket(
            Ticket(id=str(i), created_at=START + timedelta(hours=i), subject=SUBJECT),
            Outcome(queue=QUEUES[i % 3], escalated=i % 4 == 0),
        )
        for i in range(60)
    )
    return History(
        rows=rows,
        digest="a1" * 32,
        columns={"id": "id", "created_at": "time", "subject": "text", "queue": "label", "form": "attribute"},
        notes=("2 rows repeat an id; the last of each is kept",),
        label_rule="reassignment_count >= 2 || reopen_count > 0",
        known_priority_order=(),
    )


def answered(head: str, labels: tuple[str, ...], rows: int = 90, right: float = 0.8) -> HeldOut:
    chance = np.random.default_rng(3)
    truth = chance.integers(0, len(labels), rows)
    probabilities = chance.dirichlet(np.ones(len(labels)), rows)
    probabilities[np.arange(rows), truth] += right
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return HeldOut(head, labels, truth, probabilities)  # type: ignore[arg-type]


def training(**changes: object) -> Training:
    queue, escalation = answered("queue", QUEUES), answered("escalation", ("false", "true"), right=0.0)
    heads = {
        one.head: judge(
            one,
            {"majority": majority(one.head, one.labels, [one.labels[row] for row in one.truth])},
            groups={"channel": ["email"] * 50 + ["phone"] * 40},
            contract=HeadContract(0.8, dict.fromkeys(one.labels, 0.5)) if one.head == "queue" else None,
            worst=worst_errors(one, [str(row % 60) for row in range(90)]),
        )
        for one in (queue, escalation)
    }
    points = (Point(50, 0.6, Interval(0.5, 0.7)), Point(100, 0.7, Interval(0.6, 0.8)))
    telling = TellingWord("Billing", "invoice", 12, 0.5)
    told: dict[str, object] = {
        "history": history(),
        "leakage": LeakageReport((Finding("form", "warn", "queue", "predicts it well", {"auroc": 0.9}),), ("form",)),
        "heads": heads,
        "split": "the last 20 % by time",
        "commit": "c0ffee",
        "skipped": {"breach": "no row says 'sla_breached'"},
        "rare_labels": {"queue": {"Legal": 3}},
        "settings": {"seed": 7},
        "seconds": {"read": 1.25, "fit": 2.0},
        "curves": {"queue": Curve("accuracy", points, 0.8, by_time=True, gain=Interval(0.05, 0.15))},
        "importance": {"queue": Importance(60, (Carrier("words", "words of the text", 1.5),), (telling,))},
        "members": {"queue": {"linear": 0.75}},
        "growing": {"escalation": GrowthEvidence("escalation", (Moment(5, 800, 0.2, 0.95, 0.85, 0.02, 0.03, 0.04),))},
    }
    return Training(**{**told, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a desk's home")


@pytest.fixture(scope="module")
def uri(home: Path) -> str:
    return f"sqlite:///{home / 'mlflow.db'}"


@pytest.fixture(scope="module")
def run_id(uri: str, home: Path) -> str:
    return record_run(uri, training(), artifacts=home / "mlflow-artifacts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "trained"
    (folder / "trees").mkdir(parents=True)
    (folder / "manifest.json").write_text('{"format": 1}')
    (folder / "trees" / "breach.txt").write_bytes(bytes(range(256)) * 50)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stored(uri: str, home: Path, version: str) -> Path:
    """Where MLflow keeps the files of a version."""
    source = open_client(uri).get_model_version(MODEL_NAME, version).source
    path = local(source) / "version"
    assert path.is_relative_to(home)
    return path


def local(location: str) -> Path:
    return Path(unquote(urlsplit(location).path))


def test_a_run_tells_what_was_learned_and_from_what(uri: str, run_id: str) -> None:
    run = open_client(uri).get_run(run_id)
    evidence = training().heads["queue"]
    assert run.info.status == "FINISHED"
    assert run.data.metrics["queue/accuracy"] == pytest.approx(evidence.measures.accuracy, abs=1e-5)
    assert run.data.metrics["queue/accuracy.majority"] == pytest.approx(
        evidence.beside_measures["majority"].accuracy, abs=1e-5
    )
    assert run.data.metrics["escalation/auroc"] == pytest.approx(
        training().heads["escalation"].measures.auroc, abs=1e-5
    )
    assert run.data.metrics["seconds/read"] == 1.25
    assert run.data.params["history.from"] == START.isoformat()
    assert run.data.params["label_rule"] == history().label_rule
    assert run.data.params["seed"] == "7"
    assert run.data.tags["mlflow.source.git.commit"] == "c0ffee"


def heads_of(uri: str, run_id: str) -> dict[str, Run]:
    client = open_client(uri)
    return {run.data.tags[HEAD_TAG]: run for run in children_of(client, client.get_run(run_id))}


def page_of(uri: str, run_id: str) -> str:
    return str(open_client(uri).get_run(run_id).data.tags["mlflow.note.content"])


def test_each_head_has_a_finished_run_of_its_own_below_the_trainings(uri: str, run_id: str) -> None:
    heads = heads_of(uri, run_id)
    assert set(heads) == {"queue", "escalation"}
    queue, evidence = heads["queue"], training().heads["queue"]
    assert queue.info.status == "FINISHED"
    assert queue.data.metrics["accuracy"] == pytest.approx(evidence.measures.accuracy, abs=1e-5)
    assert queue.data.metrics["accuracy.majority"] == pytest.approx(
        evidence.beside_measures["majority"].accuracy, abs=1e-5
    )
    assert queue.data.params["counts.linear"] == "0.75"
    assert queue.data.params["contract.demand"] == "0.8"
    assert queue.data.params["rows.held_out"] == "90"
    assert "50 to 100 tickets bring +10.0 points: more history helps" in page_of(uri, queue.info.run_id)
    assert "carried by words of the text (1.50)" in page_of(uri, queue.info.run_id)
    curve = open_client(uri).get_metric_history(queue.info.run_id, "learning_curve/accuracy")
    assert {(one.step, one.value) for one in curve} == {(50, 0.6), (100, 0.7)}
    escalation = heads["escalation"].data.metrics
    assert escalation["growing/auroc_after_5"] == 0.95
    assert escalation["growing/auroc_gain_after_5"] == pytest.approx(0.1)


def test_a_runs_page_says_whether_it_may_go_live(uri: str, run_id: str) -> None:
    page = page_of(uri, run_id)
    first, _, figures, minded = page.splitlines()[:4]
    assert first == "## May it go live? Rather not"
    assert "% right" in figures
    assert "applied by itself" in figures
    assert "learning (**no**)" in minded
    assert "escalation knows no more than chance" in page
    assert "breach was skipped" in page
    assert "`form` may know the future" in page
    assert "no champion to compare it with" in page
    for head, run in heads_of(uri, run_id).items():
        assert f"[{head}](#/experiments/{run.info.experiment_id}/runs/{run.info.run_id})" in page
    assert SECRET_TEXT not in page


def test_the_model_card_tells_the_whole_story(uri: str, run_id: str, tmp_path: Path) -> None:
    card = Path(open_client(uri).download_artifacts(run_id, "model_card.md", str(tmp_path))).read_text()
    assert "Learned from 60 resolved tickets" in card
    assert "2026-03-02 to 2026-03-04" in card
    assert "**breach** was skipped: no row says 'sla_breached'" in card
    assert "nothing was learned for escalation" in card
    assert "`Legal` (3)" in card
    assert "| **escalation** | 5 | 800 | 0.200 | 0.950 | 0.850 | 0.100 | 0.020 | 0.040 |" in card
    assert "`form` may know the future" in card
    assert "the last of each is kept" in card
    assert SECRET_TEXT not in card


def test_a_run_and_its_heads_know_their_history_by_digest_and_columns(uri: str, run_id: str) -> None:
    for run in (open_client(uri).get_run(run_id), *heads_of(uri, run_id).values()):
        [given] = run.inputs.dataset_inputs
        assert history().digest.startswith(given.dataset.digest)
        columns = json.loads(given.dataset.schema)["mlflow_colspec"]
        assert {one["name"]: one["type"] for one in columns}["created_at"] == "datetime"
        assert json.loads(given.dataset.profile)["num_rows"] == 60
        assert SECRET_TEXT not in str(given.dataset)


def test_a_runs_files_are_pictures_tables_and_words_only(uri: str, run_id: str, tmp_path: Path) -> None:
    folder = Path(open_client(uri).download_artifacts(run_id, "", str(tmp_path)))
    found = files(folder)
    assert set(found) == {
        "evidence.json",
        "factors.json",
        "growing.json",
        "suspects.csv",
        "history.json",
        "leakage.json",
        "leakage.md",
        "model_card.md",
        "requirements.txt",
        "summary.png",
    }
    assert not any(SECRET_TEXT.encode() in content for content in found.values())
    assert json.loads(found["history.json"])["label_rule"] == history().label_rule
    assert json.loads(found["evidence.json"])["escalation"]["learned"]["something"] is False
    assert f"numpy=={packages()['numpy']}".encode() in found["requirements.txt"]


BOTH = {"by_class.csv", "by_slice.csv", "by_slice.png", "reliability.png", "worst_errors.csv", "worst_errors.html"}
OF_A_QUEUE = {"confusion.png", "coverage.png", "mix_ups.csv", "importance.csv", "importance.png", "words.csv"}
OF_A_QUEUE |= {"learning_curve.json", "learning_curve.png"}


def test_a_heads_files_show_its_errors_slices_and_curves(uri: str, run_id: str, tmp_path: Path) -> None:
    client, heads = open_client(uri), heads_of(uri, run_id)
    queue = files(Path(client.download_artifacts(heads["queue"].info.run_id, "", str(tmp_path))))
    assert set(queue) == BOTH | OF_A_QUEUE
    table = queue["by_class.csv"].decode().splitlines()
    assert table[0] == "label,support,answered,precision,recall,f1,confidence,recall_low,recall_high,ece"
    assert len(table) == 1 + len(QUEUES)
    slices = queue["by_slice.csv"].decode().splitlines()
    assert slices[0] == "by,name,rows,figure,value,low,high"
    assert any(line.startswith("channel,phone,") and ",macro_f1," in line for line in slices)
    risk = files(Path(client.download_artifacts(heads["escalation"].info.run_id, "", str(tmp_path / "risk"))))
    assert set(risk) == BOTH | {"ranking.png", "scores.png"}


def test_worst_errors_show_texts_masked_unless_the_desk_says_otherwise(uri: str, run_id: str, tmp_path: Path) -> None:
    queue = heads_of(uri, run_id)["queue"].info.run_id
    folder = Path(open_client(uri).download_artifacts(queue, "", str(tmp_path)))
    with (folder / "worst_errors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["subject"] for row in rows} == {f"{SECRET_TEXT} [number]"}
    assert open_client(uri).get_run(run_id).data.params["texts"] == "masked"


@pytest.fixture(scope="module")
def undrawn(uri: str, home: Path) -> str:
    """A run of a job, one of whose pictures could not be drawn."""

    def fails(*_: object) -> None:
        raise ValueError("a label of a customer")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.runs.head_files.reliability", fails)
        return record_run(uri, training(), artifacts=home / "mlflow-artifacts", tags={"pointsman.job": "default/1"})


def test_a_picture_that_cannot_be_drawn_stops_no_training(uri: str, undrawn: str, tmp_path: Path) -> None:
    queue = heads_of(uri, undrawn)["queue"]
    assert queue.info.status == "FINISHED"
    folder = Path(open_client(uri).download_artifacts(queue.info.run_id, "", str(tmp_path)))
    assert not (folder / "reliability.png").exists()
    assert (folder / "reliability.txt").read_text().startswith("reliability.png could not be drawn (ValueError)")


def test_runs_are_called_by_their_version_once_it_has_a_number(uri: str, undrawn: str) -> None:
    name_runs(uri, undrawn, "7")
    assert open_client(uri).get_run(undrawn).info.run_name == "v7, 2026-03-04, 60 tickets"
    heads = heads_of(uri, undrawn)
    assert {head: run.info.run_name for head, run in heads.items()} == {
        "queue": "queue of v7",
        "escalation": "escalation of v7",
    }
    assert {run.data.tags["pointsman.version"] for run in heads.values()} == {"7"}
    assert {run.data.tags["pointsman.job"] for run in heads.values()} == {"default/1"}


def test_a_training_without_any_head_or_time_is_recorded_too(uri: str, home: Path, run_id: str) -> None:
    bare = History((), "b2" * 32, {}, (), "", ())
    nothing = training(history=bare, heads={}, skipped={"queue": "12 rows say 'queue'; 50 are needed"})
    recorded = record_run(uri, nothing, artifacts=home / "mlflow-artifacts")
    assert open_client(uri).get_run(recorded).data.params["history.from"] == "no times"


def test_a_run_that_could_not_be_written_whole_is_marked_failed(uri: str, home: Path, run_id: str) -> None:
    broken = training(settings={"a name that MLflow \n refuses": 1})
    with pytest.raises(RegistryError, match="record the run"):
        record_run(uri, broken, artifacts=home / "mlflow-artifacts")
    client = open_client(uri)
    [newest] = client.search_runs([client.get_run(run_id).info.experiment_id], max_results=1)
    assert newest.info.status == "FAILED"


def test_a_version_comes_back_as_it_was_registered(uri: str, run_id: str, folder: Path, tmp_path: Path) -> None:
    version = register(uri, run_id, folder, description="# A card", tags={"pointsman.heads": "queue"})
    fetched = fetch(uri, version, tmp_path / "versions" / version)
    assert files(fetched) == files(folder)
    assert [path.name for path in fetched.parent.iterdir()] == [version]
    listed = versions(uri)[0]
    assert (listed.version, listed.run_id, listed.description) == (version, run_id, "# A card")
    assert listed.tags["pointsman.heads"] == "queue"
    assert abs(listed.registered_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_version_is_a_model_of_its_run_with_the_runs_figures(uri: str, run_id: str, folder: Path) -> None:
    version = register(uri, run_id, folder)
    client = open_client(uri)
    models = client.search_logged_models([client.get_run(run_id).info.experiment_id])
    named = {one["version"]: model for model in models for one in json.loads(model.tags["mlflow.modelVersions"])}
    model = named[version]
    assert model.status == "READY"
    assert model.source_run_id == run_id
    figures = {one.key: one.value for one in model.metrics}
    assert figures["queue/accuracy"] == client.get_run(run_id).data.metrics["queue/accuracy"]
    page = (local(model.artifact_location) / "MLmodel").read_text()
    assert "python_function" not in page
    assert "loader_module" not in page
    assert "signature" in page


def test_versions_are_numbered_and_listed_newest_first(uri: str, run_id: str, folder: Path) -> None:
    first, second = register(uri, run_id, folder), register(uri, run_id, folder)
    assert int(second) == int(first) + 1
    assert [one.version for one in versions(uri)][:2] == [second, first]


def test_a_fetched_version_takes_the_place_of_what_was_there(
    uri: str, run_id: str, folder: Path, tmp_path: Path
) -> None:
    version = register(uri, run_id, folder)
    place = tmp_path / "place"
    place.mkdir()
    (place / "left over").write_text("x")
    assert files(fetch(uri, version, place)) == files(folder)


def damage(path: Path) -> None:
    (path / "trees" / "breach.txt").write_bytes(b"tree\n")


def remove(path: Path) -> None:
    (path / "manifest.json").unlink()


def add(path: Path) -> None:
    (path / "extra.pkl").write_bytes(b"\x80\x04.")


@pytest.mark.parametrize("harm", [damage, remove, add])
def test_a_version_whose_files_changed_is_refused(
    uri: str, home: Path, run_id: str, folder: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    version = register(uri, run_id, folder)
    harm(stored(uri, home, version))
    place = tmp_path / "place"
    place.mkdir()
    (place / "manifest.json").write_text("the last good one")
    with pytest.raises(DamagedVersionError, match="not those that were registered"):
        fetch(uri, version, place)
    assert files(place) == {"manifest.json": b"the last good one"}
    assert {path.name for path in tmp_path.iterdir()} == {"place", "trained"}


def test_a_version_with_a_link_is_not_registered(uri: str, run_id: str, folder: Path) -> None:
    (folder / "passwords").symlink_to("/etc/passwd")
    with pytest.raises(DamagedVersionError, match="'passwords'"):
        register(uri, run_id, folder)


def test_a_version_whose_files_are_gone_is_an_error_of_the_registry(
    uri: str, home: Path, run_id: str, folder: Path, tmp_path: Path
) -> None:
    version = register(uri, run_id, folder)
    place = stored(uri, home, version)
    place.rename(place.with_name("elsewhere"))
    with pytest.raises((RegistryError, DamagedVersionError)):
        fetch(uri, version, tmp_path / "place")
    assert not (tmp_path / "place").exists()


def test_a_version_that_somebody_registered_by_hand_is_refused(
    uri: str, run_id: str, folder: Path, tmp_path: Path
) -> None:
    register(uri, run_id, folder)
    client = open_client(uri)
    by_hand = client.create_model_version(MODEL_NAME, source=str(folder), run_id=run_id)
    with pytest.raises(RegistryError, match="not registered by Pointsman"):
        fetch(uri, str(by_hand.version), tmp_path / "place")
    client.delete_model_version(MODEL_NAME, by_hand.version)


@pytest.mark.parametrize("version", ["999999", "champion", "", "-1", "1 or 1=1"])
def test_a_version_that_is_not_there_is_unknown(uri: str, run_id: str, tmp_path: Path, version: str) -> None:
    with pytest.raises(UnknownVersionError, match="pointsman versions"):
        fetch(uri, version, tmp_path / "place")
    with pytest.raises(UnknownVersionError):
        mirror_alias(uri, version)


@pytest.fixture
def two(uri: str, run_id: str, folder: Path) -> Iterator[tuple[str, str]]:
    yield register(uri, run_id, folder), register(uri, run_id, folder)
    client = open_client(uri)
    client.delete_registered_model_alias(MODEL_NAME, "champion")
    client.delete_registered_model_tag(MODEL_NAME, "pointsman.mirrored.champion")


def test_the_alias_follows_the_journal(uri: str, two: tuple[str, str]) -> None:
    first, second = two
    told = mirror_alias(uri, first)
    assert (told.before, told.now, told.by_hand) == (None, first, False)
    told = mirror_alias(uri, second)
    assert (told.before, told.now, told.by_hand) == (first, second, False)
    assert not mirror_alias(uri, second).by_hand
    assert {one.version: one.aliases for one in versions(uri)}[second] == ("champion",)
    assert {one.version: one.aliases for one in versions(uri)}[first] == ()


def test_an_alias_moved_or_removed_by_hand_is_told_and_repaired(uri: str, two: tuple[str, str]) -> None:
    first, second = two
    mirror_alias(uri, first)
    client = open_client(uri)
    client.set_registered_model_alias(MODEL_NAME, "champion", second)
    told = mirror_alias(uri, first)
    assert (told.before, told.now, told.by_hand) == (second, first, True)
    client.delete_registered_model_alias(MODEL_NAME, "champion")
    told = mirror_alias(uri, first)
    assert (told.before, told.now, told.by_hand) == (None, first, True)
    assert str(client.get_model_version_by_alias(MODEL_NAME, "champion").version) == first


def test_another_process_mirrors_by_one_command(
    uri: str, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    from models.mirror import main

    first, second = two
    mirror_alias(uri, first)
    assert main(["--uri", uri, "--version", second]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "before": first, "by_hand": False}
    assert open_client(uri).get_model_version_by_alias(MODEL_NAME, "champion").version == int(second)
    assert main(["--uri", uri, "--version", "999"]) == 1
    assert "999" in json.loads(capsys.readouterr().out)["error"]


def test_another_process_fetches_by_one_command(uri: str, run_id: str, folder: Path, tmp_path: Path) -> None:
    version = register(uri, run_id, folder)
    command = [
        sys.executable,
        "-m",
        "models.fetch",
        "--uri",
        uri,
        "--version",
        version,
        "--to",
        str(tmp_path / "place"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=os.environ, cwd=Path(__file__).parents[3]
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"ok": True, "version": version, "folder": str(tmp_path / "place")}
    assert done.stderr == ""
    assert files(tmp_path / "place") == files(folder)


def test_a_fetch_that_fails_says_why_in_one_json_line(
    uri: str, run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch_main(["--uri", uri, "--version", "999999", "--to", str(tmp_path / "place")]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["ok"] is False
    assert "'999999'" in json.loads(line)["error"]
    assert json.loads(line)["kind"] == "UnknownVersionError"


def test_outside_a_checkout_the_commit_is_unknown(tmp_path: Path) -> None:
    assert read_commit(tmp_path) == UNKNOWN


def test_a_commit_says_whether_files_differ_from_it(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=desk", "-c", "user.email=desk@example.com"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "-m", "one")
    clean = read_commit(tmp_path)
    assert len(clean) == 40
    (tmp_path / "file").write_text("two")
    assert read_commit(tmp_path) == f"{clean}+changes"


def test_suspect_labels_are_in_the_journal_as_they_are_in_the_run(trained_home: Environment) -> None:
    engine = connect(trained_home.database_url)
    kept = open_suspects(engine, most=10_000)
    engine.dispose()
    listed = read_suspects(trained_home.mlflow_uri, "1")
    assert len(listed) > 0
    assert [(one.ticket_id, one.head, one.given, one.likely) for one in kept] == [
        (row["ticket_id"], row["head"], row["given"], row["likely"]) for row in listed
    ]
