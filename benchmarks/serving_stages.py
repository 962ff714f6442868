"""Where the time of one triage goes, in this process: each stage alone, medians over different tickets.

Knows neither HTTP nor processes: what is left of a request's time beside these is the server's.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from threadpoolctl import threadpool_limits

from benchmarks.timing import medians
from desk.prediction import Extras
from desk.ticket import Ticket
from desk.ticket_json import ticket_json
from journal.log import Log
from models.scoring import predict
from models.version import Version
from serving.champion import Champion
from serving.triage import Question, answered
from serving.validation import triage_of

__all__ = ["stages_of"]


def now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


def stages_of(version: Version, tickets: Sequence[Ticket]) -> dict[str, float]:
    """Seconds of each stage of `POST /v1/triage`, and of the extras; the disk's part is of one row at a time."""
    raw = [json.dumps({"ticket": ticket_json(ticket)}).encode() for ticket in tickets]
    champion, plain, all_of_it = Champion(version), Question(), Question(Extras(5, True))
    answers = [answered(champion, ticket, plain, now()) for ticket in tickets]
    with tempfile.TemporaryDirectory() as folder, Log(Path(folder)) as log, threadpool_limits(1):
        stages: dict[str, Callable[[int], Any]] = {
            "read and validate the body": lambda at: triage_of(raw[at]),
            "score it": lambda at: predict(version, tickets[at]),
            "score it with reasons and 5 similar": lambda at: predict(version, tickets[at], extras=all_of_it.extras),
            "score, decide, put the row together": lambda at: answered(champion, tickets[at], plain, now()),
            "the same with reasons and 5 similar": lambda at: answered(champion, tickets[at], all_of_it, now()),
            "answer to JSON": lambda at: orjson.dumps(answers[at][0]),
            "make one row durable, alone": lambda at: log.write(answers[at][1]),
        }
        return medians(stages, len(tickets))
