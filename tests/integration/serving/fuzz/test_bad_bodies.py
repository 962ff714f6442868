"""Bodies that no operation can use, made by hand, sent to every operation that takes a body.

Each is answered with a documented problem that repeats nothing of it, nothing of it reaches the journal or the log, and
the caller's next good request works. What is wrong with single fields is another module's matter (`test_bad_fields`).
"""

import bz2
import gzip
import io
import json
import pickle
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from serving.operation import Operation
from serving.operations import OPERATIONS

MARK: Final = "xyzzy-from-the-body"
"""Stands in every body; whoever repeats or logs what came gives it away."""

JSON: Final = (("Content-Type", "application/json"),)
TAKING: Final = [one for one in OPERATIONS if one.takes is not None]
PLACES: Final = {"name": "default_queue"}
"""What is there to be changed, by the name of the path's parameter; else something that is not there."""


@dataclass(frozen=True)
class Bad:
    """A body and its headers, and with which status it is refused."""

    content: bytes
    headers: tuple[tuple[str, str], ...] = JSON
    status: int = 400


def text(spelling: str) -> bytes:
    """JSON text, or nearly, with `@` for the mark."""
    return spelling.replace("@", MARK).encode()


GOOD_JSON: Final = text('{"@": "@"}')


def zipped(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("body.json", content)
    return made.getvalue()


BROKEN: Final = {
    "a bare word": "@",
    "a word in quotes that never end": '"@',
    "an opening brace": "{",
    "an opening bracket": "[",
    "a closing brace": "}",
    "a colon": ":",
    "a comma": ",",
    "a quote": '"',
    "a backslash": "\\",
    "single quotes": "{'a': '@'}",
    "typographic quotes": "{“a”: “@”}",
    "a name without quotes": '{a: "@"}',
    "a number for a name": '{1: "@"}',
    "null for a name": '{null: "@"}',
    "a list for a name": '{["a"]: "@"}',
    "a name alone": '{"@"}',
    "a name without a value": '{"@":}',
    "a value without a name": '{:"@"}',
    "no colon": '{"a" "@"}',
    "an equals sign": '{"a" = "@"}',
    "an arrow": '{"a" => "@"}',
    "a comma behind the last member": '{"a": "@",}',
    "a comma behind the last element": '["@",]',
    "a comma before the first": '{,"a": "@"}',
    "two commas": '{"a": "@",,"b": 1}',
    "no comma": '{"a": "@" "b": 1}',
    "a semicolon": '{"a": "@"; "b": 1}',
    "no closing brace": '{"a": "@"',
    "no closing bracket": '["@"',
    "no closing quote": '{"a": "@}',
    "brackets that do not match": '{"a": ["@"}]',
    "a closing brace too many": '{"a": "@"}}',
    "a closing bracket too many": '["@"]]',
    "two values": '{"a": "@"} {"b": 1}',
    "two values without a space": '{"a": "@"}{"b": 1}',
    "a value a line": '{"a": "@"}\n{"b": 1}\n',
    "text behind the value": '{"a": 1} @',
    "a record separator": '\x1e{"a": "@"}\n',
    "a comment to the end of the line": '{"a": 1 // @\n}',
    "a comment between stars": '{"a": 1 /* @ */}',
    "a comment with a hash": '# @\n{"a": 1}',
    "a comment as in HTML": '<!-- @ -->{"a": 1}',
    "Python's true": '{"a": True, "b": "@"}',
    "Python's none": '{"a": None, "b": "@"}',
    "TRUE": '{"a": TRUE, "b": "@"}',
    "undefined": '{"a": undefined, "b": "@"}',
    "nan": '{"a": nan, "b": "@"}',
    "inf": '{"a": inf, "b": "@"}',
    "a number with a leading nought": '{"a": 01, "b": "@"}',
    "a number with a plus": '{"a": +1, "b": "@"}',
    "a number with two minuses": '{"a": --1, "b": "@"}',
    "a minus alone": '{"a": -, "b": "@"}',
    "a number that begins with a point": '{"a": .5, "b": "@"}',
    "a number that ends with a point": '{"a": 1., "b": "@"}',
    "a number with two points": '{"a": 1.2.3, "b": "@"}',
    "a number with an empty exponent": '{"a": 1e, "b": "@"}',
    "a number with a comma inside": '{"a": 1,5, "b": "@"}',
    "a number with underscores": '{"a": 1_000, "b": "@"}',
    "a hexadecimal number": '{"a": 0x1F, "b": "@"}',
    "an octal number": '{"a": 0o17, "b": "@"}',
    "a long integer as in Python 2": '{"a": 1L, "b": "@"}',
    "a number in full-width digits": '{"a": １２, "b": "@"}',
    "a number in Arabic digits": '{"a": ١٢, "b": "@"}',
    "a number of 5,000 digits": f'{{"b": "@", "a": {"9" * 5000}}}',
    "a date without quotes": '{"a": 2026-11-21, "b": "@"}',
    "a regular expression": '{"a": /@/}',
    "a template string": '{"a": `@`}',
    "an escape that is none": '{"a": "\\x41@"}',
    "an octal escape": '{"a": "\\012@"}',
    "an escape that is cut short": '{"a": "@\\u12"}',
    "an escape with wrong digits": '{"a": "@\\uZZZZ"}',
    "an escape with a sign": '{"a": "@\\u+123"}',
    "an escape in braces": '{"a": "@\\u{1F600}"}',
    "a backslash at the end": '{"a": "@\\',
    "a line break in a text": '{"a": "@\n"}',
    "a line break after a backslash in a text": '{"a": "@\\\n"}',
    "a tab in a text": '{"a": "@\t"}',
    "NUL in a text": '{"a": "@\0"}',
    "NUL before the value": '\0{"a": "@"}',
    "NUL behind the value": '{"a": "@"}\0',
    "escape, the character": '{"a": "@\x1b[31m"}',
    "a no-break space between": '{"a":\u00a0"@"}',
    "a zero-width space before": '\u200b{"a": "@"}',
    "a line separator between": '{"a":\u2028"@"}',
    "a right-to-left mark before": '\u200f{"a": "@"}',
    "a vertical tab between": '{"a":\v"@"}',
    "a form feed between": '{"a":\f"@"}',
    "JSONP": 'callback({"a": "@"})',
    "a guard against inclusion": ')]}\',\n{"a": "@"}',
    "a statement of JavaScript": 'var a = {"a": "@"};',
    "Python's representation": "{'a': ('@', None)}",
    "YAML": "a: '@'\nb:\n  - 1\n",
    "TOML": 'a = "@"\n[b]\n',
    "XML": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;@</a>',
    "HTML": "<!doctype html><script>alert('@')</script>",
    "CSV": "a,b\r\n1,@\r\n",
    "a form": "a=1&b=@",
    "SQL": "'; DROP TABLE predictions; -- @",
    "a template": "{{ 7 * 7 }} @",
    "a whole request": 'POST /v1/triage HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{"a": "@"}',
}
"""Texts in UTF-8 that are not JSON."""

NOT_TEXT: Final = {
    "nothing": b"",
    "spaces": b"   ",
    "line breaks": b"\r\n\r\n",
    "a byte-order mark": b"\xef\xbb\xbf",
    "a byte-order mark before good JSON": b"\xef\xbb\xbf" + GOOD_JSON,
    "UTF-16 with its mark": GOOD_JSON.decode().encode("utf-16"),
    "UTF-16, the small end first": GOOD_JSON.decode().encode("utf-16-le"),
    "UTF-16, the big end first": GOOD_JSON.decode().encode("utf-16-be"),
    "UTF-32": GOOD_JSON.decode().encode("utf-32"),
    "UTF-7": '{"ä": "@"}'.encode("utf-7").replace(b"{", b"+AHs-"),
    "Latin-1": text('{"a": "@ü"}').decode().encode("latin-1"),
    "Windows' own quotes": text('{"a": "@“"}').decode().encode("cp1252"),
    "Shift JIS": text('{"a": "@日本"}').decode().encode("shift-jis"),
    "GB 18030": text('{"a": "@中文"}').decode().encode("gb18030"),
    "EBCDIC": GOOD_JSON.decode().encode("cp037"),
    "an overlong slash": text('{"a": "@') + b'\xc0\xaf"}',
    "an overlong NUL": text('{"a": "@') + b'\xc0\x80"}',
    "an overlong quote of three bytes": text('{"a": "@') + b'\xe0\x80\xa2"}',
    "half of a surrogate pair in UTF-8": text('{"a": "@') + b'\xed\xa0\x80"}',
    "a surrogate pair in UTF-8": text('{"a": "@') + b'\xed\xa0\xbd\xed\xb8\x80"}',
    "the rest of a character": text('{"a": "@') + b'\x80"}',
    "a character that is cut short": text('{"a": "@') + b"\xe2\x82",
    "a character of five bytes": text('{"a": "@') + b'\xf8\x88\x80\x80\x80"}',
    "a character beyond the last": text('{"a": "@') + b'\xf4\x90\x80\x80"}',
    "bytes that never occur": text('{"a": "@') + b'\xfe\xff"}',
    "gzip without a word": gzip.compress(GOOD_JSON),
    "bzip2": bz2.compress(GOOD_JSON),
    "a zip archive": zipped(GOOD_JSON),
    "a pickle": pickle.dumps({"a": MARK}),
    "a pickle that calls": b"cposix\nsystem\n(S'touch /tmp/" + MARK.encode() + b"'\ntR.",
    "MessagePack": b"\x81\xa1a\xb3" + MARK.encode(),
    "CBOR": b"\xa1\x61a\x73" + MARK.encode(),
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + MARK.encode(),
    "random bytes": bytes(range(256)) + MARK.encode(),
}


def deep(opening: str, closing: str, levels: int) -> bytes:
    return text(opening * levels + '"@"' + closing * levels)


SHAPES: Final = {
    "a list": text('["@"]'),
    "a list of objects": text('[{"a": "@"}]'),
    "an empty list": b"[]",
    "null": b"null",
    "true": b"true",
    "nought": b"0",
    "not a number": b"NaN",
    "infinity": b"Infinity",
    "minus infinity": b"-Infinity",
    "a number beyond all": b"1e400",
    "a text": text('"@"'),
    "an empty text": b'""',
    "JSON in a text": json.dumps(json.dumps({"a": MARK})).encode(),
    "a name twice": text('{"a": 1, "a": "@"}'),
    "a name three times": text('{"a": 1, "a": 2, "a": "@"}'),
    "a name twice in two spellings": text('{"a": 1, "\\u0061": "@"}'),
    "a name twice, one level down": text('{"b": {"a": 1, "a": "@"}}'),
    "a name twice in a list": text('{"b": [{}, {"a": 1, "a": "@"}]}'),
    "a name twice, 30 levels down": b'{"b":' * 30 + text('{"a": 1, "a": "@"}') + b"}" * 30,
    "33 lists in one another": deep("[", "]", 33),
    "33 objects in one another": deep('{"a":', "}", 33),
    "10,000 lists in one another": deep("[", "]", 10_000),
    "10,000 objects in one another": deep('{"a":', "}", 10_000),
    "100,000 lists that never end": b"[" * 100_000,
    "100,000 objects that never end": b'{"a":' * 100_000,
    "1,001 names": json.dumps({f"{number}": MARK for number in range(1_001)}).encode(),
    "20,000 names": json.dumps({f"{number}": MARK for number in range(20_000)}).encode(),
    "a name that JavaScript knows": text('{"__proto__": {"admin": "@"}}'),
    "a constructor": text('{"constructor": {"prototype": {"admin": "@"}}}'),
    "a name that Python knows": text('{"__class__": "@"}'),
    "a name that Python knows well": text('{"__init__": {"__globals__": "@"}}'),
    "a name that a framework knows": text('{"model_config": {"extra": "@"}}'),
    "a type that shall be made": text('{"py/object": "os.system", "py/reduce": "@"}'),
    "a type as Java has it": text('{"\\u0040type": "java.lang.Runtime", "a": "@"}'),
    "a reference": text('{"$ref": "file:///etc/passwd", "a": "@"}'),
    "an operator": text('{"$where": "@"}'),
    "an empty name": text('{"": "@"}'),
    "a name with NUL": text('{"a\\u0000": "@"}'),
    "half of a surrogate pair for a name": text('{"\\ud800": "@"}'),
    "a line break in a name": text('{"a\\nb": "@"}'),
    "a name from right to left": text('{"\\u202ea": "@"}'),
    "a name of 100,000 characters": json.dumps({"n" * 100_000: MARK}).encode(),
    "a name of colours for a terminal": text('{"\\u001b[31m": "@"}'),
}
"""JSON that is no body of any operation."""


def typed(media_type: str, content: bytes = GOOD_JSON) -> Bad:
    return Bad(content, (("Content-Type", media_type),), 415)


def encoded(coding: str, content: bytes = GOOD_JSON) -> Bad:
    return Bad(content, (*JSON, ("Content-Encoding", coding)), 415)


PARTS: Final = text('--b\r\nContent-Disposition: form-data; name="a"; filename="@.json"\r\n\r\n{"a": "@"}\r\n--b--\r\n')

MEDIA: Final = {
    "no type": Bad(GOOD_JSON, (), 415),
    "an empty type": typed(""),
    "plain text": typed("text/plain"),
    "JSON as text": typed("text/json"),
    "nearly JSON": typed("application/jsonx"),
    "JSON 5": typed("application/json5", text("{a: '@'}")),
    "JSON lines": typed("application/x-ndjson", text('{"a": "@"}\n')),
    "a merge patch": typed("application/merge-patch+json"),
    "a problem": typed("application/problem+json"),
    "half a type": typed("json"),
    "a type too long": typed("application/json/x"),
    "two types in one": typed("application/json, text/plain"),
    "any type": typed("*/*"),
    "a type that is no text": typed("äpplication/json"),
    "a form": typed("application/x-www-form-urlencoded", text("a=1&b=@")),
    "a form with a file": typed("multipart/form-data; boundary=b", PARTS),
    "a form without a boundary": typed("multipart/form-data", PARTS),
    "XML": typed("application/xml", text("<a>@</a>")),
    "XML as text": typed("text/xml", text("<a>@</a>")),
    "bytes": typed("application/octet-stream"),
    "a pickle": typed("application/x-pickle", pickle.dumps(MARK)),
    "a pickle for BentoML": typed("application/vnd.bentoml+pickle", pickle.dumps(MARK)),
    "an archive for BentoML": typed("multipart/mixed; boundary=b", PARTS),
    "Arrow": typed("application/vnd.apache.arrow.stream", b"ARROW1\0\0" + MARK.encode()),
    "JSON in Latin-1": typed("application/json; charset=latin-1"),
    "JSON in UTF-16": typed("application/json; charset=utf-16", GOOD_JSON.decode().encode("utf-16")),
    "JSON in UTF-7": typed("application/json; charset=utf-7"),
    "JSON in two character sets": typed("application/json; charset=utf-8; charset=latin-1"),
    "JSON in something": typed(f"application/json; charset={MARK}"),
    "JSON first, then text": Bad(GOOD_JSON, (*JSON, ("Content-Type", "text/plain")), 415),
    "text first, then JSON": Bad(GOOD_JSON, (("Content-Type", "text/plain"), *JSON), 415),
    "JSON twice": Bad(GOOD_JSON, (*JSON, *JSON), 415),
    "gzip": encoded("gzip", gzip.compress(GOOD_JSON)),
    "gzip that unpacks to a hundred times as much": encoded("gzip", gzip.compress(b" " * 5_000_000)),
    "gzip that is none": encoded("gzip"),
    "gzip in gzip": encoded("gzip, gzip", gzip.compress(gzip.compress(GOOD_JSON))),
    "gzip by its old name": encoded("x-gzip", gzip.compress(GOOD_JSON)),
    "deflate": encoded("deflate", zlib.compress(GOOD_JSON)),
    "brotli": encoded("br", b"\x0b\x05\x80" + GOOD_JSON + b"\x03"),
    "zstandard": encoded("zstd", b"\x28\xb5\x2f\xfd" + GOOD_JSON),
    "no coding, but said": encoded("identity"),
    "an empty coding": encoded(""),
    "a coding that nobody knows": encoded(MARK),
}
"""Bodies whose headers rule them out, whatever they hold."""

BODIES: Final = {
    **{f"broken: {name}": Bad(text(spelling)) for name, spelling in BROKEN.items()},
    **{f"not text: {name}": Bad(content) for name, content in NOT_TEXT.items()},
    **{f"shape: {name}": Bad(content) for name, content in SHAPES.items()},
    **{f"media: {name}": bad for name, bad in MEDIA.items()},
}


@dataclass
class Caller:
    """Sends to the service over one connection, and counts."""

    served: Any
    client: httpx.Client
    good: int = 0
    bad: int = 0
    before: dict[str, int] = field(default_factory=dict)

    def send(self, one: Operation, bad: Bad, name: str) -> httpx.Response:
        path = one.path.format(**{place: PLACES.get(place, "0" * 32) for place in one.parameters or {}})
        headers = [*bad.headers, ("X-Request-Id", uuid4().hex)]
        self.bad += 1
        answer = self.client.request(one.method, path, content=bad.content, headers=httpx.Headers(headers, "utf-8"))
        assert answer.status_code < 500, f"{one.method} {one.path}, {name}: {answer.status_code}"
        return answer

    def ask_well(self) -> None:
        self.good += 1
        answer = self.client.post("/v1/triage", json={"ticket": {"id": self.good, "subject": "vpn is down"}})
        assert (answer.status_code, answer.json()["journaled"]) == (200, True)


@pytest.fixture(scope="module")
def caller(served: Any) -> Iterator[Caller]:
    with httpx.Client(base_url=served.address, timeout=20) as client:
        yield Caller(served, client, before=served.kept())


def assert_refused(one: Operation, bad: Bad, answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    documented = one.problems or {}
    assert answer.status_code in documented, f"{answer.status_code} is not in the document"
    # A place that is not there, or a precondition, may be told before anybody looks at the body.
    assert answer.status_code == bad.status or (one.parameters and answer.status_code in (404, 412, 428))
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("urn:pointsman:problem:")
    assert MARK not in answer.text + str(answer.headers)
    assert all(set(error) == {"field", "message"} for error in problem.get("errors", ()))


def test_there_are_120_of_them_and_more() -> None:
    assert len(BODIES) >= 120
    contents = [(bad.content, bad.headers) for bad in BODIES.values()]
    assert len(set(contents)) == len(contents)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_used_is_refused_by_every_operation(caller: Caller, name: str) -> None:
    bad = BODIES[name]
    for one in TAKING:
        assert_refused(one, bad, caller.send(one, bad, name))
    caller.ask_well()


def test_a_name_that_comes_twice_is_told_with_its_path(caller: Caller) -> None:
    for one in TAKING:
        answer = caller.send(one, BODIES["shape: a name twice in a list"], "a name twice")
        if answer.status_code == 400:
            assert [error["field"] for error in answer.json()["errors"]] == ["b[1].a"]


def test_none_of_them_left_anything_in_the_journal_or_the_log(caller: Caller, tell: Callable[..., None]) -> None:
    """The last test of this module: it looks at what the others left."""
    after = caller.served.kept()
    assert {name: after[name] - caller.before[name] for name in ("predictions",)} == {"predictions": caller.good}
    others = set(after) - {"predictions", "tickets", "tenants"}
    assert {name: after[name] for name in others} == {name: caller.before[name] for name in others}
    caller.client.get("/livez", headers={"X-Request-Id": "the-last-of-all"})
    assert MARK not in caller.served.said("the-last-of-all")
    tell("fuzz", "bad bodies made by hand", bodies=len(BODIES), operations=len(TAKING), refused=caller.bad)
