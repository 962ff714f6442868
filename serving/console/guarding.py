"""What keeps other sites out of the console: where a request comes from, what a browser may do with a page.

Knows no sessions.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from serving.problems import ProblemError

__all__ = ["HEADERS", "check_host", "check_origin", "is_over_tls"]

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # With `no-referrer` a browser sends our own forms with `Origin: null`, and off HTTPS it says no more than that.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every page."""


def check_origin(request: Request) -> None:
    """See that a form was sent from a page of ours, by what the browser says of it.

    Raises `ProblemError` 403 where it was not, or where the browser says nothing at all: every one does.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    is_ours = site == "same-origin" if site is not None else _host_of(origin) == request.headers.get("host")
    if not is_ours or (site is None and origin is None):
        raise ProblemError(
            403, "forbidden", "This form was not sent from a page of the console. Open it and try again."
        )


def check_host(request: Request) -> None:
    """See that the page was asked for by a name of this machine, where anybody on it is let in.

    Else a page from elsewhere whose name was made to mean this machine could read tickets (DNS rebinding). Raises
    `ProblemError` 403.
    """
    name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if name == "localhost" or name.endswith(".localhost") or _is_loopback(name):
        return
    raise ProblemError(403, "forbidden", "Keys are off: open the console as http://127.0.0.1 or http://localhost.")


def is_over_tls(request: Request) -> bool:
    """Whether the browser reached us over HTTPS, also where something before us ended it."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _host_of(origin: str | None) -> str | None:
    return urlsplit(origin).netloc if origin else None
