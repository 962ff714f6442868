"""A version on disk: a folder of data, and a manifest that says what each file's bytes hash to.

Nothing here can run code: arrays are .npy read without pickle and mapped into memory, so that processes share them;
trees are LightGBM's text; the rest is JSON. Every hash is checked before its file is parsed.

When what is written changes, or how `features` encodes a ticket, raise `FORMAT` in `models.manifest` and say in
`load_version` what becomes of older folders: a version of an older format either loads with the same answers or is
refused with `UnsupportedFormatError`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import DamagedVersionError, VersionError
from desk.heads import HEADS, RISK_HEADS, Head
from features.columns import Columns
from features.encoding import Encoder
from features.vocabulary import Vocabulary
from models.evidence import read_evidence, write_evidence
from models.factors import read_factors, write_factors
from models.growth import read_growth, write_growth
from models.heads import Blend, HeadModel
from models.linear import Linear
from models.manifest import FORMAT, MANIFEST, check_hashes, hash_of, read_manifest
from models.meaning import read_meaning, write_meaning
from models.novelty import read_novelty, write_novelty
from models.sense import read_sense, write_sense
from models.shelf import Shelf, save_array, save_json
from models.similar import read_similar, vector_length, write_similar
from models.trees import Trees, check_trees
from models.version import Version

__all__ = ["load_version", "read_golden", "write_version"]

_ADDED_LATER: Final = {"sureness": 1.0, "scatter": 0.0, "familiar": 0.0}  # of a blend, and what they are in one without
GOLDEN: Final = "golden.json"
_WORDS: Final = "words.json"


def write_version(version: Version, folder: Path, golden: Sequence[Mapping[str, Any]]) -> None:
    """Write `version` and its golden rows (`models.golden`) into `folder`, which must not exist.

    The version's name is not written: it is the number that the registry gives it, and the folder's name.
    """
    folder.mkdir(parents=True)
    encoder, linear = version.encoder, version.linear
    arrays: dict[str, NDArray[Any]] = {
        "words.hashes.npy": encoder.words.hashes,
        "words.rarity.npy": encoder.words.rarity,
        "runs.hashes.npy": encoder.runs.hashes,
        "runs.rarity.npy": encoder.runs.rarity,
        "linear.weights.npy": linear.weights,
        "linear.intercepts.npy": linear.intercepts,
    }
    if encoder.meaning is not None and version.sense is not None:
        write_meaning(folder, encoder.meaning)
        write_sense(folder, version.sense)
    for name, array in arrays.items():
        save_array(folder, name, array)
    columns = {"values": encoder.columns.values, "numbers": encoder.columns.numbers}
    save_json(folder, "columns.json", columns)
    in_hash_order = encoder.words.in_hash_order
    save_json(folder, _WORDS, {"least_known": encoder.least_known, "in_hash_order": in_hash_order})
    save_json(folder, "heads.json", {head: _describe(model) for head, model in version.heads.items()})
    save_json(folder, GOLDEN, golden)
    write_novelty(folder, version.novelty)
    write_factors(folder, version.factors, encoder.width)
    for head, model in version.heads.items():
        if model.trees is not None:
            (folder / f"{head}.trees.txt").write_text(model.trees.text, encoding="utf-8")
            if len(model.tree_words):
                save_array(folder, f"{head}.words.npy", model.tree_words)
        if model.growth is not None:
            write_growth(folder, head, model.growth)
    write_evidence(folder, version.evidence)
    if version.similar is not None:
        write_similar(folder, version.similar)
    files = {path.name: hash_of(path) for path in sorted(folder.iterdir())}
    save_json(folder, MANIFEST, {"format": FORMAT, "files": files, "about": version.about})


def load_version(folder: Path, name: str | None = None, checked: Mapping[str, Any] | None = None) -> Version:
    """Load the version in `folder`; its name is the folder's unless given.

    checked: its manifest, from `check_hashes`, where somebody has called that a moment ago. Raises
    `DamagedVersionError` or `UnsupportedFormatError`; nothing is parsed before its hash is checked.
    """
    manifest = check_hashes(folder) if checked is None else checked
    try:
        return _assemble(folder, manifest, name or folder.name)
    except VersionError:
        raise
    except Exception as error:  # parsers raise anything at a file whose hash is right and whose content is not
        raise DamagedVersionError(f"The version in {folder.name!r} does not fit together ({error!r}).") from error


def read_golden(folder: Path) -> list[dict[str, Any]]:
    """The golden rows of a version whose hashes have been checked."""
    rows = Shelf(folder, read_manifest(folder)["files"]).json(GOLDEN)
    if not isinstance(rows, list):
        raise DamagedVersionError(f"{GOLDEN!r} of version {folder.name!r} holds no list: fetch it again.")
    return rows


def _assemble(folder: Path, manifest: Mapping[str, Any], name: str) -> Version:
    shelf = Shelf(folder, manifest["files"])
    columns = shelf.json("columns.json")
    least_known, in_hash_order = _words(shelf)
    encoder = Encoder(
        words=_vocabulary(shelf, "words", in_hash_order=in_hash_order),
        runs=_vocabulary(shelf, "runs", in_hash_order=in_hash_order),
        columns=Columns(
            {fact: tuple(map(str, values)) for fact, values in columns["values"].items()},
            tuple(map(str, columns["numbers"])),
        ),
        meaning=read_meaning(shelf),
        least_known=least_known,
    )
    intercepts = shelf.array("linear.intercepts.npy", np.float64, (None,))
    shape = (encoder.width, len(intercepts))
    linear = Linear(shelf.array("linear.weights.npy", np.float32, shape), intercepts)
    heads = {}
    for head, described in shelf.json("heads.json").items():
        if head not in HEADS:
            raise DamagedVersionError(f"Version {folder.name!r} has an unknown head {head!r}.")
        start, stop = described["columns"]
        words = _tree_words(shelf, head, len(encoder.words))
        inputs = len(encoder.number_names) + (len(words) or stop - start)
        trees = _trees(shelf, head, inputs, stop - start)
        growth = read_growth(shelf, head) if head in RISK_HEADS else None
        heads[head] = replace(_head(head, described, len(intercepts)), trees=trees, tree_words=words, growth=growth)
    return Version(
        name,
        encoder,
        linear,
        heads,
        manifest["about"],
        sense=None if encoder.meaning is None else read_sense(shelf, encoder.meaning.dimensions, len(intercepts)),
        novelty=read_novelty(shelf, 0 if encoder.meaning is None else encoder.meaning.dimensions),
        factors=read_factors(shelf, encoder.width),
        evidence=read_evidence(shelf),
        similar=read_similar(shelf, vector_length(encoder.meaning), meant=encoder.meaning is not None),
    )


def _words(shelf: Shelf) -> tuple[float, bool]:
    """The share of its words that must be known of a ticket, and whether n-grams stand in the order of their hashes."""
    about = shelf.json(_WORDS)
    share, in_hash_order = float(about["least_known"]), about.get("in_hash_order", True)
    if not 0 <= share <= 1 or not isinstance(in_hash_order, bool):
        raise DamagedVersionError(f"{_WORDS!r} of version {shelf.folder.name!r} holds no share: fetch it again.")
    return share, in_hash_order


def _describe(model: HeadModel) -> dict[str, Any]:
    return {
        "labels": model.labels,
        "columns": [model.columns.start, model.columns.stop],
        "blend": {**asdict(model.blend), "bias": model.blend.bias.tolist()},
        "favour": model.favour.tolist(),
    }


def _head(head: Head, described: Mapping[str, Any], width: int) -> HeadModel:
    labels = tuple(map(str, described["labels"]))
    start, stop = map(int, described["columns"])
    bias = np.array(described["blend"]["bias"], dtype=np.float64)
    columns = 1 if head in RISK_HEADS else len(labels)
    fits = labels == ("false", "true") if head in RISK_HEADS else 2 <= len(labels) == len(set(labels))
    if not (fits and 0 <= start < stop <= width and stop - start == columns == len(bias)):
        raise DamagedVersionError(f"The {head} head has {len(labels)} labels, {len(bias)} biases, {start}:{stop}.")
    favour = np.array(described["favour"], dtype=np.float64)
    if favour.shape not in ((0,), (len(labels),), (1 + len(labels), len(labels))):
        raise DamagedVersionError(f"The {head} head has {len(labels)} labels and favours {favour.shape}.")
    parts = {part: float(described["blend"][part]) for part in ("linear", "meaning", "trees", "slope", "offset")}
    parts |= {part: float(described["blend"].get(part, none)) for part, none in _ADDED_LATER.items()}
    if not np.isfinite([*parts.values(), *bias, *favour.flat]).all():
        raise DamagedVersionError(f"The {head} head's blend holds numbers that are not finite.")
    return HeadModel(head, labels, slice(start, stop), Blend(**parts, bias=bias), favour=favour)


def _trees(shelf: Shelf, head: Head, inputs: int, columns: int) -> Trees | None:
    name = f"{head}.trees.txt"
    if name not in shelf:
        return None
    trees = Trees(shelf.text(name))
    check_trees(trees, inputs=inputs, outputs=columns)
    return trees


def _tree_words(shelf: Shelf, head: Head, width: int) -> NDArray[np.int64]:
    name = f"{head}.words.npy"
    if name not in shelf:
        return np.empty(0, np.int64)
    words = shelf.array(name, np.int64, (None,))
    if not len(words) or words[0] < 0 or words[-1] >= width or (np.diff(words) <= 0).any():
        raise DamagedVersionError(f"{name!r} names words that the encoder of {shelf.folder.name!r} does not know.")
    return words


def _vocabulary(shelf: Shelf, kind: str, *, in_hash_order: bool) -> Vocabulary:
    hashes = shelf.array(f"{kind}.hashes.npy", np.uint64, (None,))
    return Vocabulary(hashes, shelf.array(f"{kind}.rarity.npy", np.float32, (len(hashes),)), in_hash_order)
