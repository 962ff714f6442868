"""Pages out of templates. Whatever a template is given is escaped, for none says otherwise. Knows no page."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from serving.console.guarding import HEADERS
from serving.console.words import count_words

__all__ = ["STATIC", "page_response", "static_response"]

_FOLDER: Final = Path(__file__).parent
STATIC: Final[Mapping[str, str]] = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def page_response(template: str, status: int = 200, **values: Any) -> Response:
    """The template as a page, with the headers that every page has."""
    html = _environment().get_template(template).render(**values)
    return Response(html, status, headers=dict(HEADERS), media_type="text/html; charset=utf-8")


def static_response(name: str) -> Response:
    """One of `STATIC`. Its address changes with its content, so a browser may keep it."""
    headers = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_content(name), headers=headers, media_type=STATIC[name])


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static"] = {name: f"/console/{name}?{_digest(name)}" for name in STATIC}
    environment.filters |= {"percent": _percent, "moment": _moment, "day": _day, "minutes": _minutes}
    environment.filters["count"] = count_words
    return environment


@lru_cache(maxsize=len(STATIC))
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


def _digest(name: str) -> str:
    return blake2b(_content(name), digest_size=6).hexdigest()


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}".replace("%", "\u00a0%")


def _moment(at: datetime | str, zone: tzinfo) -> str:
    return f"{_time(at).astimezone(zone):%d %b %Y, %H:%M}"


def _day(at: datetime | str, zone: tzinfo) -> str:
    return f"{_time(at).astimezone(zone):%d %b %Y}"


def _time(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f}"
