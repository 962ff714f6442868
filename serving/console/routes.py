"""The console's addresses, and what each of them asks of whoever comes.

Errors are pages here, and whoever did not sign in is led to where they can. Knows no page's content.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from serving.console import (
    answering,
    asking,
    history,
    overview,
    people,
    searching,
    suspecting,
    topics,
    waiting,
)
from serving.console.forms import read_form
from serving.console.guarding import HEADERS, check_host, check_origin
from serving.console.rendering import STATIC, page_response, static_response
from serving.console.session import clear_cookie
from serving.console.signing_in import answer_sign_in, answer_sign_in_form, answer_sign_out
from serving.console.visit import Console, Visit
from serving.house import House
from serving.problems import TITLES, ProblemError

__all__ = ["console_routes"]

SIGN_IN: Final = "/console/sign-in"
SIGN_OUT: Final = "/console/sign-out"
EVERY_METHOD: Final = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

log = logging.getLogger("pointsman.console")


@dataclass(frozen=True, slots=True)
class Page:
    """One address for those who signed in, or for leads alone."""

    method: str
    path: str
    answer: Callable[[Visit], Awaitable[Response]]
    for_leads: bool = False


PAGES: Final = (
    Page("GET", "/console", asking.answer_next),
    Page("POST", "/console/answers", answering.answer_given),
    Page("POST", "/console/undo", answering.answer_undo),
    Page("GET", "/console/tickets/{prediction_id}", asking.answer_ticket),
    Page("GET", "/console/history", history.answer_history),
    Page("GET", "/console/search", searching.answer_search),
    Page("POST", "/console/topic", topics.answer_belongs),
    Page("POST", "/console/topic/decision", topics.answer_decided, for_leads=True),
    Page("GET", "/console/desk", overview.answer_desk, for_leads=True),
    Page("GET", "/console/versions", overview.answer_versions, for_leads=True),
    Page("GET", "/console/waiting", waiting.answer_waiting, for_leads=True),
    Page("POST", "/console/waiting", waiting.answer_settled, for_leads=True),
    Page("GET", "/console/suspects", suspecting.answer_suspects, for_leads=True),
    Page("POST", "/console/suspects", suspecting.answer_decided, for_leads=True),
    Page("POST", "/console/suspects/undo", suspecting.answer_taken_back, for_leads=True),
    Page("GET", "/console/people", people.answer_people, for_leads=True),
    Page("POST", SIGN_OUT, answer_sign_out),
)


def console_routes(house: House) -> list[Route]:
    """One route a path, the unknown ones below `/console` last."""
    console = Console(house)
    by_path: dict[str, dict[str, Page]] = {}
    for one in PAGES:
        by_path.setdefault(one.path, {})[one.method] = one
    routes = [_route(path, _signed_in(console, pages), list(pages)) for path, pages in by_path.items()]
    routes.append(_route(SIGN_IN, _signing_in(console), ["GET", "POST"]))
    routes += [_route(f"/console/{name}", _static(name), ["GET"]) for name in STATIC]
    return [*routes, _route("/console/{rest:path}", _unknown, EVERY_METHOD)]


def _route(path: str, answer: Callable[[Request], Awaitable[Response]], methods: list[str]) -> Route:
    async def answer_with_a_page(request: Request) -> Response:
        try:
            return await answer(request)
        except ClientDisconnect:
            raise
        except ProblemError as problem:
            return _signed_out_here(_problem_page(problem), request, problem)
        except Exception as error:
            log.error("page_failed", exc_info=True, extra={"fields": {"error": type(error).__name__}})
            return _problem_page(ProblemError(500, "internal", "Something here failed; the log has it."))

    return Route(path, answer_with_a_page, methods=methods)


def _signed_in(console: Console, pages: dict[str, Page]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        page = pages.get(request.method) or pages.get("GET")
        if page is None:
            raise ProblemError(405, "method-not-allowed", "Nothing is read here.")
        _check_place(console, request)
        found = await console.session_of(request)
        if found is None and page.method == "GET":
            return RedirectResponse(SIGN_IN, 303, headers=dict(HEADERS))
        if found is None:
            raise ProblemError(401, "unauthorized", "Your session is over, and nothing was kept. Sign in again.")
        session, caller = found
        form: Mapping[str, str] = {}
        if page.method == "POST":
            check_origin(request)
            form = await read_form(request)
            if not compare_digest(form.get("token", ""), (await console.seal()).token(session.nonce)):
                raise ProblemError(403, "forbidden", "This form is of another session. Open the page and try again.")
        visit = await console.visit(request, session, caller, form)
        if page.for_leads and not visit.is_lead:
            raise ProblemError(403, "forbidden", "This page is for leads: it takes a key with the scope `admin`.")
        return await page.answer(visit)

    return answer


def _signing_in(console: Console) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        _check_place(console, request)
        return await (answer_sign_in if request.method == "POST" else answer_sign_in_form)(console, request)

    return answer


def _static(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return static_response(name)

    return answer


async def _unknown(_: Request) -> Response:
    raise ProblemError(404, "not-found", "There is no such page.")


def _check_place(console: Console, request: Request) -> None:
    if console.keyed is None:
        check_host(request)


def _signed_out_here(response: Response, request: Request, problem: ProblemError) -> Response:
    """The response; where a session could not be ended since the journal is away, this browser has it no more."""
    if problem.status == 503 and request.method == "POST" and request.url.path == SIGN_OUT:
        clear_cookie(response)
    return response


def _problem_page(problem: ProblemError) -> Response:
    response = page_response("problem.html", problem.status, title=TITLES[problem.kind], detail=problem.detail)
    for name in ("Retry-After", "Connection"):
        if name in problem.headers:
            response.headers[name] = problem.headers[name]
    return response
