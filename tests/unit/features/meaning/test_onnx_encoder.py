"""A meaning by an ONNX encoder: what it feeds, what it takes back, and which files it refuses."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from features.meaning.onnx_encoder import open_encoder

onnx = pytest.importorskip("onnx", reason="the graphs that these tests open are made by onnx: `pip install onnx`")

ROWS = np.array([[0, 0], [3, 0], [0, 4], [0, 0]], dtype=np.float32)
"""What the graph below answers for each token: a text means their sum."""


def tokenizer(most: int | None = None) -> str:
    made = Tokenizer(WordLevel({"[UNK]": 0, "vpn": 1, "invoice": 2, "[CLS]": 3}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 3)])
    if most:
        made.enable_truncation(most)
    return made.to_str()


def write_graph(path: Path, *, tokens: str = "input_ids", whole: bool = True) -> Path:
    """A graph that looks tokens up and adds them; without `whole` it answers a vector a token."""
    helper, ints, floats = onnx.helper, onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    nodes = [helper.make_node("Gather", ["rows", tokens], ["each" if whole else "answer"])]
    if whole:
        nodes.append(helper.make_node("ReduceSum", ["each", "axis"], ["answer"], keepdims=0))
    graph = helper.make_graph(
        nodes,
        "lookup",
        [helper.make_tensor_value_info(tokens, ints, ["texts", "tokens"])],
        [helper.make_tensor_value_info("answer", floats, ["texts", 2] if whole else ["texts", "tokens", 2])],
        [onnx.numpy_helper.from_array(ROWS, "rows"), onnx.numpy_helper.from_array(np.array([1]), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def test_a_text_means_what_the_graph_answers_at_length_one(tmp_path: Path) -> None:
    encoder = open_encoder("tiny", write_graph(tmp_path / "tiny.onnx"), tokenizer())
    assert (encoder.name, encoder.dimensions) == ("tiny", 2)
    assert encoder.embed("vpn invoice").tolist() == pytest.approx([0.6, 0.8])
    assert encoder.embed("vpn vpn").tolist() == [1, 0]


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_text_means_nought(tmp_path: Path, text: str) -> None:
    encoder = open_encoder("tiny", write_graph(tmp_path / "tiny.onnx"), tokenizer())
    assert encoder.embed(text).tolist() == [0, 0]


def test_only_the_first_tokens_count(tmp_path: Path) -> None:
    encoder = open_encoder("tiny", write_graph(tmp_path / "tiny.onnx"), tokenizer(most=3))
    assert encoder.embed("vpn vpn invoice invoice").tolist() == [1, 0]


def test_what_the_encoder_wants_before_every_text_is_put_there(tmp_path: Path) -> None:
    encoder = open_encoder("tiny", write_graph(tmp_path / "tiny.onnx"), tokenizer(), prefix="invoice ")
    assert encoder.embed("vpn").tolist() == pytest.approx([0.6, 0.8])


def test_a_graph_that_wants_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="wants the inputs"):
        open_encoder("tiny", write_graph(tmp_path / "tiny.onnx", tokens="pixels"), tokenizer())


def test_a_graph_that_answers_a_vector_a_token_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected one vector a text"):
        open_encoder("tiny", write_graph(tmp_path / "tiny.onnx", whole=False), tokenizer())
