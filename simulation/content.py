"""What requesters of the sample desk write about: topics, cues, turns of phrase, names, read from `content/*.toml`.

Knows neither how often anything happens in a year nor what becomes of a ticket.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from simulation.template import Template, compile_template

__all__ = ["LANGUAGES", "Content", "Cue", "Department", "Names", "Topic", "read_content", "read_department"]

LANGUAGES = ("en", "de", "fr", "es")
DEPARTMENTS = ("access", "applications", "billing", "orders", "hardware", "network", "integrations", "security")
DEFAULT_RIVALRY = 0.04
Wordings = tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of request.

    severity and risk are added to the log odds of priority and escalation, effort to the logarithm of handling time.
    `rival` names the topic of another department that is taken for this one; in `rivalry` of the tickets the
    rival's queue is where the request rightly belongs, whatever its text says. In an `office` topic nothing technical
    is broken.
    """

    name: str
    department: str
    weight: float
    severity: float
    effort: float
    risk: float
    rival: str
    rivalry: float
    office: bool
    noun: str
    subjects: Mapping[str, Wordings]
    says: Mapping[str, Wordings]
    resolutions: Wordings


@dataclass(frozen=True, slots=True)
class Department:
    """What one queue of a small desk takes. `pace` multiplies the handling time, `category` is the web form's word."""

    name: str
    weight: float
    pace: float
    products: tuple[str, ...]
    category: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that a requester lets through beside the problem; see the head of `content/cues.toml`."""

    name: str
    share: float
    escalation: float
    severity: float
    effort: float
    says: Mapping[str, Wordings]
    says_in_office: Mapping[str, Wordings]


Names = Mapping[str, Any]
"""Lists of invented names, by kind; `cities`, `months` and `weekdays` hold lists by region or language."""


@dataclass(frozen=True, slots=True)
class Content:
    """All of it. `phrases` and `thread` hold wordings by language and kind."""

    departments: tuple[Department, ...]
    cues: Mapping[str, Cue]
    phrases: Mapping[str, Mapping[str, Wordings]]
    traces: Wordings
    letters: Wordings
    thread: Mapping[str, Mapping[str, Wordings]]
    names: Names

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic of every department."""
        return tuple(topic for department in self.departments for topic in department.topics)


@cache
def read_content() -> Content:
    """Read and compile the content, once a process."""
    phrases = _read("phrases")
    return Content(
        departments=tuple(_department(_read(name)) for name in DEPARTMENTS),
        cues={name: _cue(name, table) for name, table in _read("cues").items()},
        phrases={language: _by_kind(phrases[language]) for language in LANGUAGES},
        traces=_wordings(phrases["traces"]),
        letters=_wordings(phrases["letters"]),
        thread={author: _by_kind(kinds) for author, kinds in _read("thread").items()},
        names=_read("names"),
    )


def read_department(name: str) -> Department:
    """One more department, of which a desk knows nothing at first: from `content/<name>.toml`."""
    return _department(_read(name))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("simulation") / "content" / f"{name}.toml").read_text(encoding="utf-8"))


def _wordings(texts: list[str]) -> Wordings:
    return tuple(compile_template(text) for text in texts)


def _by_kind(table: Mapping[str, list[str]]) -> dict[str, Wordings]:
    return {kind: _wordings(texts) for kind, texts in table.items()}


def _by_language(table: Mapping[str, list[str]]) -> dict[str, Wordings]:
    return {language: _wordings(table[language]) for language in LANGUAGES}


def _department(table: Mapping[str, Any]) -> Department:
    name = table["queue"]
    return Department(
        name=name,
        weight=table["weight"],
        pace=table["pace"],
        products=tuple(table["products"]),
        category=table["category"],
        topics=tuple(_topic(one, name) for one in table["topic"]),
    )


def _topic(table: Mapping[str, Any], department: str) -> Topic:
    pairs = {language: [one.split(" :: ", maxsplit=1) for one in table[language]] for language in LANGUAGES[1:]}
    return Topic(
        name=table["name"],
        department=department,
        weight=table.get("weight", 1.0),
        severity=table.get("severity", 0.0),
        effort=table.get("effort", 0.0),
        risk=table.get("risk", 0.0),
        rival=table["rival"],
        rivalry=table.get("rivalry", DEFAULT_RIVALRY),
        office=table.get("office", False),
        noun=table["noun"],
        subjects={"en": _wordings(table["subjects"])} | {k: _wordings([s for s, _ in v]) for k, v in pairs.items()},
        says={"en": _wordings(table["says"])} | {k: _wordings([s for _, s in v]) for k, v in pairs.items()},
        resolutions=_wordings(table["resolutions"]),
    )


def _cue(name: str, table: Mapping[str, Any]) -> Cue:
    return Cue(
        name=name,
        share=table["share"],
        escalation=table.get("escalation", 0.0),
        severity=table.get("severity", 0.0),
        effort=table.get("effort", 0.0),
        says=_by_language(table),
        says_in_office=_by_language(table.get("office", table)),
    )
