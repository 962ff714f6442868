"""MLflow's registry: versions are put there, listed and fetched, and the champion's alias is mirrored.

A version is a folder of plain files and stays opaque here: its content is hashed when it is registered, and a copy
whose hash differs is refused. The journal decides which version is champion; the alias only repeats it. Knows neither
how a version was trained nor what its files say.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, Final

from desk.errors import DamagedVersionError, RegistryError, UnknownVersionError
from models.model_page import write_model_page
from models.registry_client import answering, is_absent, is_remote, open_client, shown

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run
    from mlflow.entities.model_registry import ModelVersion

__all__ = ["HISTORY_TAG", "MODEL_NAME", "MirroredAlias", "RegisteredVersion", "fetch", "history_of", "mirror_alias"]
__all__ += ["register", "replace_content", "versions"]

MODEL_NAME: Final = "pointsman"
"""The one registered model."""

FOLDER: Final = "version"
"""Where a version's files lie among the artifacts of its MLflow model; the `MLmodel` file stands beside it."""

LONGEST_DESCRIPTION: Final = 5_000
"""Characters that the registry takes for a version's description."""

LONGEST_NOTE: Final = 8_000
"""Characters that MLflow takes for a model's note."""

CONTENT_TAG: Final = "pointsman.content_sha256"
COMING_TAG: Final = "pointsman.content_sha256.coming"
"""While a version's files are being replaced: what they will hash to."""

HISTORY_TAG: Final = "pointsman.history"
"""Of a run: the digest of the history that it was trained on."""

MIRROR_TAG: Final = "pointsman.mirrored"


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version as the registry lists it. `content` is the SHA-256 of its files, None where others registered it."""

    version: str
    registered_at: datetime
    run_id: str | None
    description: str
    aliases: tuple[str, ...]
    content: str | None
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MirroredAlias:
    """What mirroring found and left. `by_hand` says that somebody had moved or removed the alias since."""

    alias: str
    before: str | None
    now: str
    by_hand: bool


def register(
    uri: str, run_id: str, folder: Path, *, description: str = "", tags: Mapping[str, str] | None = None
) -> str:
    """Upload the version in `folder` as a model of run `run_id`, register it, and return its number.

    description: markdown, shown on the version's page. The run's metrics and parameters are shown on the model's page
    too. Raises `RegistryError` where MLflow does not take it.
    """
    client = open_client(uri)
    with answering(uri, "register the version"):
        labelled = {**(tags or {}), CONTENT_TAG: content_hash(folder)}
        model = _upload(client, run_id, folder, description)
        _make_registered_model(client)
        made = client.create_model_version(
            MODEL_NAME,
            source=model.artifact_location,
            run_id=run_id,
            model_id=model.model_id,
            description=_shortened(description, LONGEST_DESCRIPTION),
            tags=labelled,
        )
        if not is_remote(uri):
            _name_the_version(client, model, made)
        return str(made.version)


def fetch(uri: str, version: str, to: Path) -> Path:
    """Download `version` to the folder `to`, which appears whole or not at all, replacing what was there.

    Raises `UnknownVersionError` where the registry has no such version, `DamagedVersionError` where its files are not
    those that were registered, and `RegistryError` where MLflow does not answer.
    """
    _, found = _find(uri, version)
    if CONTENT_TAG not in found.tags:
        raise RegistryError(
            f"Version {version} at {shown(uri)} was not registered by Pointsman: it has no tag {CONTENT_TAG!r}. "
            "Train or promote another version"
        )
    with answering(uri, f"fetch version {version}"), _replacing(to) as fresh:
        from mlflow.artifacts import download_artifacts

        download_artifacts(artifact_uri=f"{found.source}/{FOLDER}", dst_path=str(fresh), tracking_uri=uri)
        _check_content(fresh / FOLDER, found, version)
    return to


def replace_content(uri: str, version: str, change: Callable[[Path, Path], bool]) -> bool:
    """Let `change` make another folder of the version's files, which then takes their place; false where it made none.

    change: is given the folder that holds them and the one to make. Files must have the same names. Whoever fetches
    meanwhile gets the old ones or the new ones, or is told to come again. Raises as `fetch` does.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder, fresh = Path(scratch) / version, Path(scratch) / "fresh"
        fetch(uri, version, folder)
        if not change(folder, fresh):
            return False
        client, found = _find(uri, version)
        with answering(uri, f"replace the files of version {version}"):
            from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

            content = content_hash(fresh)
            client.set_model_version_tag(MODEL_NAME, version, COMING_TAG, content)
            artifacts: Any = get_artifact_repository(str(found.source), tracking_uri=uri)
            artifacts.log_artifacts(str(fresh), FOLDER)
            client.set_model_version_tag(MODEL_NAME, version, CONTENT_TAG, content)
            client.delete_model_version_tag(MODEL_NAME, version, COMING_TAG)
    return True


def history_of(uri: str, found: RegisteredVersion) -> str | None:
    """The digest of the history that a version was trained on, as its run says; None where there is no such run."""
    if found.run_id is None:
        return None
    client = open_client(uri)
    with answering(uri, f"find the run of version {found.version}"):
        from mlflow.exceptions import MlflowException

        try:
            return client.get_run(found.run_id).data.tags.get(HISTORY_TAG)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise


def versions(uri: str) -> list[RegisteredVersion]:
    """Every registered version, the newest first; none where there is no registry yet."""
    if is_absent(uri):
        return []
    client = open_client(uri)
    with answering(uri, "list its versions"):
        found = client.search_model_versions(f"name = '{MODEL_NAME}'")
        aliases = _aliases(client) if found else {}
        return sorted((_listed(one, aliases) for one in found), key=lambda one: -int(one.version))


def mirror_alias(uri: str, version: str, alias: str = "champion") -> MirroredAlias:
    """Let `alias` point to `version`, as the journal says, and tell whether somebody had moved it by hand.

    What was last mirrored is kept as a tag of the registered model: an alias that points elsewhere was moved by hand.
    Raises `UnknownVersionError` where the registry has no such version.
    """
    client, _ = _find(uri, version)
    with answering(uri, f"mirror the alias {alias!r}"):
        before = _aliases(client).get(alias)
        tag = f"{MIRROR_TAG}.{alias}"
        mirrored = client.get_registered_model(MODEL_NAME).tags.get(tag)
        if before != version:
            client.set_registered_model_alias(MODEL_NAME, alias, version)
        if mirrored != version:
            client.set_registered_model_tag(MODEL_NAME, tag, version)
        return MirroredAlias(alias, before, version, by_hand=before != mirrored)


def content_hash(folder: Path) -> str:
    """The SHA-256 over the sorted relative names and SHA-256s of every file in `folder`.

    Raises `DamagedVersionError` for anything that is not a plain file or folder (a link could lead anywhere).
    """
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise DamagedVersionError(f"A version consists of plain files, but {name!r} is none: fetch it again")
        if path.is_file():
            with path.open("rb") as file:
                whole.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


def _upload(client: "MlflowClient", run_id: str, folder: Path, description: str) -> "LoggedModel":
    """Make the run's MLflow model: the version's files, the `MLmodel` page, the run's figures."""
    from mlflow.entities import LoggedModelOutput

    run = client.get_run(run_id)
    model = client.create_logged_model(
        run.info.experiment_id,
        name=MODEL_NAME,
        source_run_id=run_id,
        model_type="support ticket triage",
        params=run.data.params,
        tags={"mlflow.note.content": _shortened(description, LONGEST_NOTE)},
    )
    with tempfile.TemporaryDirectory() as page:
        write_model_page(Path(page), model_id=model.model_id, run_id=run_id, files=FOLDER)
        client.log_model_artifacts(model.model_id, page)
    client.log_model_artifacts(model.model_id, str(folder), FOLDER)
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
    _repeat_figures(client, run, model.model_id)
    return client.finalize_logged_model(model.model_id, "READY")


def _repeat_figures(client: "MlflowClient", run: "Run", model_id: str) -> None:
    """Show the run's metrics as the model's too. MLflow takes them only through the run, where they stand once more."""
    from mlflow.entities import Metric

    data = [one.dataset for one in run.inputs.dataset_inputs][:1] if run.inputs else []
    on = {"dataset_name": data[0].name, "dataset_digest": data[0].digest} if data else {}
    now = int(time() * 1000)
    figures = [Metric(name, value, now, 0, model_id=model_id, **on) for name, value in run.data.metrics.items()]
    client.log_batch(run.info.run_id, metrics=figures)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _make_registered_model(client: "MlflowClient") -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(
            MODEL_NAME,
            description="Versions of Pointsman. The alias `champion` repeats which one the journal says is answering; "
            "moving it here changes nothing: use `pointsman promote`.",
        )
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _name_the_version(client: "MlflowClient", model: "LoggedModel", made: "ModelVersion") -> None:
    """Link the model's page to the registered version; an MLflow server does this itself."""
    from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS

    link = json.dumps([{"name": MODEL_NAME, "version": str(made.version)}])
    client.set_logged_model_tags(model.model_id, {MLFLOW_MODEL_VERSIONS: link})


def _find(uri: str, version: str) -> tuple["MlflowClient", "ModelVersion"]:
    unknown = UnknownVersionError(
        f"There is no version {version!r} at {shown(uri)}; `pointsman versions` lists those that there are"
    )
    if is_absent(uri) or not (version.isascii() and version.isdigit()):
        raise unknown
    client = open_client(uri)
    with answering(uri, f"find version {version}"):
        from mlflow.exceptions import MlflowException

        try:
            return client, client.get_model_version(MODEL_NAME, version)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                raise unknown from error
            raise


def _aliases(client: "MlflowClient") -> dict[str, str]:
    return {name: str(version) for name, version in client.get_registered_model(MODEL_NAME).aliases.items()}


def _listed(found: "ModelVersion", aliases: Mapping[str, str]) -> RegisteredVersion:
    return RegisteredVersion(
        version=str(found.version),
        registered_at=datetime.fromtimestamp(found.creation_timestamp / 1000, tz=UTC),
        run_id=found.run_id or None,
        description=found.description or "",
        aliases=tuple(sorted(name for name, version in aliases.items() if version == str(found.version))),
        content=found.tags.get(CONTENT_TAG),
        tags=dict(found.tags),
    )


def _check_content(folder: Path, registered: "ModelVersion", version: str) -> None:
    found, expected = content_hash(folder), registered.tags[CONTENT_TAG]
    coming = registered.tags.get(COMING_TAG)
    if found not in (expected, coming):
        if coming is not None:
            raise RegistryError(f"The files of version {version} are being replaced; try again")
        raise DamagedVersionError(
            f"The files of version {version} are not those that were registered: SHA-256 {expected[:12]}… was "
            f"expected, {found[:12]}… came. Restore the registry's artifacts, or promote another version"
        )


@contextmanager
def _replacing(to: Path) -> Iterator[Path]:
    """A fresh folder beside `to`; what is in its sub-folder `version` at the end takes the place of `to` at once."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{to.name}-", dir=to.parent) as aside:
        yield Path(aside)
        if to.exists():
            to.rename(Path(aside) / "replaced")
        (Path(aside) / FOLDER).rename(to)
