"""A meaning by a small transformer: int8 ONNX, one thread, the same vector for the same text on the same machine type.

Costs milliseconds where the table costs fifty microseconds, and understands word order. Knows not who exported it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from features.meaning.meaning import Vector, unit
from features.meaning.tokens import parse_tokenizer, token_ids

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

__all__ = ["OnnxEncoder", "open_encoder"]

_INPUTS: Final = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_ERRORS_ONLY: Final = 3


@dataclass(frozen=True, slots=True)
class OnnxEncoder:
    """path: where the ONNX file lies. prefix: what the encoder wants before every text, mostly nothing.

    The tokenizer cuts a text at the encoder's most tokens and puts its special tokens around it.
    """

    name: str
    path: Path
    dimensions: int
    prefix: str
    tokenizer: "Tokenizer"
    session: "InferenceSession"

    def embed(self, text: str) -> Vector:
        """The meaning of `text`, shape (dimensions,): a unit vector, or nought for an empty text."""
        if not text or text.isspace():
            return np.zeros(self.dimensions, dtype=np.float32)
        ids = np.array([token_ids(self.tokenizer, self.prefix + text, special=True)], dtype=np.int64)
        given = {one.name: _input(one.name, ids) for one in self.session.get_inputs()}
        return unit(np.asarray(self.session.run(None, given)[0][0], dtype=np.float32))


def open_encoder(name: str, path: Path, tokenizer: str, prefix: str = "") -> OnnxEncoder:
    """The encoder in the ONNX file at `path`, with its tokenizer's JSON; its output is one vector a text.

    Raises `ValueError` where it asks for other inputs, or answers otherwise. Any other error is onnxruntime's.
    """
    session = _session(path)
    inputs, outputs = {one.name for one in session.get_inputs()}, session.get_outputs()
    if not inputs <= _INPUTS:
        raise ValueError(f"{path.name!r} wants the inputs {sorted(inputs)}, expected some of {sorted(_INPUTS)}.")
    if not outputs or len(outputs[0].shape) != 2 or not isinstance(outputs[0].shape[1], int):
        raise ValueError(f"{path.name!r} answers {[one.shape for one in outputs]}, expected one vector a text.")
    return OnnxEncoder(name, path, outputs[0].shape[1], prefix, parse_tokenizer(tokenizer), session)


def _session(path: Path) -> "InferenceSession":
    import onnxruntime  # half a second and 20 MB that only a version with an encoder needs

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _input(name: str, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    match name:
        case "input_ids":
            return ids
        case "attention_mask":
            return np.ones_like(ids)
        case _:
            return np.zeros_like(ids)
