"""`python -m training.forgetting`: the files of a person whose tombstone is set, for the service.

Reads `{"tenant", "customer", "tickets"}` from standard input: the customer's keyed hash and the ids of tickets that the
journal knew. Prints one JSON line, `{"ok": true, "report": {…}}` or `{"ok": false, "error": "…"}`; exits with 0 or 1.
"""

import json
import sys

from desk.errors import PointsmanError
from journal.database import connect
from journal.environment import read_environment
from journal.erasures import Person
from journal.secret import installation_secret
from training.forgetting.person import erase_rest

__all__ = ["main"]


def main() -> int:
    """Erase what standard input says, print the line, return the exit code."""
    asked = json.load(sys.stdin)
    try:
        environment = read_environment()
        person = Person(asked["tenant"], asked["customer"], installation_secret(environment))
        report = erase_rest(environment, connect(environment.database_url), person, asked["tickets"])
    except PointsmanError as error:
        return _say({"ok": False, "error": str(error)})
    if report is None:
        return _say({"ok": False, "error": "there is no such tombstone"})
    return _say({"ok": True, "report": report.to_json()})


def _say(answer: dict[str, object]) -> int:
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
