"""A person's tickets out of the versions that were trained on them, on this machine and in MLflow.

What a version learned stays learned: it is listed, and a training without the person replaces it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desk.errors import VersionError
from models.erasing import Erased, Gone, copy_without, rows_of
from models.manifest import read_manifest
from models.registry import RegisteredVersion, history_of, replace_content, versions
from models.swapping import replacing
from training.forgetting.erasing import Erasing
from training.forgetting.runs import erase_from_runs
from training.histories.erasing import FoundRows

__all__ = ["FromVersions", "erase_from_versions"]


@dataclass(frozen=True, slots=True)
class FromVersions:
    """What went from similar-ticket indexes, golden rows and named facts here, and from versions and runs in MLflow.

    trained: the versions that were trained on the person.
    """

    similar: int
    golden: int
    facts: int
    registered: int
    runs: int
    trained: tuple[str, ...]


def erase_from_versions(erasing: Erasing, found: FoundRows) -> FromVersions:
    """Erase them from every version whose history holds them, or is not kept any more."""
    ids = erasing.known | {row.ticket.id for row in found.theirs}
    theirs, facts, names = [row.ticket for row in found.theirs], frozenset(found.facts), frozenset(found.names)
    gone = Gone(frozenset(ids), theirs, found.others, facts, names, erasing.person.has)
    trained: set[str] = set()
    local = list(_erased_here(erasing, found, gone, trained))
    registered = runs = 0
    with erasing.noting("MLflow could not be reached or changed: try again when it answers"):
        registered = _erase_registered(erasing, found, gone, trained)
        runs = erase_from_runs(erasing, ids, lambda history: _may_hold(found, gone, history))
    by_number = tuple(sorted(trained, key=lambda name: (len(name), name)))
    similar, golden, unnamed = (sum(getattr(one, kind) for one in local) for kind in ("similar", "golden", "facts"))
    return FromVersions(similar, golden, unnamed, registered, runs, by_number)


def _erased_here(erasing: Erasing, found: FoundRows, gone: Gone, trained: set[str]) -> Iterator[Erased]:
    folders = [one for one in sorted(erasing.environment.versions.glob("[!.]*")) if one.is_dir()]
    erasing.progress.stage("Versions on this machine", len(folders))
    for folder in folders:
        history = _history_in(folder)
        if history in found.histories:
            trained.add(folder.name)
        if _may_hold(found, gone, history):
            with erasing.noting(f"version {folder.name} on this machine cannot be read: delete its folder"):
                yield rows_of(folder, gone) if erasing.dry_run else _swap(folder, gone)
        erasing.progress.step()


def _swap(folder: Path, gone: Gone) -> Erased:
    with replacing(folder) as fresh:
        return copy_without(folder, fresh, gone)


def _erase_registered(erasing: Erasing, found: FoundRows, gone: Gone, trained: set[str]) -> int:
    uri, rows = erasing.environment.mlflow_uri, 0
    listed = versions(uri)
    erasing.progress.stage("Versions in MLflow", len(listed))
    for one in listed:
        history = history_of(uri, one)
        if history in found.histories:
            trained.add(one.version)
        if one.content is not None and _may_hold(found, gone, history):
            rows += _erase_registered_one(erasing, one, gone)
        erasing.progress.step()
    return rows


def _erase_registered_one(erasing: Erasing, version: RegisteredVersion, gone: Gone) -> int:
    erased: list[Erased] = []

    def change(folder: Path, fresh: Path) -> bool:
        erased.append(rows_of(folder, gone) if erasing.dry_run else copy_without(folder, fresh, gone))
        return fresh.exists()

    replace_content(erasing.environment.mlflow_uri, version.version, change)
    return sum(one.similar for one in erased)


def _may_hold(found: FoundRows, gone: Gone, history: str | None) -> bool:
    """Of a history that is kept it is known; for one that is not, the tickets that the journal knew are looked for."""
    return history in found.histories or (history not in found.rows and bool(gone.ids))


def _history_in(folder: Path) -> str | None:
    try:
        digest = read_manifest(folder)["about"].get("history")
    except VersionError:
        return None
    return digest if isinstance(digest, str) else None
