"""`python -m training.meaning.making SOURCE FOLDER`: an encoder's files for serving and for tuning, made by torch.

Runs in a process of its own, which takes torch and its memory with it when it ends. Writes into FOLDER the encoder as
int8 ONNX and, distilled by model2vec, a table of its tokens. Prints JSON lines: `{"steps": 117}`, then `{"step": 1}`
for each, or `{"error": "…"}`. Knows no tickets.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from training.meaning.teacher import WEIGHTS

__all__ = ["MOST_TOKENS", "main", "make"]

MOST_TOKENS: Final = 128
"""Tokens of a text that the ONNX encoder reads, some 90 words: what it is about stands first, and more take longer."""

_BATCH: Final = 256  # tokens that model2vec puts through the encoder at once
_EXPORT_STEPS: Final = 20  # exporting takes about as long as this many batches
_BLOCK: Final = 128  # numbers a scale; 32 are a little nearer to the exact encoder and take half as long again
_MULTIPLIED_AS_INT8: Final = 4  # onnxruntime's accuracy_level of MatMulNBits


def make(source: str, folder: Path, say: Callable[[dict[str, Any]], object]) -> None:
    """Make all files of the encoder `source` in `folder`; `say` hears of steps. Raises whatever the libraries raise."""
    model = _load(source)
    tokens = len(model.tokenizer)
    say({"steps": _EXPORT_STEPS + -(-tokens // _BATCH)})
    _export(model, folder)
    for _ in range(_EXPORT_STEPS):
        say({"step": 1})
    _distil(model, folder, lambda *_: say({"step": 1}))


def _load(source: str) -> Any:
    from sentence_transformers import SentenceTransformer

    folder = source
    if not Path(source).is_dir():
        from huggingface_hub import snapshot_download

        folder = snapshot_download(source, allow_patterns=list(WEIGHTS))
    return SentenceTransformer(folder, device="cpu", model_kwargs={"use_safetensors": True}).eval()


def _export(model: Any, folder: Path) -> None:
    """The whole encoder, pooling and all, as one graph, and its tokenizer."""
    import torch

    example = model.preprocess(["two texts of different length", "show which axes vary"])
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in example]

    class Whole(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *given: Any) -> Any:
            return self.model(dict(zip(names, given, strict=True)))["sentence_embedding"]

    exact = folder / "exact.onnx"
    varying = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with torch.no_grad():
        torch.onnx.export(
            Whole(),
            tuple(example[name] for name in names),
            str(exact),
            input_names=names,
            output_names=["sentence_embedding"],
            dynamic_shapes={"given": tuple(varying for _ in names)},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    _quantise(exact, folder / "encoder.onnx")
    exact.unlink()
    _write_tokenizer(model, folder)


def _quantise(exact: Path, made: Path) -> None:
    """int8, weights and what they are multiplied by, with a scale for every `_BLOCK` numbers of each.

    One scale for a whole text's numbers, as in the usual dynamic quantisation, is set by the few largest and costs ten
    times as much of the cosine at about the same time (docs/decisions/0012-little-data.md).
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    blocks = MatMulNBitsQuantizer(
        onnx.load(exact),
        bits=8,
        block_size=_BLOCK,
        is_symmetric=True,
        accuracy_level=_MULTIPLIED_AS_INT8,
        op_types_to_quantize=("MatMul",),
    )
    blocks.process()
    onnx.save(blocks.model.model, exact)
    quantize_dynamic(exact, made, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["Gather"])


def _write_tokenizer(model: Any, folder: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(MOST_TOKENS, model.max_seq_length or MOST_TOKENS))
    (folder / "encoder.tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    prefix = model.prompts.get(model.default_prompt_name) or ""
    (folder / "encoder.json").write_text(json.dumps({"prefix": prefix}), encoding="utf-8")


def _distil(model: Any, folder: Path, tick: Callable[..., object]) -> None:
    """A vector a token, unreduced, times the weight that model2vec gives it by the rank of its frequency (SIF)."""
    from model2vec.distill import distill_from_model

    network = model[0].auto_model
    network.register_forward_hook(tick)
    static = distill_from_model(network, model.tokenizer, pca_dims=None, quantize_to="float32", device="cpu")
    rows = static.embedding - static.embedding.mean(axis=0)
    rows *= np.asarray(static.weights, dtype=np.float32)[:, None]
    static.tokenizer.no_padding()
    static.tokenizer.no_truncation()
    unknown = static.unk_token_id
    if unknown is not None:
        rows[unknown] = 0
    np.save(folder / "table.npy", rows.astype(np.float16), allow_pickle=False)
    (folder / "table.tokenizer.json").write_text(static.tokenizer.to_str(), encoding="utf-8")


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the files, print the lines, return the exit code."""
    source, folder = sys.argv[1:] if arguments is None else arguments
    try:
        make(source, Path(folder), _say)
    except Exception as error:  # three libraries, each with its own
        _say({"error": f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
