"""The meaning that a version carries, on disk: a token table, or an ONNX encoder, each with its tokenizer.

Beside it stand probes: a few fixed sentences, none of a ticket, with the vectors that they had when the version was
made, so that a copy elsewhere can be tried. Knows not how a meaning is learned.
"""

import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError
from features.meaning.meaning import Meaning, Vector
from features.meaning.onnx_encoder import OnnxEncoder, open_encoder
from features.meaning.static_table import StaticTable
from features.meaning.tokens import parse_tokenizer
from models.shelf import Shelf, save_array, save_json

__all__ = ["read_meaning", "try_meaning", "write_meaning"]

ABOUT: Final = "meaning.json"
TOKENIZER: Final = "meaning.tokenizer.json"
ROWS: Final = "meaning.rows.npy"
SCALES: Final = "meaning.scales.npy"
ENCODER: Final = "meaning.encoder.onnx"
PROBES: Final = "meaning.probes.npy"

_SENTENCES: Final = (
    "The VPN connection drops every few minutes.",
    "I was charged twice, please refund one of the payments.",
    "Passwort vergessen, Konto gesperrt",
    "printer",
)
_LEAST_COSINE: Final = 0.98  # int8 kernels of another processor round otherwise; a damaged table is off by far more


def write_meaning(folder: Path, meaning: Meaning) -> None:
    """Write `meaning`, a `StaticTable` or an `OnnxEncoder`, and its probes into `folder`."""
    about: dict[str, Any] = {"name": meaning.name}
    match meaning:
        case StaticTable():
            about["kind"] = "static"
            save_array(folder, ROWS, meaning.rows)
            save_array(folder, SCALES, meaning.scales)
            tokenizer = meaning.tokenizer
        case OnnxEncoder():
            about |= {"kind": "onnx", "prefix": meaning.prefix}
            shutil.copyfile(meaning.path, folder / ENCODER)
            tokenizer = meaning.tokenizer
        case _:
            raise TypeError(f"A version carries a StaticTable or an OnnxEncoder, not {type(meaning).__name__}.")
    (folder / TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")
    save_json(folder, ABOUT, about)
    save_array(folder, PROBES, _probes(meaning))


def read_meaning(shelf: Shelf) -> Meaning | None:
    """The meaning on the shelf, or None for a version without one. Raises `DamagedVersionError`."""
    if not any(name.startswith("meaning.") for name in shelf.files):
        return None
    about = shelf.json(ABOUT)
    tokenizer = shelf.text(TOKENIZER)
    try:
        return _read(shelf, about["kind"], str(about["name"]), about, tokenizer)
    except DamagedVersionError:
        raise
    except Exception as error:  # onnxruntime and the tokenizer raise what they like
        raise DamagedVersionError(f"The meaning of version {shelf.folder.name!r} cannot be read ({error}).") from error


def try_meaning(shelf: Shelf, meaning: Meaning) -> None:
    """Embed the probes again. Raises `DamagedVersionError` where a vector is far from the one recorded.

    A damaged encoder may kill the process instead: call this only in one that may die.
    """
    wanted = shelf.array(PROBES, np.float32, (len(_SENTENCES), meaning.dimensions))
    found = _probes(meaning)
    # Nought belongs beside nought: a table may know no token of a probe.
    near = np.einsum("ij,ij->i", wanted, found) + ((wanted == 0).all(axis=1) & (found == 0).all(axis=1))
    if not (near >= _LEAST_COSINE).all():
        raise DamagedVersionError(
            f"The meaning of version {shelf.folder.name!r} differs from when it was made: a probe's cosine is "
            f"{near.min():.3f}, expected {_LEAST_COSINE} or more."
        )


def _read(shelf: Shelf, kind: object, name: str, about: dict[str, Any], tokenizer: str) -> Meaning:
    match kind:
        case "static":
            return _table(shelf, name, tokenizer)
        case "onnx":
            return open_encoder(name, shelf.path(ENCODER), tokenizer, str(about["prefix"]))
    raise DamagedVersionError(f"Version {shelf.folder.name!r} has a meaning of kind {kind!r}: static or onnx expected.")


def _table(shelf: Shelf, name: str, text: str) -> StaticTable:
    scales: Vector = shelf.array(SCALES, np.float32, (None,))
    rows: NDArray[np.int8] = shelf.array(ROWS, np.int8, (len(scales), None))
    tokenizer = parse_tokenizer(text)
    tokens = tokenizer.get_vocab_size()
    if tokens > len(scales):
        raise DamagedVersionError(f"The tokenizer knows {tokens} tokens and {ROWS!r} has {len(scales)} rows.")
    if not np.isfinite(scales).all():
        raise DamagedVersionError(f"{SCALES!r} holds numbers that are not finite.")
    return StaticTable(name, rows, scales, tokenizer)


def _probes(meaning: Meaning) -> NDArray[np.float32]:
    return np.array([meaning.embed(sentence) for sentence in _SENTENCES], dtype=np.float32)
