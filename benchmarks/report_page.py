"""`python -m benchmarks.report_page --write`: the picture in docs/report.md, from a real report of the sample desk.

Writes the desk's history, trains, demands what docs/report.md says, runs `pointsman report` and photographs the
beginning of the page in Chromium. Without `--write` it leaves the picture in the working directory.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from simulation.export import write_history
from simulation.sample import SampleDesk, generate

__all__ = ["main"]

PICTURE: Final = Path(__file__).resolve().parent.parent / "docs" / "report.png"
DEMAND: Final = "0.85"
"""Of queues: what the sample desk, whose records name a wrong queue in some cases of a hundred, can prove."""

WIDTH, HEIGHT = 820, 1180


def main() -> None:
    """Make the picture."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="renew docs/report.png")
    to = PICTURE if arguments.parse_args().write else Path(PICTURE.name)
    with tempfile.TemporaryDirectory() as folder:
        photograph(made(Path(folder)), to)


def made(folder: Path) -> Path:
    """The report of the sample desk's first version, made by the commands that docs/report.md shows."""
    history, page = folder / "history.jsonl.gz", folder / "report.html"
    write_history(generate(SampleDesk()), history)
    script = str(Path(sys.executable).parent / "pointsman")
    variables = {**os.environ, "POINTSMAN_HOME": str(folder / "var"), "POINTSMAN_KEYS": "off"}
    for said in (("train", str(history)), ("contracts", "set", "queue", DEMAND), ("report", "--out", str(page))):
        subprocess.run([script, *said], env=variables, check=True, stdout=subprocess.DEVNULL)
    return page


def photograph(page: Path, to: Path) -> None:
    """The beginning of the page, in light colours."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        shown.goto(page.resolve().as_uri())
        shown.screenshot(path=to)
        browser.close()


if __name__ == "__main__":
    main()
