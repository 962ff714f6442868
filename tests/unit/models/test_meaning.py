"""A version's meaning on disk: read back alike, tried, and refused where it does not fit together."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from desk.errors import DamagedVersionError
from features.meaning.onnx_encoder import open_encoder
from features.meaning.static_table import StaticTable
from models.meaning import read_meaning, try_meaning, write_meaning
from models.shelf import Shelf

WORDS = ("[UNK]", "VPN", "printer", "gesperrt", "refund", "the", "minutes")


@pytest.fixture
def table() -> StaticTable:
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    rows = np.random.default_rng(3).integers(-127, 128, (len(WORDS), 8)).astype(np.int8)
    return StaticTable("tiny", rows, np.linspace(0, 0.02, len(WORDS), dtype=np.float32), tokenizer)


def shelf_of(folder: Path) -> Shelf:
    return Shelf(folder, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()})


def test_a_table_is_read_back_and_means_the_same_to_the_bit(tmp_path: Path, table: StaticTable) -> None:
    write_meaning(tmp_path, table)
    read = read_meaning(shelf_of(tmp_path))
    assert isinstance(read, StaticTable)
    assert read.name == "tiny"
    for text in ("VPN is down", "the printer", ""):
        assert read.embed(text).tobytes() == table.embed(text).tobytes()
    try_meaning(shelf_of(tmp_path), read)


def test_a_version_without_a_meaning_has_none(tmp_path: Path) -> None:
    assert read_meaning(shelf_of(tmp_path)) is None


def test_a_table_that_means_something_else_fails_the_trial(tmp_path: Path, table: StaticTable) -> None:
    write_meaning(tmp_path, table)
    np.save(tmp_path / "meaning.rows.npy", np.roll(table.rows, 1, axis=0))
    read = read_meaning(shelf_of(tmp_path))
    assert read is not None
    with pytest.raises(DamagedVersionError, match="differs from when it was made"):
        try_meaning(shelf_of(tmp_path), read)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("meaning.json", '{"kind": "oracle", "name": "x"}'),
        ("meaning.json", '{"kind": "static"}'),
        ("meaning.tokenizer.json", "{}"),
        ("meaning.rows.npy", np.zeros((2, 8), np.int8)),
        ("meaning.rows.npy", np.zeros((len(WORDS), 8), np.float32)),
        ("meaning.scales.npy", np.full(len(WORDS), np.nan, np.float32)),
        ("meaning.scales.npy", np.zeros(len(WORDS), np.float64)),
    ],
)
def test_a_table_that_does_not_fit_together_is_refused(
    tmp_path: Path, table: StaticTable, name: str, content: str | np.ndarray
) -> None:
    write_meaning(tmp_path, table)
    if isinstance(content, str):
        (tmp_path / name).write_text(content)
    else:
        np.save(tmp_path / name, content)
    with pytest.raises(DamagedVersionError):
        read_meaning(shelf_of(tmp_path))


def test_a_table_shorter_than_its_tokenizer_is_refused(tmp_path: Path, table: StaticTable) -> None:
    write_meaning(tmp_path, table)
    np.save(tmp_path / "meaning.rows.npy", table.rows[:3])
    np.save(tmp_path / "meaning.scales.npy", table.scales[:3])
    with pytest.raises(DamagedVersionError, match="7 tokens"):
        read_meaning(shelf_of(tmp_path))


def test_an_encoder_that_onnxruntime_refuses_is_damaged(tmp_path: Path, table: StaticTable) -> None:
    write_meaning(tmp_path, table)
    (tmp_path / "meaning.encoder.onnx").write_bytes(b"no graph")
    (tmp_path / "meaning.json").write_text(json.dumps({"kind": "onnx", "name": "x", "prefix": ""}))
    with pytest.raises(DamagedVersionError, match="cannot be read"):
        read_meaning(shelf_of(tmp_path))


def test_an_encoder_is_read_back_and_means_the_same(tmp_path: Path, table: StaticTable) -> None:
    onnx = pytest.importorskip("onnx", reason="the graph of this test is made by onnx: `pip install onnx`")
    helper = onnx.helper
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["rows", "input_ids"], ["each"]),
            helper.make_node("ReduceSum", ["each", "axis"], ["answer"], keepdims=0),
        ],
        "lookup",
        [helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["texts", "tokens"])],
        [helper.make_tensor_value_info("answer", onnx.TensorProto.FLOAT, ["texts", 8])],
        [
            onnx.numpy_helper.from_array(table.rows.astype(np.float32), "rows"),
            onnx.numpy_helper.from_array(np.array([1]), "axis"),
        ],
    )
    made, version = tmp_path / "tiny.onnx", tmp_path / "version"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), made)
    version.mkdir()
    encoder = open_encoder("tiny", made, table.tokenizer.to_str(), prefix="VPN ")
    write_meaning(version, encoder)
    read = read_meaning(shelf_of(version))
    assert read is not None
    assert read.embed("the printer").tobytes() == encoder.embed("the printer").tobytes()
    try_meaning(shelf_of(version), read)
