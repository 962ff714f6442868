"""The page of the API: its commands can be pasted as they stand."""

import re
from html import unescape

from serving.docs_page import render_docs
from serving.openapi import api_document


def test_each_command_names_the_method_and_brings_the_headers_that_its_operation_asks_for() -> None:
    document = api_document()
    commands = [unescape(one) for one in re.findall(r"<pre><code>(curl.*?)</code></pre>", render_docs(document), re.S)]
    operations = [
        (method, path, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if "requestBody" in one
    ]
    assert len(commands) == len(operations) > 5
    for (method, path, one), command in zip(operations, commands, strict=True):
        assert command.startswith(f"curl -X {method.upper()} http://127.0.0.1:3000{path} ")
        assert ("Authorization: Bearer $KEY" in command) == bool(one.get("security"))
        takes_a_tag = any(parameter["name"] == "If-Match" for parameter in one.get("parameters", ()))
        assert ("If-Match: " in command) == takes_a_tag
