"""Bytes to JSON values, strictly: UTF-8, no name twice in one object, bounded depth and breadth.

The usual parsers take a repeated name's last value in silence, and nesting until the stack ends; the callers of an API
want to be told. Numbers that JSON does not have (NaN, 1e400) come out as such and are refused where a field is read,
so that the answer can name the field. Knows nothing of tickets.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from serving.problems import FieldError, ProblemError

__all__ = ["MOST_DEPTH", "MOST_MEMBERS", "parse_json", "printable"]

MOST_DEPTH: Final = 32
MOST_MEMBERS: Final = 1_000
"""Names in one object: twice what a ticket with all its attributes has."""
BEYOND_64_BITS: Final = 2**63
SHOWN_NAME: Final = 64
SHOWN_ERRORS: Final = 20


class _Repeating(dict[str, Any]):
    """An object that names a member twice; `repeated` are those names."""

    repeated: tuple[str, ...] = ()


class _TooManyMembersError(ValueError):
    """An object is broader than any of ours."""


def parse_json(raw: bytes) -> Any:
    """The value that `raw` spells.

    Raises `ProblemError` 400: not UTF-8 or not JSON (with the position), a name twice in one object (with its path),
    deeper than 32, more than 1,000 names in one object, a number of more than 4,300 digits.
    """
    found: list[_Repeating] = []
    value = _decoded(raw, found)
    # Only a body with that many opening brackets can be that deep, and hardly any has.
    may_be_deep = raw.count(b"{") + raw.count(b"[") > MOST_DEPTH and isinstance(value, dict | list)
    if may_be_deep and _is_deeper(value, MOST_DEPTH):
        raise _refused(f"The body is nested deeper than {MOST_DEPTH} levels.")
    if found:
        errors = tuple(_repeats(value, ""))[:SHOWN_ERRORS]
        raise _refused("An object names a member more than once; send each name once.", errors)
    return value


def printable(name: str) -> str:
    """`name` short and in printable ASCII: what a caller called a field may be anything."""
    safe = name.encode("unicode_escape").decode("ascii")
    return safe if len(safe) <= SHOWN_NAME else f"{safe[:SHOWN_NAME]}…"


def _decoded(raw: bytes, found: list[_Repeating]) -> Any:
    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) == len(pairs) <= MOST_MEMBERS:
            return members
        if len(pairs) > MOST_MEMBERS:
            raise _TooManyMembersError
        repeating = _Repeating(members)
        times = Counter(name for name, _ in pairs)
        repeating.repeated = tuple(name for name, count in times.items() if count > 1)
        found.append(repeating)
        return repeating

    try:
        return json.loads(raw.decode(), object_pairs_hook=collect, parse_float=_number)
    except UnicodeDecodeError as error:
        raise _refused(f"The body must be UTF-8; byte {error.start} is not.") from None
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}."
        raise _refused(detail) from None
    except RecursionError:
        raise _refused(f"The body is nested deeper than {MOST_DEPTH} levels.") from None
    except _TooManyMembersError:
        raise _refused(f"An object has more than {MOST_MEMBERS:,} members.") from None
    except ValueError:
        raise _refused("A number in the body has more than 4,300 digits.") from None


def _number(spelling: str) -> int | float:
    """JSON has one kind of number: 5.0 and 5e0 are 5, and a field that takes whole numbers takes them."""
    value = float(spelling)
    return int(value) if value.is_integer() and abs(value) < BEYOND_64_BITS else value


def _is_deeper(value: dict[str, Any] | list[Any], most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [child for parent in level for child in _containers_in(parent)]
        if not level:
            return False
    return True


def _containers_in(value: dict[str, Any] | list[Any]) -> Iterator[dict[str, Any] | list[Any]]:
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield child


def _repeats(value: Any, path: str) -> Iterator[FieldError]:
    if isinstance(value, _Repeating):
        for name in value.repeated:
            yield FieldError(f"{path}.{printable(name)}".lstrip("."), "is given more than once")
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _repeats(child, f"{path}.{printable(name)}".lstrip("."))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _repeats(child, f"{path}[{index}]")


def _refused(detail: str, errors: tuple[FieldError, ...] = ()) -> ProblemError:
    return ProblemError(400, "invalid-body", detail, errors)
