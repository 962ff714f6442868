"""Evidence on disk: read back as it was written, and refused where it cannot be evidence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desk.contracts import threshold_of
from desk.errors import DamagedVersionError
from desk.evidence import Answered, Evidence
from models.evidence import put_away, read_evidence, write_evidence
from models.shelf import Shelf

EVIDENCE: Evidence = {
    "queue": {
        "Billing": Answered(tuple(1 - n / 1000 for n in range(900)), (True,) * 900),
        "Acc\u0000ess 🙂": Answered((0.8, 0.8, 0.3), (True, False, True)),
    },
    "escalation": {"true": Answered((0.5, 0.1), (True, False))},
}


def shelf(folder: Path) -> Shelf:
    return Shelf(folder, {path.name: "checked" for path in folder.iterdir()})


def plain(evidence: Evidence) -> dict[str, Any]:
    return {
        head: {label: (list(rows.probabilities), list(rows.hits)) for label, rows in labels.items()}
        for head, labels in evidence.items()
    }


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_evidence(tmp_path, EVIDENCE)
    found = read_evidence(shelf(tmp_path))
    assert plain(found) == plain(EVIDENCE)
    assert threshold_of(found["queue"]["Billing"], 0.96) == threshold_of(EVIDENCE["queue"]["Billing"], 0.96) is not None


def test_a_version_without_evidence_proves_nothing(tmp_path: Path) -> None:
    write_evidence(tmp_path, {})
    assert read_evidence(shelf(tmp_path)) == {}


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        np.save(folder / name, change(np.load(folder / name)))

    return damage


def contents(value: Any) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / "evidence.json").write_text(json.dumps(value))

    return damage


DAMAGE = {
    "rising": changed("evidence.probabilities.npy", lambda array: array[::-1].copy()),
    "not a number": changed("evidence.probabilities.npy", lambda array: np.where(array < 0.5, np.nan, array)),
    "above one": changed("evidence.probabilities.npy", lambda array: array * 2),
    "negative": changed("evidence.probabilities.npy", lambda array: array - 1),
    "too short": changed("evidence.hits.npy", lambda array: array[:-1]),
    "of another type": changed("evidence.hits.npy", lambda array: array.astype(np.int64)),
    "an unknown head": contents({"quue": {"Billing": [0, 3]}}),
    "rows that are not there": contents({"queue": {"Billing": [0, 906]}}),
    "rows backwards": contents({"queue": {"Billing": [5, 2]}}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_cannot_be_evidence_is_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    write_evidence(tmp_path, EVIDENCE)
    damage(tmp_path)
    with pytest.raises(DamagedVersionError):
        read_evidence(shelf(tmp_path))


def test_what_was_put_away_is_there_again_for_whoever_looks(tmp_path: Path) -> None:
    falling = np.linspace(1, 0, 40_000).tolist()
    hits = [place % 50 != 49 for place in range(40_000)]
    write_evidence(tmp_path, {"queue": {"A": Answered(falling, hits)}})
    found = read_evidence(shelf(tmp_path))
    before = threshold_of(found["queue"]["A"], 0.95)
    put_away(found)
    assert list(found["queue"]["A"].probabilities) == falling
    assert threshold_of(found["queue"]["A"], 0.95) == before is not None
    put_away({"queue": {"A": Answered(falling, hits)}})  # of what is in no file there is nothing to put away
