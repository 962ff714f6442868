"""The gate's judgement in a version's MLflow run: what was compared, what came of it, in words.

Knows MLflow's runs, neither how the judgement came about nor who promotes.
"""

import json
import math
import tempfile
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Final

from desk.gate import Judgement
from desk.gate_evidence import GateEvidence
from models.registry_client import answering, open_client
from training.gate.pictures import differences
from training.runs.naming import NOTE_TAG
from training.runs.page import gate_verdict, unasked_verdict
from training.runs.sections import GO_LIVE, with_section
from training.runs.writing import write_picture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflow import MlflowClient
    from mlflow.entities import Run

__all__ = ["GATE_TAG", "JOB_TAG", "end_orphans", "gate_page", "record_judgement", "record_unasked"]

GATE_TAG: Final = "pointsman.gate"
"""Of a run: `promoted`, `refused`, or what else became of the challenger."""

JOB_TAG: Final = "pointsman.job"
"""Of a run and of a version: the job that made it."""

_LONGEST_TAG: Final = 4_900
_LONGEST_NOTE: Final = 8_000


def record_judgement(
    uri: str, run_id: str, champion: str, evidence: GateEvidence, judgement: Judgement, outcome: str
) -> None:
    """Write the judgement into the challenger's run: on top of its page, as files, figures, tags.

    Raises `RegistryError`.
    """
    from mlflow.entities import Metric

    client = open_client(uri)
    now = int(time() * 1000)
    metrics = [
        Metric(f"gate.{one.on}/{one.head}.{one.name}", round(one.challenger - one.champion, 5), now, 0)
        for one in evidence.figures
        if not one.where and not math.isnan(one.challenger - one.champion)
    ]
    with answering(uri, "record the judgement"):
        client.log_batch(run_id, metrics=metrics)
        client.set_tag(run_id, GATE_TAG, outcome)
        client.set_tag(run_id, f"{GATE_TAG}.against", champion)
        client.set_tag(run_id, f"{GATE_TAG}.reasons", "; ".join(judgement.reasons)[:_LONGEST_TAG])
        _say(client, run_id, gate_verdict(champion, evidence, judgement, outcome))
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "gate.md").write_text(gate_page(champion, evidence, judgement, outcome), encoding="utf-8")
            (Path(folder) / "gate.json").write_text(json.dumps(evidence.to_json(), indent=2), encoding="utf-8")
            write_picture(Path(folder) / "gate.png", lambda: differences(champion, evidence))
            client.log_artifacts(run_id, folder)


def record_unasked(uri: str, run_id: str, reason: str) -> None:
    """Say in its run that a version is promoted without the gate, and why. Raises `RegistryError`."""
    client = open_client(uri)
    with answering(uri, "say why the version is promoted"):
        client.set_tag(run_id, GATE_TAG, "promoted")
        _say(client, run_id, unasked_verdict(reason))


def _say(client: "MlflowClient", run_id: str, verdict: tuple[str, str]) -> None:
    """Let the run's first page begin with the verdict."""
    answer, grounds = verdict
    page = client.get_run(run_id).data.tags.get(NOTE_TAG, "")
    client.set_tag(run_id, NOTE_TAG, with_section(page, GO_LIVE, grounds, answer)[:_LONGEST_NOTE])


def end_orphans(uri: str, job: str) -> list[str]:
    """Mark runs of a job that died as killed, and return their ids."""
    client = open_client(uri)
    with answering(uri, "look for runs of a job that died"):
        ended = []
        for run in _runs(client, job):
            if run.info.status == "RUNNING":
                client.set_terminated(run.info.run_id, "KILLED")
                ended.append(str(run.info.run_id))
    return ended


def _runs(client: "MlflowClient", job: str) -> "Iterable[Run]":
    experiments = [one.experiment_id for one in client.search_experiments()]
    return client.search_runs(experiments, filter_string=f"tags.`{JOB_TAG}` = '{job}'")


def gate_page(champion: str, evidence: GateEvidence, judgement: Judgement, outcome: str) -> str:
    """The judgement as a page of markdown."""
    lines = [f"# The gate: {outcome}, against version {champion}", ""]
    lines += [f"- {reason}" for reason in judgement.reasons]
    lines += [f"- let pass: {note}" for note in judgement.notes]
    rows = ", ".join(f"{count:,} {name}" for name, count in evidence.rows.items())
    lines += ["", f"Rows: {rows}. Differences are challenger minus champion, with their intervals.", ""]
    lines += [
        "| on | head | figure | rows | champion | challenger | difference | from | to |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in evidence.figures:
        name = f"{one.name}, {one.where}" if one.where else one.name
        numbers = (one.champion, one.challenger, one.challenger - one.champion, one.low, one.high)
        cells = " | ".join(f"{number:.3f}" for number in numbers)
        lines.append(f"| {one.on} | {one.head} | {name} | {one.rows:,} | {cells} |")
    for head, changed in evidence.changed.items():
        lines += ["", f"Of {changed.tickets:,} recent tickets {changed.share:.1%} get another {head}."]
    (before, now), (small, large) = evidence.milliseconds, evidence.megabytes
    lines += [
        "",
        f"One ticket takes {before:.2f} ms and {now:.2f} ms, the versions have {small:.1f} and {large:.1f} MB.",
    ]
    return "\n".join(lines) + "\n"
