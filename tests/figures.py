"""Figures that long tests leave for `docs/reliability.md`: printed, and kept in the file that POINTSMAN_FIGURES names.

`python -m benchmarks.reliability` sets that variable, runs the long tests and writes the page.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["note_figures"]


def note_figures(chapter: str, case: str, figures: Mapping[str, Any]) -> None:
    """One line of JSON: a row of the chapter's table. Names of figures may have underscores for spaces."""
    line = json.dumps({"chapter": chapter, "case": case, "figures": dict(figures)})
    print(line)  # noqa: T201 - pytest shows it with -s
    if "POINTSMAN_FIGURES" in os.environ:
        with Path(os.environ["POINTSMAN_FIGURES"]).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
