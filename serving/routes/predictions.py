"""`GET /v1/predictions/{prediction_id}`, as it was answered, with what people said of it, and made again on request."""

import asyncio
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from desk.errors import JournalUnavailableError, RegistryError, ReplayError, UnknownVersionError, VersionError
from journal.predictions import RecordedPrediction
from journal.verdicts import RecordedVerdict, recorded_verdicts
from models.version import Version
from serving.operation import ANY_KEY, Operation, Schema
from serving.problems import ProblemError
from serving.replaying import Replay, replay
from serving.replying import asked_of_journal, json_response
from serving.routes.feedback import verdict_json
from serving.triage import Desk

__all__ = ["OPERATIONS", "SCHEMAS"]

SECONDS_TO_REPLAY: Final = 15.0
"""Until the caller is asked to come again; the version is made ready all the same."""


async def answer_prediction(desk: Desk, request: Request) -> Response:
    """`GET /v1/predictions/{prediction_id}`."""
    is_to_be_replayed = _is_to_be_replayed(request)
    found, heard = await asked_of_journal(_looked_up, desk, request.path_params["prediction_id"])
    if found is None:
        raise ProblemError(404, "not-found", "There is no prediction of this id.")
    recorded: dict[str, Any] = {
        "prediction_id": found.prediction_id,
        "at": found.at,
        "version": found.version,
        "latency_ms": found.latency_ms,
        "request_id": found.request_id,
        "ticket": found.ticket,
        "answer": found.answer,
        "feedback": None if heard is None else [verdict_json(one) for one in reversed(heard)],
    }
    if is_to_be_replayed:
        recorded["replay"] = (await _replayed(desk, found)).to_json()
    return json_response(recorded)


def _looked_up(desk: Desk, name: str) -> tuple[RecordedPrediction | None, list[RecordedVerdict] | None]:
    """The prediction and the verdicts on it; None for these where the database does not answer and the log does."""
    found = desk.journaling.look_up(name)
    if found is None:
        return None, None
    try:
        return found, recorded_verdicts(desk.journaling.engine, desk.journaling.tenant, prediction_id=name)
    except JournalUnavailableError:
        return found, None


def _is_to_be_replayed(request: Request) -> bool:
    said = request.query_params.get("replay", "false")
    if said not in ("true", "false"):
        raise ProblemError(400, "invalid-query", "`replay` is `true` or `false`.")
    return said == "true"


async def _replayed(desk: Desk, found: RecordedPrediction) -> Replay:
    """The answer made again, on the thread for replays."""
    under_way = desk.past.beside(partial(replay, desk.journaling.engine, found, partial(_version, desk)))
    if under_way is None:
        raise _later("Other replays are under way.")
    waited = asyncio.wrap_future(under_way)
    # What was begun is of use to whoever asks next; what comes of it is nobody's surprise.
    waited.add_done_callback(lambda one: one.cancelled() or one.exception())
    try:
        return await asyncio.wait_for(asyncio.shield(waited), SECONDS_TO_REPLAY)
    except TimeoutError:
        raise _later(f"Version {found.version!r} is still being made ready.") from None
    except JournalUnavailableError:
        raise _later("The journal cannot be reached now.") from None
    except RegistryError:
        raise _later(f"Version {found.version!r} is not on this machine, and the registry does not answer.") from None
    except UnknownVersionError:
        detail = f"Version {found.version!r}, which answered, is neither on this machine nor in the registry any more."
        raise ProblemError(409, "not-replayable", detail) from None
    except VersionError:
        detail = f"Version {found.version!r}, which answered, is damaged or of a format that this build does not read."
        raise ProblemError(409, "not-replayable", detail) from None
    except ReplayError as error:
        raise ProblemError(409, "not-replayable", str(error)) from None


def _version(desk: Desk, name: str) -> Version:
    return desk.watch.at_hand(name) or desk.past(desk.environment, name)


def _later(why: str) -> ProblemError:
    return ProblemError(503, "unavailable", f"{why} Ask again.", headers={"Retry-After": "5"})


_REPLAY: Final[Schema] = {
    "type": "object",
    "properties": {
        "same": {"type": "boolean", "description": "whether the answer is the recorded one to the bit"},
        "answer": {"$ref": "#/components/schemas/Answer"},
        "differences": {
            "type": "array",
            "items": {"type": "string"},
            "description": "paths of the answer that are not the same, such as queue.top[1].probability",
        },
    },
    "required": ["same", "answer", "differences"],
    "additionalProperties": False,
    "description": "where asked for: the ticket scored again by the version that answered, on what held then",
}

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        "GET",
        "/v1/predictions/{prediction_id}",
        answer_prediction,
        "One prediction, as it was answered",
        "The ticket as it was scored, the answer, the version, when, how long scoring took, and what people said of "
        "it, the newest first, whether or not it counts. With `replay=true` the "
        "ticket is scored again by the version that answered, which may have to be made ready first, and what differs "
        "from the recorded answer is named: nothing, on the same build and the same type of machine.",
        scopes=ANY_KEY,
        gives="RecordedPrediction",
        problems={
            400: "`replay` is neither `true` nor `false`.",
            404: "There is no prediction of this id.",
            409: "The prediction cannot be made again: `detail` says what is missing.",
            503: "The journal, the version or the registry cannot be had now; `Retry-After` says when to try again.",
        },
        parameters={"prediction_id": "the `prediction_id` of an answer"},
        query={
            "replay": {
                "type": "boolean",
                "default": False,
                "description": "whether to score the ticket again, and compare",
            }
        },
    ),
)
SCHEMAS: Final[dict[str, Schema]] = {"Replay": _REPLAY}
