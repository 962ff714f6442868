"""`ETag`, `If-Match` and `If-None-Match` for what has numbered revisions: who writes says what they have seen.

Revision 0 is what holds before anything was set. Knows no route and no journal.
"""

import re
from typing import Final

from starlette.requests import Request

from serving.operation import Schema
from serving.problems import FieldError, ProblemError

__all__ = ["ETAG", "IF_MATCH", "REVISION_PROBLEMS", "changed_since", "check_revision", "etag"]

IF_MATCH: Final[dict[str, Schema]] = {
    "If-Match": {
        "type": "string",
        "examples": ['"3"'],
        "description": "the `ETag` of the revision to replace; `*`: whichever holds",
    },
    "If-None-Match": {
        "type": "string",
        "enum": ["*"],
        "description": "in place of `If-Match`: only if nothing was set yet",
    },
}
ETAG: Final[dict[str, Schema]] = {
    "ETag": {"type": "string", "examples": ['"3"'], "description": 'the revision, in quotes; `"0"` before the first'}
}
REVISION_PROBLEMS: Final = {
    412: "Another revision holds by now; look at it, then set it again.",
    428: "Neither `If-Match` nor `If-None-Match: *` says which revision is to be replaced.",
}

ONE: Final = re.compile(r'\s*"(0|[1-9][0-9]{0,8})"\s*')


def etag(revision: int) -> dict[str, str]:
    """The header that names a revision."""
    return {"ETag": f'"{revision}"'}


def check_revision(request: Request, held: int) -> None:
    """See that the caller means to replace the revision that is `held`.

    Raises `ProblemError` 428 where the caller does not say, 412 where another revision is meant, 400 for an
    `If-None-Match` that is not `*`.
    """
    unless = request.headers.getlist("if-none-match")
    if unless and [one.strip() for one in unless] != ["*"]:
        errors = (FieldError("If-None-Match", "must be *, or absent"),)
        raise ProblemError(400, "invalid-header", "1 header cannot be used.", errors)
    wanted = request.headers.getlist("if-match")
    if wanted:
        if not _matches(",".join(wanted), held):
            raise changed_since(held)
    elif unless:
        if held != 0:
            raise changed_since(held)
    else:
        detail = f"Send If-Match with the ETag of what you have seen; the last revision is {held}."
        raise ProblemError(428, "precondition-required", detail, headers=etag(held))


def changed_since(held: int) -> ProblemError:
    """The problem of one who wrote over what they had not seen."""
    detail = f"The last revision is {held}; look at it, then set it again."
    return ProblemError(412, "precondition-failed", detail, headers=etag(held))


def _matches(given: str, held: int) -> bool:
    """Whether the header names the revision; a weak tag never does, as RFC 9110 has it."""
    if given.strip() == "*":
        return True
    found = [ONE.fullmatch(one) for one in given.split(",")]
    return any(one is not None and int(one[1]) == held for one in found)
