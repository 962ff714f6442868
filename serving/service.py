"""The BentoML service: puts the parts together when a process starts, and takes them apart when it ends.

One Starlette app answers every request; it stands before BentoML's own routes, whose probes, pages and errors have
another form (`docs/decisions/0002-one-app-in-front.md`). Importing this defines a class and opens nothing: BentoML
imports it in the parent process too. It also tells uvicorn, which a process of the service asks for its protocol before
anything of ours runs, whose connections to use.
"""

import asyncio
from typing import TYPE_CHECKING, ClassVar

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import HTTP_PROTOCOLS

from serving.problems import ProblemError, problem_response

if TYPE_CHECKING:
    from serving.composition import Composed

SECONDS_FOR_THE_FIRST_LOOK = 15.0
"""A process takes no requests until its version is loaded, but no longer than this: then the default queue answers."""


CLOSED = ProblemError(503, "unavailable", "The service is starting or ending.", headers={"Retry-After": "2"})


class FrontDoor:
    """ASGI middleware that gives every HTTP request to our app, and all else (the lifespan) to BentoML's."""

    app: ClassVar[ASGIApp | None] = None

    def __init__(self, app: ASGIApp) -> None:
        self.bentoml = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.bentoml(scope, receive, send)
        elif FrontDoor.app is None:
            await problem_response(CLOSED)(scope, receive, send)
        else:
            await FrontDoor.app(scope, receive, send)


@bentoml.service(
    name="pointsman",
    # Each of these costs a fifth to a half of the time of a small request; our own log and metrics take their place.
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": [".*"]},
    # Above our own limit for slow bodies, which answers in our own form. Each request leaves a timer for this long.
    traffic={"timeout": 20},
)
class Pointsman:
    """Answers for support tickets: queue, priority, risk of escalation and of a breached SLA."""

    def __init__(self) -> None:
        self.composed: Composed | None = None
        self.looking: asyncio.Task[None] | None = None

    @bentoml.on_startup  # type: ignore[untyped-decorator]  # bentoml has no types that mypy reads
    async def open(self) -> None:
        """Put the parts together and wait for the first version, but not for ever."""
        # Imported here: the parent process and `bentoml build` need the class only, and start half a second sooner.
        from journal.environment import read_environment
        from serving.composition import compose
        from serving.connections import PatientProtocol, raise_file_limit
        from serving.ending import end_with_parent
        from serving.vital_signs import VitalSigns

        raise_file_limit()
        if _is_served():
            end_with_parent()
        self.composed = await asyncio.to_thread(compose, read_environment())
        # After it: the version is tried in its child process while this process imports the rest.
        from serving.app import build_app

        await asyncio.to_thread(self.composed.desk.watch.looked.wait, SECONDS_FOR_THE_FIRST_LOOK)
        if self.composed.ring is not None:
            await asyncio.to_thread(self.composed.ring.looked.wait, SECONDS_FOR_THE_FIRST_LOOK)
        house, drain, now = self.composed.house, self.composed.drain, self.composed.desk.now
        signs = VitalSigns(house, drain, PatientProtocol.shared, now)
        self.looking = asyncio.create_task(signs.run())
        FrontDoor.app = build_app(house)

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]  # the same
    async def close(self) -> None:
        """End the threads; what is in the local log is brought to the database, now or at the next start."""
        from serving.ending import end_at_last

        FrontDoor.app = None
        if self.looking is not None:
            self.looking.cancel()
        if _is_served():
            end_at_last()
        if self.composed is not None:
            await asyncio.to_thread(self.composed.close)


HTTP_PROTOCOLS["auto"] = "serving.connections:PatientProtocol"


def _is_served() -> bool:
    """Whether `bentoml serve` started this process, and not a test that has the app in its own."""
    return bentoml.server_context.worker_index is not None


Pointsman.add_asgi_middleware(FrontDoor)  # type: ignore[attr-defined]  # the decorator made a Service of the class
