"""`python -m benchmarks.notebooks --write`, or `make notebooks`: runs the four notebooks and keeps what they show.

They run top to bottom in a home of their own with a sample desk: two versions, the second learned from twice as many
tickets, and a file of later tickets that neither has seen. Without `--write` the notebooks stay as they are, and what
would change is listed. Knows nothing of what a notebook says.
"""

import argparse
import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from simulation.export import write_history
from simulation.sample import SampleDesk, generate
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history
from training.progress import Unwatched
from training.training import train

__all__ = ["NOTEBOOKS", "differences", "main", "notebook_paths", "run", "sample_home", "shown_by"]

ROOT: Final = Path(__file__).resolve().parent.parent
NOTEBOOKS: Final = ROOT / "notebooks"
DESK: Final = SampleDesk(tickets=3_000)
FIRST, SECOND = 900, 1_800
"""Tickets, the oldest, that the two versions learn from; the others are the later ones."""

SECONDS: Final = 600
"""That a cell may take."""

KERNEL: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}

_NUMBER: Final = re.compile(r"[-+−]?\d[\d,]*\.?\d*")
_NEAR: Final = 0.03
"""By which a share may differ on another machine, where sums are added up in another order."""


def main() -> None:
    """Run every notebook, then write or compare."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="renew what the notebooks show")
    asked = arguments.parse_args()
    changed = []
    with tempfile.TemporaryDirectory() as folder:
        environment = sample_home(Path(folder) / "home")
        for path in notebook_paths():
            stored = json.loads(path.read_text(encoding="utf-8"))
            fresh = run(stored, environment)
            changed += [f"{path.name}: {line}" for line in differences(stored, fresh)]
            if asked.write:
                path.write_text(json.dumps(fresh, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(changed) or "Every notebook shows what it did.")
    sys.exit(0 if asked.write or not changed else 1)


def notebook_paths() -> list[Path]:
    """The notebooks, in order of their names."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def sample_home(home: Path) -> Environment:
    """A home with the sample desk: versions 1 and 2, and `sample/later.jsonl`; learned from words alone."""
    variables = {"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none", "POINTSMAN_KEYS": "off"}
    environment = read_environment(variables)
    (home / "sample").mkdir(parents=True)
    rows = list(generate(DESK))
    parts = {"first": rows[:FIRST], "second": rows[:SECOND], "later": rows[SECOND:]}
    for name, part in parts.items():
        write_history(part, home / "sample" / f"{name}.jsonl")
    engine = connect(environment.database_url)
    migrate(engine)
    for day, name in ((21, "first"), (28, "second")):
        history = read_history(home / "sample" / f"{name}.jsonl", DeskConfig())
        at = datetime(2026, 11, day, tzinfo=UTC)
        train(history, DeskConfig(), environment, engine, at=at, who="the notebooks", progress=Unwatched())
    engine.dispose()
    return environment


def run(notebook: Mapping[str, Any], environment: Environment) -> dict[str, Any]:
    """The notebook with what its cells show now, run top to bottom in a folder of the home.

    Raises `nbclient.exceptions.CellExecutionError` where a cell fails.
    """
    import nbformat
    from nbclient import NotebookClient

    whole = json.dumps({**notebook, "metadata": {"kernelspec": KERNEL}})
    opened = nbformat.reads(whole, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    home = environment.home.absolute()
    variables = {"POINTSMAN_HOME": str(home), "POINTSMAN_ENCODER": "none", "POINTSMAN_KEYS": "off"}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    kernel = {**os.environ, **variables, "PYTHONPATH": path}
    client = NotebookClient(opened, timeout=SECONDS, resources={"metadata": {"path": str(home)}})
    with tempfile.TemporaryDirectory() as sockets:  # which nobody else on the machine can listen at
        manager = client.create_kernel_manager()
        manager.transport, manager.ip = "ipc", f"{sockets}/kernel"
        client.execute(env=kernel)
    return _tidied(json.loads(nbformat.writes(opened)))  # type: ignore[no-untyped-call]  # as above


def differences(stored: Mapping[str, Any], fresh: Mapping[str, Any]) -> Iterator[str]:
    """What two runs of a notebook show differently; numbers may differ a little, and pictures are not compared."""
    for place, (before, now) in enumerate(zip_longest(shown_by(stored), shown_by(fresh), fillvalue="")):
        if not _alike(before, now):
            yield f"output {place + 1} was {before[:200]!r} and is {now[:200]!r}"


def shown_by(notebook: Mapping[str, Any]) -> list[str]:
    """The text of every output, in order."""
    outputs = [one for cell in notebook["cells"] for one in cell.get("outputs", ())]
    return ["".join(one.get("text", one.get("data", {}).get("text/plain", ""))) for one in outputs]


def _alike(before: str, now: str) -> bool:
    texts = [" ".join(_NUMBER.sub("#", one).replace("-", "").split()) for one in (before, now)]
    numbers = [
        [float(found.replace(",", "").replace("−", "-")) for found in _NUMBER.findall(one)] for one in (before, now)
    ]
    if texts[0] != texts[1] or len(numbers[0]) != len(numbers[1]):
        return False
    return all(math.isclose(a, b, rel_tol=_NEAR, abs_tol=_NEAR) for a, b in zip(*numbers, strict=True))


def _tidied(notebook: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from run to run and from machine to machine."""
    notebook["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        for output in cell.get("outputs", ()):
            if "metadata" in output:
                output["metadata"] = {}
            output.get("data", {}).pop("text/html", None)
    return notebook


if __name__ == "__main__":
    main()
