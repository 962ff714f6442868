"""Pictures as files."""

from pathlib import Path

from matplotlib.figure import Figure

from training.evidence.drawing import percent, title
from training.runs.writing import DOTS_PER_INCH, write_picture


def sheet() -> Figure:
    """Two pictures side by side, with legends and a scale beside them that only a layout finds room for."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 0.8], label="a line")
    percent(left)
    title(left, "What it is", "what is said of it")
    figure.legend(loc="outside lower center")
    figure.colorbar(right.imshow([[0.1, 0.2], [0.3, 0.9]]), label="how much")
    return figure


def test_a_picture_is_drawn_once_and_looks_as_if_drawn_twice(tmp_path: Path) -> None:
    write_picture(tmp_path / "once.png", sheet)
    sheet().savefig(tmp_path / "twice.png", dpi=DOTS_PER_INCH)
    assert (tmp_path / "once.png").read_bytes() == (tmp_path / "twice.png").read_bytes()


def test_of_a_picture_that_cannot_be_drawn_nothing_is_left_but_a_note(tmp_path: Path) -> None:
    write_picture(tmp_path / "broken.png", lambda: Figure(figsize=(0.001, 0.001)))
    assert [one.name for one in tmp_path.iterdir()] == ["broken.txt"]
