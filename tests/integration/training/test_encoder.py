"""A real sentence encoder, made ready: exported, distilled, tuned, and the same from a version as from the home.

The encoder is a BERT of two small layers with chance weights: what is tested is the way, not what it knows.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from desk.errors import SettingError
from journal.environment import read_environment
from training.meaning.preparing import distilled, onnx, prepare
from training.meaning.teacher import Teacher, available
from training.meaning.tuning import plain, tuned
from training.meaning.vectors import embed_all

pytestmark = [
    pytest.mark.long,  # torch starts slowly, and exports slowly
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the extra [encoder] is not installed"),
]

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "my", "printer", "vpn", "invoice", "is"]
WORDS += ["down", "wrong", "paper", "jams"]
TEXTS = ["my vpn is down", "the invoice is wrong", "paper jams the printer", "vpn", "my printer is down"]
MAKE = """
import sys
from pathlib import Path
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast
torch.manual_seed(5)
folder = Path(sys.argv[1])
words = sys.argv[2:]
(folder / "vocab.txt").write_text("\\n".join(words))
config = BertConfig(vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
                    intermediate_size=64, max_position_embeddings=64)
BertModel(config).save_pretrained(folder / "bert")
BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
transformer = Transformer(str(folder / "bert"))
model = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu")
model.save_pretrained(str(folder / "encoder"))
import numpy
texts = sys.stdin.read().splitlines()
numpy.save(folder / "expected.npy", model.encode(texts, normalize_embeddings=True))
"""


class Watched:
    """Progress that counts."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.done = 0

    def stage(self, _: str, steps: int) -> None:
        self.steps.append(steps)

    def step(self) -> None:
        self.done += 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import subprocess

    made = tmp_path_factory.mktemp("encoder")
    command = [sys.executable, "-c", MAKE, str(made), *WORDS]
    ended = subprocess.run(command, input="\n".join(TEXTS), text=True, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return made


@pytest.fixture(scope="module")
def teacher(folder: Path) -> Teacher:
    found = available(read_environment({"POINTSMAN_ENCODER": str(folder / "encoder")}))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, teacher: Teacher) -> Path:
    made, watched = tmp_path_factory.mktemp("home"), Watched()
    prepare(teacher, made, watched)
    assert watched.steps == [watched.done]
    return made


def test_the_exported_encoder_means_what_the_encoder_means(teacher: Teacher, home: Path, folder: Path) -> None:
    found = embed_all(onnx(teacher, home, Watched()), TEXTS)
    assert np.einsum("ij,ij->i", found, np.load(folder / "expected.npy")).min() > 0.99


def test_what_is_prepared_is_not_made_again(teacher: Teacher, home: Path) -> None:
    watched = Watched()
    prepare(teacher, home, watched)
    assert watched.steps == []
    assert "torch" not in sys.modules


def test_the_distilled_table_has_a_row_a_token_and_can_be_tuned(teacher: Teacher, home: Path) -> None:
    table = distilled(teacher, home, Watched())
    assert table.rows.shape[1] == 32
    vectors = embed_all(onnx(teacher, home, Watched()), TEXTS)
    fitted = embed_all(tuned(table, TEXTS, vectors), TEXTS)
    before = embed_all(plain(table), TEXTS)
    wanted = vectors @ vectors.T
    assert np.abs(fitted @ fitted.T - wanted).mean() < np.abs(before @ before.T - wanted).mean()


def test_a_folder_without_an_encoder_says_so(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    broken = Teacher("broken", str(tmp_path), "broken")
    with pytest.raises(SettingError, match="cannot be prepared"):
        prepare(broken, tmp_path / "home", Watched())
    assert not list((tmp_path / "home" / "encoders").iterdir())
