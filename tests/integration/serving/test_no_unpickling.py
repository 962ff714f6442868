"""What watches over the whole suite that nothing unpickles where tickets are answered: that it would notice."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import serving

WAYS = {
    "pickle.loads": "import pickle; pickle.loads(pickle.dumps([1]))",
    "pickle.load": "import io, pickle; pickle.load(io.BytesIO(pickle.dumps([1])))",
    "pickle.Unpickler": "import io, pickle; pickle.Unpickler(io.BytesIO(pickle.dumps([1]))).load()",
    "a name imported from it": "from pickle import dumps, loads; loads(dumps([1]))",
    "the reader in Python": "import io, pickle; pickle._Unpickler(io.BytesIO(pickle.dumps([1]))).load()",
    "the reader in C": "import _pickle, datetime; _pickle.loads(_pickle.dumps(datetime.timedelta))",
    "numpy": "import io, numpy; a = io.BytesIO(); numpy.save(a, numpy.array([{}])); a.seek(0); "
    "numpy.load(a, allow_pickle=True)",
    "joblib": "import io, joblib; a = io.BytesIO(); joblib.dump([1], a); a.seek(0); joblib.load(a)",
    "shelve": "import shelve, sys; a = shelve.open(sys.argv[2]); a['b'] = [1]; a['b']",
    "marshal": "import marshal; marshal.loads(marshal.dumps([1]))",
}


def events_of(code: str, path: Path, process: str = "bentoml") -> list[dict[str, Any]]:
    """What is written down of a process whose command names `process`."""
    variables = {**os.environ, "UNPICKLED_TO": str(path)}
    command = [sys.executable, "-c", code, process, str(path.with_suffix(".db"))]
    subprocess.run(command, env=variables, check=True, timeout=60)
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_unpickle_is_noticed_in_a_process_that_serves(way: str, tmp_path: Path) -> None:
    watching, *noticed = events_of(WAYS[way], tmp_path / "lines")
    assert watching["event"] == "watching"
    assert noticed


def test_imports_and_arrays_and_json_are_no_unpickling(tmp_path: Path) -> None:
    code = "import json, lzma, numpy, orjson; json.loads('[1]'); orjson.loads('[1]'); numpy.array([1]).tobytes()"
    assert [one["event"] for one in events_of(code, tmp_path / "lines")] == ["watching"]


def test_a_process_that_does_not_serve_may_do_what_it_likes(tmp_path: Path) -> None:
    assert events_of(WAYS["pickle.loads"], tmp_path / "lines", process="train") == []


def test_what_the_service_does_in_this_process_is_noticed_too(unpickled: Path) -> None:
    """Code that says it lies in serving/: what matters is where a call comes from."""
    before = unpickled.read_text()
    names: dict[str, Any] = {}
    code = "def read(raw):\n    import pickle\n    return pickle.loads(raw)\n"
    exec(compile(code, str(Path(serving.__file__).parent / "nowhere.py"), "exec"), names)
    assert names["read"](pickle.dumps([1])) == [1]
    (noticed,) = unpickled.read_text().removeprefix(before).splitlines()
    # What this test did on purpose is not held against the suite.
    unpickled.write_text(before)
    assert json.loads(noticed)["event"] == "pickle.loads"
    assert pickle.loads(pickle.dumps([1])) == [1]
    assert unpickled.read_text() == before
