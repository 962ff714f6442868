"""Where the story's parts are kept, brought together: the version, its history, its run, the journal.

What is not at hand is left out, never made up. Knows neither how the story is told nor a screen.
"""

from datetime import datetime

from sqlalchemy import Engine

from desk.errors import HistoryError, PointsmanError, RegistryError
from desk.outcome import ResolvedTicket
from desk.taxonomy import Taxonomy
from desk.taxonomy_setting import demands_today
from journal.decided import demands_in, fallbacks_in, holdback_in, taxonomy_in
from journal.environment import Environment
from journal.histories import find_history
from journal.promotions import promotions
from journal.watch_reports import last_report
from models.coverage import contracted
from models.queue_names import names_of
from models.storage import load_version
from models.terms import version_terms
from models.version import Version
from training.gathering.said import said_of
from training.golden_set import parted, read_golden_rule
from training.histories.read_through import through
from training.histories.store import load_history
from training.progress import Progress
from training.put_right import with_right_labels
from training.runs.left_behind import LeftBehind, read_left_behind
from training.story.changed import GateStory, gate_story
from training.story.second_look import second_look
from training.story.story import Material, Story, VersionBefore, WatchStory, tell_story
from training.story.transfers import MINUTES_PER_TRANSFER
from training.watch.held_back import worth_of

__all__ = ["material_of", "story_of"]


def story_of(
    environment: Environment,
    engine: Engine,
    version: Version,
    *,
    at: datetime,
    progress: Progress,
    minutes: float = MINUTES_PER_TRANSFER,
) -> Story:
    """The story of `version` by what is known at `at`; minutes: of people's work, that one transfer is taken to cost.

    Raises `SettingError` where a setting cannot be read, `JournalUnavailableError`.
    """
    return tell_story(material_of(environment, engine, version, at=at, progress=progress, minutes=minutes))


def material_of(
    environment: Environment,
    engine: Engine,
    version: Version,
    *,
    at: datetime,
    progress: Progress,
    minutes: float = MINUTES_PER_TRANSFER,
) -> Material:
    """Everything that the story of `version` is told from. Raises as `story_of` does."""
    tenant = environment.tenant
    taxonomy = taxonomy_in(engine, tenant).as_of(at)
    demands, fallbacks = demands_in(engine, tenant), fallbacks_in(engine, tenant)
    today = contracted(version, taxonomy)
    progress.stage("Reading the history of the version", 1)
    said = said_of(engine, tenant, (), taxonomy)
    rows, golden = (
        None if part is None else tuple(with_right_labels(part, said.put_right))
        for part in _history(environment, engine, version, taxonomy)
    )
    progress.step()
    progress.stage("Asking the version about tickets that taught nobody", 1)
    terms = version_terms(version, demands, taxonomy=taxonomy, fallbacks=fallbacks)
    second = second_look(version, golden or (), terms, names_of(version, taxonomy))
    progress.step()
    run = _run(environment, version)
    return Material(
        version=version.name,
        at=at,
        about=version.about,
        evidence=today.evidence,
        labels={head: model.labels for head, model in today.heads.items()},
        demands=demands_today(demands, taxonomy),
        fallen=fallbacks.of(version.name),
        holdback=holdback_in(engine, tenant),
        rows=rows,
        second=second,
        worth={one.head: one for one in worth_of(said.tickets.values()) if one.held_back},
        mix_ups=run.mix_ups,
        before=_before(environment, engine, version.name, taxonomy),
        gate=_gate(run),
        watched=_watched(engine, version.name, tenant),
        minutes=minutes,
    )


def _history(
    environment: Environment, engine: Engine, version: Version, taxonomy: Taxonomy
) -> tuple[tuple[ResolvedTicket, ...] | None, tuple[ResolvedTicket, ...]]:
    """The rows of the version's history, None where it is not on this machine, and those of its golden set."""
    registered = find_history(engine, str(version.about.get("history")), environment.tenant)
    if registered is None:
        return None, ()
    try:
        mine = through(load_history(environment.home / registered.path), taxonomy)
        if registered.source == "given" or registered.golden is None:
            return mine.rows, tuple(parted(mine.rows, read_golden_rule(registered.golden))[1])
        base = find_history(engine, str(registered.golden["of"]), environment.tenant)
        if base is None:
            return mine.rows, ()
        given = through(load_history(environment.home / base.path), taxonomy)
    except HistoryError:
        return None, ()
    return mine.rows, tuple(parted(given.rows, read_golden_rule(registered.golden))[1])


def _run(environment: Environment, version: Version) -> LeftBehind:
    """What the version's run holds; nothing where MLflow is away."""
    try:
        return read_left_behind(environment.mlflow_uri, str(version.about["run_id"]))
    except (RegistryError, KeyError):
        return LeftBehind()


def _gate(run: LeftBehind) -> GateStory | None:
    if run.outcome is None or run.against is None or run.gate is None:
        return None
    return gate_story(run.against, run.outcome, run.gate)


def _before(environment: Environment, engine: Engine, name: str, taxonomy: Taxonomy) -> VersionBefore | None:
    """The version that answered before this one, or answers now where this one never did; None where none is here."""
    held = [one.version for one in promotions(engine, environment.tenant)]
    earlier = held[: held.index(name)] if name in held else held
    before = next((one for one in reversed(earlier) if one != name), None)
    if before is None or not (environment.versions / before).is_dir():
        return None
    try:
        found = contracted(load_version(environment.versions / before), taxonomy)
    except PointsmanError:
        return None  # too old for this build, or damaged: there is nothing to compare with
    labels = found.heads["queue"].labels if "queue" in found.heads else ()
    return VersionBefore(before, found.evidence, labels)


def _watched(engine: Engine, name: str, tenant: str) -> WatchStory | None:
    found = last_report(engine, tenant)
    if found is None or found.version != name:
        return None
    figures = found.figures
    breaches = int(figures.get("contracts/in_breach", 0))
    changes = len(found.report.get("reasons", ())) - breaches
    return WatchStory(found.at, int(figures.get("drift/tickets", 0)), max(changes, 0), breaches)
