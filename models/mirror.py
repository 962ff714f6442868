"""`python -m models.mirror --uri URI --version N`: lets MLflow's alias `champion` repeat what the journal says.

Prints one JSON line, `{"ok": true, "before": "2", "by_hand": false}` or `{"ok": false, "error": "…"}`, and exits with 0
or 1. The serving process runs this as a child, so that it never has to import MLflow itself.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from desk.errors import PointsmanError
from models.registry import mirror_alias

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Mirror what the arguments say, print the line, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.mirror", description="Let MLflow's alias follow.")
    parser.add_argument("--uri", required=True, help="MLflow's address")
    parser.add_argument("--version", required=True, help="number of the version that is champion")
    asked = parser.parse_args(arguments)
    try:
        found = mirror_alias(asked.uri, asked.version)
    except PointsmanError as error:
        return _say({"ok": False, "error": str(error)})
    return _say({"ok": True, "before": found.before, "by_hand": found.by_hand})


def _say(answer: dict[str, object]) -> int:
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
