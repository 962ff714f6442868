"""The API document as one page to read: no script, nothing loaded from elsewhere, light and dark.

Made once from the document itself, so that it cannot say anything else. Knows no HTTP server.
"""

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from typing import Any

__all__ = ["render_docs"]

Json = dict[str, Any]


def render_docs(document: Json) -> str:
    """The page as HTML. `document` is what `serving.openapi.api_document` makes."""
    info, shapes = document["info"], document["components"]["schemas"]
    operations = [(method, path, one) for path, methods in document["paths"].items() for method, one in methods.items()]
    style = files("serving").joinpath("docs.css").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} API</title><style>{style}</style></head><body><div class=frame>"
        f"{_contents(operations, shapes)}<main>"
        f"<h1>{escape(info['title'])} API <small>{escape(info['version'])}</small></h1>"
        f"<p>{_words(info['description'])}</p>"
        "<p>The same for machines: <a href=openapi.json>openapi.json</a>. For people who label tickets: "
        "<a href=console>the console</a>.</p>"
        f"<h2 class=part>Operations</h2>{''.join(_operation(*one, shapes) for one in operations)}"
        f"<h2 class=part>Shapes</h2>{''.join(_shape(name, shape) for name, shape in shapes.items())}"
        "</main></div></body></html>"
    )


def _contents(operations: Iterable[tuple[str, str, Json]], shapes: Json) -> str:
    routes = "".join(
        f"<a href=#{one['operationId']}>{_method(method)} {escape(path)}</a>" for method, path, one in operations
    )
    names = "".join(f"<a href=#shape-{name}>{name}</a>" for name in shapes)
    return f"<nav aria-label=Contents><h2>Operations</h2>{routes}<h2>Shapes</h2>{names}</nav>"


def _operation(method: str, path: str, one: Json, shapes: Json) -> str:
    parts = [f"<h3>{_method(method)} <code>{escape(path)}</code></h3>"]
    parts.append(f"<p><strong>{escape(one['summary'])}.</strong> {_words(one['description'])}</p>")
    if "requestBody" in one:
        name = _named(one["requestBody"]["content"]["application/json"]["schema"])
        example = shapes[name]["examples"][0]
        parts.append(f"<h4>Takes {_link(name)}</h4><pre><code>{escape(_curl(method, path, one, example))}</code></pre>")
    parts.append(f"<h4>Answers</h4>{_responses(one['responses'])}{_example_answer(one, shapes)}")
    return f"<section id={one['operationId']}>{''.join(parts)}</section>"


def _responses(responses: Json) -> str:
    rows = "".join(
        f"<tr><td><code>{status}</code></td><td>{_words(one['description'])}</td><td>{_contents_of(one)}</td></tr>"
        for status, one in responses.items()
    )
    return f"<div class=wide><table><tr><th>Status<th>When<th>Shape</tr>{rows}</table></div>"


def _contents_of(response: Json) -> str:
    schemas = [one["schema"] for one in response.get("content", {}).values()]
    return ", ".join(_type(schema) for schema in schemas)


def _example_answer(one: Json, shapes: Json) -> str:
    schema = one["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    examples = shapes.get(_named(schema), {}).get("examples")
    return f"<h4>Example</h4><pre><code>{escape(_pretty(examples[0]))}</code></pre>" if examples else ""


def _shape(name: str, shape: Json) -> str:
    about = f"<p>{_words(shape['description'])}</p>" if "description" in shape else ""
    return f"<section id=shape-{name}><h3>{name}</h3>{about}{_fields(shape)}</section>"


def _fields(shape: Json) -> str:
    if "properties" not in shape:
        return f"<p>{_type({key: value for key, value in shape.items() if key != 'description'})}</p>"
    needed = shape.get("required", [])
    rows = "".join(_field(name, field, name in needed) for name, field in shape["properties"].items())
    return f"<div class=wide><table><tr><th>Field<th>Type<th></tr>{rows}</table></div>"


def _field(name: str, field: Json, needed: bool) -> str:
    mark = " <span class=needed>needed</span>" if needed else ""
    cells = (f"<code>{escape(name)}</code>{mark}", _type(field), _words(field.get("description", "")))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _type(schema: Json) -> str:
    """A schema in a few words."""
    for key in ("oneOf", "anyOf"):
        if key in schema and "properties" not in schema:
            return " or ".join(_type(one) for one in schema[key])
    if "$ref" in schema:
        return _link(_named(schema))
    if "const" in schema:
        return f"<code>{escape(json.dumps(schema['const']))}</code>"
    if "enum" in schema:
        return " or ".join(f"<code>{escape(json.dumps(one))}</code>" for one in schema["enum"])
    if "properties" in schema:
        return "{" + ", ".join(f"<code>{name}</code>: {_type(one)}" for name, one in schema["properties"].items()) + "}"
    return _simple_type(schema)


def _simple_type(schema: Json) -> str:
    kinds = schema.get("type", "anything")
    if kinds == "array":
        return f"list of {_type(schema['items'])}{_bounds(schema)}"
    if kinds == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"names to {_type(schema['additionalProperties'])}{_bounds(schema)}"
    words = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    return words + (" (date-time)" if schema.get("format") == "date-time" else _bounds(schema))


def _bounds(schema: Json) -> str:
    kinds = {"maxLength": "characters", "maxItems": "entries", "maxProperties": "names"}
    for key, words in kinds.items():
        if key in schema:
            return f" (at most {schema[key]:,} {words})"
    if schema.get("type") == "number" and {"minimum", "maximum"} <= schema.keys():
        return f" ({schema['minimum']} to {schema['maximum']})"
    return ""


def _curl(method: str, path: str, one: Json, example: Any) -> str:
    headers = ["'Content-Type: application/json'"]
    if one.get("security"):
        headers.append('"Authorization: Bearer $KEY"')
    named = {parameter["name"]: parameter["schema"] for parameter in one.get("parameters", ())}
    if "If-Match" in named:
        headers.append(f"'If-Match: {named['If-Match']['examples'][0]}'")
    body = _pretty(example).replace("'", "'\\''")
    said = "".join(f"-H {header} " for header in headers)
    return f"curl -X {method.upper()} http://127.0.0.1:3000{path} \\\n  {said}\\\n  -d '{body}'"


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _method(method: str) -> str:
    return f"<span class='method {method}'>{method.upper()}</span>"


def _named(schema: Json) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _link(name: str) -> str:
    return f"<a href=#shape-{name}>{name}</a>"


def _words(text: str) -> str:
    """Escaped text, with `code` between backticks."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))
