"""One challenger before the gate: champion and rows put together, the judgement made and written into its run.

Knows neither jobs nor promotions.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from desk.errors import HistoryError
from desk.gate import Judgement, judged
from desk.gate_evidence import GateEvidence
from desk.gate_policy import GATE_SETTING, read_gate_policy
from desk.heads import Head
from desk.outcome import ResolvedTicket
from desk.taxonomy import Taxonomy
from desk.ticket_json import ticket_in
from journal.answered import newest_tickets
from journal.decided import demands_in, taxonomy_in
from journal.environment import Environment
from journal.histories import find_history
from journal.settings import get_setting
from training.gate.contestants import contestant
from training.gate.gate import RECENT, Contest, Contestant, contested
from training.gate.understudies import read_understudies
from training.gathering.gathering import FairLabels
from training.golden_set import parted, read_golden_rule
from training.histories.history import History
from training.histories.read_through import through
from training.histories.store import load_history
from training.progress import Progress
from training.retraining.material import material
from training.taught import Labels, newest_rows, taught

__all__ = ["Judged", "compare", "judge_challenger", "judged_by_policy", "read_fair", "write_fair"]

_FAIR: Final = "fair.json"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate found, and what follows."""

    evidence: GateEvidence
    judgement: Judgement


def judge_challenger(
    environment: Environment,
    engine: Engine,
    *,
    champion: str,
    challenger: str,
    left: Path,
    at: datetime,
    progress: Progress,
) -> Judged:
    """Judge a challenger that a job has made against the champion.

    left: the job's folder, with what the challenger's understudies said. at: when, for what queues are called. Raises
    `SettingError`, `RegistryError`, `VersionError`, and `HistoryError` where a history is not on this machine.
    """
    first, second = contestant(environment, champion), contestant(environment, challenger)
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(at)
    history, golden = _rows(environment, engine, second, taxonomy)
    understudies, fair = read_understudies(left), read_fair(left)
    known, own = taught(environment, engine, first.version, taxonomy), set(understudies.ids)
    newest = [row for row in newest_rows(history.rows, known) if row.ticket.id in own]
    golden = [row for row in golden if row.ticket.id not in known.labels]
    learned = {*known.labels, *(row.ticket.id for row in history.rows)}
    contest = _contest(environment, engine, golden, newest, fair, history.known_priority_order, learned)
    contest = replace(contest, taxonomy=taxonomy)
    return judged_by_policy(environment, engine, contested(contest, first, second, understudies, progress))


def compare(
    environment: Environment,
    engine: Engine,
    first: Contestant,
    second: Contestant,
    *,
    at: datetime,
    progress: Progress,
) -> Judged:
    """Two versions on what is known now and taught neither, and what the gate would say of the second.

    Raises `SettingError`, and `HistoryError` where a history is not on this machine: then no ticket is known to be new.
    """
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(at)
    found = material(environment, engine, at)
    known = [_learned_by(one, environment, engine, taxonomy) for one in (first, second)]
    unknown = [row for row in found.rows if all(row.ticket.id not in labels for labels in known)]
    golden = [row for row in found.found.golden if all(row.ticket.id not in labels for labels in known)]
    order = found.found.history.known_priority_order
    learned = {name for labels in known for name in labels}
    contest = _contest(environment, engine, golden, unknown, found.found.fair, order, learned)
    contest = replace(contest, taxonomy=taxonomy)
    return judged_by_policy(environment, engine, contested(contest, first, second, None, progress))


def _learned_by(one: Contestant, environment: Environment, engine: Engine, taxonomy: Taxonomy) -> Labels:
    found = taught(environment, engine, one.version, taxonomy)
    if not found.is_known:
        raise HistoryError(
            f"What version {one.version.name} learned from is not kept here any more, so no ticket can be shown to be "
            "new to it. Compare versions of the last trainings, or do it on the machine that trained them."
        )
    return found.labels


def _contest(
    environment: Environment,
    engine: Engine,
    golden: Sequence[ResolvedTicket],
    newest: Sequence[ResolvedTicket],
    fair: FairLabels,
    priority_order: Sequence[str],
    learned: Collection[str],
) -> Contest:
    """learned: ids of tickets that taught either."""
    apart = {*learned, *(row.ticket.id for row in (*golden, *newest))}
    recent = [ticket_in(one) for one in newest_tickets(engine, RECENT, environment.tenant)]
    return Contest(
        golden=golden,
        newest=newest,
        recent=[ticket for ticket in recent if ticket.id not in apart],
        demands=demands_in(engine, environment.tenant),
        fair=fair,
        priority_order=priority_order,
    )


def judged_by_policy(environment: Environment, engine: Engine, evidence: GateEvidence) -> Judged:
    """What follows from the evidence by the desk's setting. Raises `SettingError`, `JournalUnavailableError`."""
    policy = get_setting(engine, GATE_SETTING, environment.tenant)
    return Judged(evidence, judged(evidence, read_gate_policy(None if policy is None else policy.value)))


def write_fair(fair: FairLabels, folder: Path) -> None:
    """Keep for the judgement by which labels it compares, where these are not the rows' own."""
    (folder / _FAIR).write_text(json.dumps(fair), encoding="utf-8")


def read_fair(folder: Path) -> FairLabels:
    """What `write_fair` kept. Raises OSError or ValueError."""
    told: dict[Head, dict[str, str | None]] = json.loads((folder / _FAIR).read_text(encoding="utf-8"))
    return told


def _rows(
    environment: Environment, engine: Engine, challenger: Contestant, taxonomy: Taxonomy
) -> tuple[History, Sequence[ResolvedTicket]]:
    """The challenger's history, and the golden set that it never learned from."""
    registered = find_history(engine, challenger.version.about["history"], environment.tenant)
    if registered is None:
        return History((), "", {}, (), "", ()), ()
    history = load_history(environment.home / registered.path)
    if registered.source == "given" or registered.golden is None:
        return history, ()
    base = find_history(engine, str(registered.golden["of"]), environment.tenant)
    if base is None:
        return history, ()
    given = through(load_history(environment.home / base.path), taxonomy)
    return through(history, taxonomy), parted(given.rows, read_golden_rule(registered.golden))[1]
