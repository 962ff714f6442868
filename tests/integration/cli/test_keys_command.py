"""`pointsman keys`: who holds one, and who speaks with it."""

import json

import pytest

from tests.integration.cli.conftest import Pointsman


def test_a_key_for_one_person_says_so(pointsman: Pointsman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    made = pointsman("keys", "create", "Ann Weber", "--for", "ann.weber", "--scope", "feedback", "--json")
    assert (made.code, json.loads(made.out)["person"]) == (0, "ann.weber")
    pointsman("keys", "create", "helpdesk", "--scope", "predict")
    told = json.loads(pointsman("keys", "--json").out)["keys"]
    assert [(one["name"], one["person"]) for one in told] == [("Ann Weber", "ann.weber"), ("helpdesk", None)]
    assert "Ann Weber (speaks as ann.weber)" in pointsman("keys").out


def test_whom_it_is_for_is_a_name(pointsman: Pointsman) -> None:
    said = pointsman("keys", "create", "Ann", "--for", " ", "--scope", "feedback")
    assert (said.code, "Whom a key is for" in said.err) == (2, True)
