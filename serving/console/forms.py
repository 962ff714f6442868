"""What a form sent, taken in within its bounds. Knows no fields."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from serving.problems import ProblemError
from serving.receiving import CLOSE, SECONDS_FOR_A_BODY

__all__ = ["read_form"]

LARGEST: Final = 64_000
MOST_FIELDS: Final = 100
TYPE: Final = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields by name, without blanks around them; of several of one name the last holds.

    Raises `ProblemError`: 415 for anything but a plain form in UTF-8, 413 where it is too large, 408 where it takes too
    long, 400 where it cannot be read.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != TYPE:
        raise ProblemError(415, "unsupported-media-type", "Send a form of the console.", headers=CLOSE)
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_FOR_A_BODY):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    raise ProblemError(413, "too-large", f"A form may have {LARGEST:,} bytes.", headers=CLOSE)
    except TimeoutError:
        raise ProblemError(408, "too-slow", "The form did not arrive in time.", headers=CLOSE) from None
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError:
        raise ProblemError(400, "invalid-body", "The form cannot be read. Open the page and try again.") from None
    return {name: value.replace("\0", "").strip() for name, value in pairs}
