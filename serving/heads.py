"""Requests' heads, bounded: uvicorn's own connection takes any number of headers of any length, and this one does not.

What cannot be read as HTTP, or has a head beyond the bounds, is answered with a problem like every other error, and its
connection ended. Knows no route, and no clock: who is too slow is for `serving.connections`.
"""

from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.problems import ProblemError, problem_response

__all__ = ["LARGEST_HEAD", "BoundedHeads", "whole_answer"]

LARGEST_HEAD: Final = 65_536
"""Bytes of target and headers."""
BESIDE_A_HEADER: Final = 32
"""What a header counts for beside its letters, as in HTTP/2: many short ones take more memory than one that is long."""


class _HeadTooLargeError(Exception):
    """Ends the parsing."""


class BoundedHeads(HttpToolsProtocol):
    """One connection, as far as heads go."""

    _size = 0
    """Of the head that is being read."""
    _unread = 0
    """Bytes that came without ending a head; the parser keeps the header that they belong to until it is whole."""
    _is_too_large = False

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a request."""
        if self._unread > LARGEST_HEAD:
            if not self.transport.is_closing():
                self._is_too_large = True
                self.send_400_response("")
            return
        self._unread += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._size = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, whole."""
        self._count(len(name) + len(value) + BESIDE_A_HEADER)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of a request is there."""
        self._unread = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are for its own form
        """Answer what cannot be read, and close."""
        self.transport.write(TOO_LARGE if self._is_too_large else UNREADABLE)
        self.transport.close()

    def _count(self, more: int) -> None:
        self._size += more
        if self._size > LARGEST_HEAD:
            self._is_too_large = True
            raise _HeadTooLargeError


def whole_answer(problem: ProblemError) -> bytes:
    """A whole answer for a connection on which no request was understood."""
    response = problem_response(problem)
    headers = b"".join(name + b": " + value + b"\r\n" for name, value in response.raw_headers)
    line = f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n".encode()
    return line + headers + b"connection: close\r\n\r\n" + bytes(response.body)


UNREADABLE: Final = whole_answer(ProblemError(400, "not-http", "What arrived is not a request of HTTP/1.1."))
TOO_LARGE: Final = whole_answer(
    ProblemError(431, "head-too-large", f"Target and headers may have {LARGEST_HEAD:,} bytes; send less.")
)
