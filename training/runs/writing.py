"""Files of a run: tables, JSON, pictures. Knows formats, not what is in them."""

import csv
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["DOTS_PER_INCH", "cells", "write_json", "write_picture", "write_table"]

log = logging.getLogger("pointsman.runs")

DOTS_PER_INCH: Final = 110


def write_picture(path: Path, draw: Callable[[], Figure]) -> None:
    """Draw and write it; where that fails a file says so instead: no training must be lost for a picture."""
    try:
        figure = draw()
        figure.set_dpi(DOTS_PER_INCH)
        # The same file as `savefig` writes, which draws twice where there is a layout: once for it, and once more.
        FigureCanvasAgg(figure).print_png(path)  # type: ignore[no-untyped-call]  # matplotlib has no type for it
    except Exception as error:  # whatever matplotlib makes of labels and figures that nobody thought of
        path.unlink(missing_ok=True)
        log.warning("picture_not_drawn", extra={"fields": {"picture": path.name, "error": type(error).__name__}})
        note = f"{path.name} could not be drawn ({type(error).__name__}); the tables have its numbers.\n"
        path.with_suffix(".txt").write_text(note, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """The value as indented JSON."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")


def write_table(path: Path, kind: type, rows: Sequence[Any]) -> None:
    """A line for each of the dataclasses of this kind, and its fields' names on top."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(one.name for one in fields(kind))
        table.writerows(cells(astuple(row)) for row in rows)


def cells(values: Iterable[object]) -> list[object]:
    """Numbers with four decimals."""
    return [f"{value:.4f}" if isinstance(value, float) else value for value in values]
