"""An encoder's files under `POINTSMAN_HOME/encoders`, made once: ONNX for serving, the token table for tuning.

The folder may be deleted at any time; the next training makes it again. Knows no tickets and no torch: a process of
its own makes the files.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import SettingError
from features.meaning.onnx_encoder import OnnxEncoder, open_encoder
from training.meaning.teacher import Teacher
from training.progress import Progress

__all__ = ["Distilled", "distilled", "encoders_folder", "onnx", "prepare"]

_QUIET: Final = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYTHONWARNINGS": "ignore",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Distilled:
    """A vector a token of the encoder, before anything was tuned to a desk.

    rows: float32, shape (tokens, width), weighted: a text means the sum of its tokens' rows. tokenizer: its JSON.
    """

    name: str
    rows: NDArray[np.float32]
    tokenizer: str


def prepare(teacher: Teacher, home: Path, progress: Progress) -> Path:
    """The folder with the encoder's files, made first where it is not there: half a minute to two, once an encoder.

    Raises `SettingError` where the encoder cannot be loaded or made ready.
    """
    folder = encoders_folder(home) / teacher.key
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
        made = Path(scratch) / "encoder"
        made.mkdir()
        _make(teacher, made, progress)
        try:
            made.rename(folder)
        except OSError:  # another training was faster: the same files
            if not folder.is_dir():
                raise
    return folder


def encoders_folder(home: Path) -> Path:
    """Where prepared encoders lie."""
    return home / "encoders"


def onnx(teacher: Teacher, home: Path, progress: Progress) -> OnnxEncoder:
    """The encoder as it serves; its vectors are the ones to learn from, too. Raises as `prepare` does."""
    folder = prepare(teacher, home, progress)
    about = json.loads((folder / "encoder.json").read_bytes())
    tokenizer = (folder / "encoder.tokenizer.json").read_text(encoding="utf-8")
    return open_encoder(teacher.name, folder / "encoder.onnx", tokenizer, about["prefix"])


def distilled(teacher: Teacher, home: Path, progress: Progress) -> Distilled:
    """The encoder's token table. Raises as `prepare` does."""
    folder = prepare(teacher, home, progress)
    rows = np.load(folder / "table.npy", allow_pickle=False).astype(np.float32)
    return Distilled(teacher.name, rows, (folder / "table.tokenizer.json").read_text(encoding="utf-8"))


def _make(teacher: Teacher, folder: Path, progress: Progress) -> None:
    command = [sys.executable, "-m", "training.meaning.making", teacher.source, str(folder)]
    variables = {**os.environ, **_QUIET}
    error = ""
    with (
        tempfile.TemporaryFile() as noise,
        subprocess.Popen(  # noqa: S603  # a module of ours; the source is the operator's own setting
            command, stdout=subprocess.PIPE, stderr=noise, env=variables, cwd=_ROOT, text=True
        ) as child,
    ):
        for line in child.stdout or ():
            heard = json.loads(line) if line.startswith("{") else {}  # the libraries print lines of their own
            if "steps" in heard:
                progress.stage(f"Preparing {teacher.name}, once", heard["steps"])
            elif "step" in heard:
                progress.step()
            error = heard.get("error", error)
    if child.returncode:
        why = error or f"its process ended with {child.returncode}"
        raise SettingError(f"The encoder {teacher.source!r} cannot be prepared: {why}. Or set POINTSMAN_ENCODER=none.")
