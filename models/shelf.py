"""The files of a version's folder, opened by name once their hashes are known to be right.

Arrays are .npy read without pickle and mapped into memory, so that processes share them; the rest is JSON or text. Each
part of a version writes and reads its own files through here. Knows neither the manifest nor what the files mean.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError

__all__ = ["Shelf", "save_array", "save_json"]

_SMALLEST_MAPPED: Final = 4096  # bytes: mapping less than a page gains nothing, and an empty array cannot be mapped


@dataclass(frozen=True, slots=True)
class Shelf:
    """folder: where the version lies. files: what its manifest names, with the SHA-256 of each, all checked."""

    folder: Path
    files: Mapping[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def path(self, name: str) -> Path:
        """The path of `name`. Raises `DamagedVersionError` where the manifest does not name it."""
        if name not in self.files:
            raise DamagedVersionError(f"The manifest of {self.folder.name!r} does not name {name!r}.")
        return self.folder / name

    def array(self, name: str, kind: type[np.generic], shape: tuple[int | None, ...]) -> NDArray[Any]:
        """The array in `name`, mapped into memory, of this type and shape (None: any length)."""
        path = self.path(name)
        array = _mapped(path) if path.stat().st_size > _SMALLEST_MAPPED else _held(path)
        fits = len(array.shape) == len(shape) and all(
            want in (None, have) for want, have in zip(shape, array.shape, strict=True)
        )
        if array.dtype != kind or not fits:
            raise DamagedVersionError(f"{name!r} is {array.dtype}{array.shape}, expected {kind.__name__}{shape}.")
        return np.asarray(array)

    def json(self, name: str) -> Any:
        """The value in the JSON file `name`."""
        return json.loads(self.path(name).read_bytes())

    def text(self, name: str) -> str:
        """The text in `name`."""
        return self.path(name).read_text(encoding="utf-8")


def save_array(folder: Path, name: str, array: NDArray[Any]) -> None:
    """Write an array as .npy; raises `ValueError` for one of objects, which only pickle could hold."""
    np.save(folder / name, array, allow_pickle=False)


def save_json(folder: Path, name: str, value: Any) -> None:
    """Write a JSON value."""
    (folder / name).write_text(json.dumps(value) + "\n", encoding="utf-8")


def _mapped(path: Path) -> NDArray[Any]:
    return np.lib.format.open_memmap(path, mode="r")


def _held(path: Path) -> NDArray[Any]:
    with path.open("rb") as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
        return array
