"""`python -m models.fetch --uri URI --version N --to FOLDER`: one version from the registry, for another process.

Prints one JSON line, `{"ok": true, "version": "3", "folder": "…"}` or `{"ok": false, "error": "…", "kind": "…"}`, and
exits with 0 or 1. The serving process runs this as a child, so that it never has to import MLflow itself.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from desk.errors import PointsmanError
from models.registry import fetch

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch what the arguments say, print the line, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.fetch", description="Fetch one version from the registry.")
    parser.add_argument("--uri", required=True, help="MLflow's address")
    parser.add_argument("--version", required=True, help="number of the version")
    parser.add_argument("--to", required=True, type=Path, help="folder to make or replace")
    asked = parser.parse_args(arguments)
    try:
        folder = fetch(asked.uri, asked.version, asked.to)
    except PointsmanError as error:
        return _say({"ok": False, "error": str(error), "kind": type(error).__name__})
    return _say({"ok": True, "version": asked.version, "folder": str(folder)})


def _say(answer: dict[str, object]) -> int:
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
