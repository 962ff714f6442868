"""A request's body, taken in within its bounds: plain JSON only, not too large, not too slow.

The size is bounded by what the caller says and by counting what arrives. Knows nothing of what the bytes mean.
"""

import asyncio
import re
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request

from serving.problems import ProblemError

__all__ = ["BODY", "CLOSE", "LARGEST_BATCH", "LARGEST_SINGLE", "SECONDS_FOR_A_BODY", "receive_json"]

BODY: Final = "pointsman.body"
"""Where the scope keeps a body that was received before the route asks for it."""

LARGEST_SINGLE: Final = 1_000_000
LARGEST_BATCH: Final = 16_000_000
SECONDS_FOR_A_BODY: Final = 15.0
"""Below BentoML's own limit (`serving.service`), which would answer in another shape."""

WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PARAMETER = re.compile(rf';[ \t]*(?:({WORD})=({WORD}|"[^"\\]*"))?[ \t]*')
MEDIA_TYPE = re.compile(rf"application/json[ \t]*(?:{PARAMETER.pattern})*", re.IGNORECASE)
"""As RFC 9110 spells one, with any parameters; of two character sets each reader takes another."""

CLOSE: Final = {"Connection": "close"}
"""For answers that leave a body unread: what is still under way must not be taken for the next request."""


async def receive_json(request: Request, most: int, seconds: float = SECONDS_FOR_A_BODY) -> bytes:
    """The body, at most `most` bytes of it.

    Raises `ProblemError`: 415 for anything but plain JSON, 413 where it is too large, 408 where it takes longer than
    `seconds`. Raises `starlette.requests.ClientDisconnect` where the caller goes away.
    """
    received: bytes | None = request.scope.get(BODY)
    if received is not None:
        return received
    _check_type(request.headers)
    _check_said_length(request.headers, most)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise _too_large(most)
                chunks.append(chunk)
    except TimeoutError:
        detail = f"The body did not arrive within {seconds:g} seconds."
        raise ProblemError(408, "too-slow", detail, headers=CLOSE) from None
    return b"".join(chunks)


def _check_type(headers: Headers) -> None:
    if "content-encoding" in headers:
        raise _unsupported("Send the body as it is, without Content-Encoding.")
    # Two of them may be read in two ways, by us and by whoever stands before us.
    given = headers.getlist("content-type")
    if given != ["application/json"] and not (len(given) == 1 and _is_json(given[0])):
        raise _unsupported("Send Content-Type: application/json, in UTF-8.")


def _is_json(content_type: str) -> bool:
    if not MEDIA_TYPE.fullmatch(content_type):
        return False
    charsets = [
        value.strip('"').lower() for name, value in PARAMETER.findall(content_type) if name.lower() == "charset"
    ]
    return charsets in ([], ["utf-8"], ["utf8"])


def _check_said_length(headers: Headers, most: int) -> None:
    said = headers.get("content-length", "")
    if said.isascii() and said.isdigit() and (len(said) > 18 or int(said) > most):
        raise _too_large(most)


def _too_large(most: int) -> ProblemError:
    return ProblemError(413, "too-large", f"The body may have {most:,} bytes; send less.", headers=CLOSE)


def _unsupported(detail: str) -> ProblemError:
    return ProblemError(415, "unsupported-media-type", detail, headers={**CLOSE, "Accept": "application/json"})
