"""What the desk demands of its contracts: the setting `contracts`, read strictly from JSON and written back.

A demand is the precision that a label must have before it is applied by itself. It names labels as the desk does,
whether a version knows them or not, so it is kept across retrainings. Knows neither evidence nor where settings live.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from desk.errors import SettingError
from desk.heads import CLASS_HEADS, Head

__all__ = ["SETTING", "Demand", "Demands", "read_demands", "with_demand", "without_demand"]

SETTING: Final = "contracts"
"""The setting's name in the journal."""

_LEAST, _MOST = 0.5, 0.9999
_DEFAULTS: Final[Mapping[Head, float]] = {"queue": 0.96, "priority": 0.95}
_SHARES: Final = {"suggest": (0.0, 1.0), "review_capacity": (0.001, 0.5)}


@dataclass(frozen=True, slots=True)
class Demand:
    """One head's: `default` for every label, unless `labels` says otherwise."""

    default: float
    labels: Mapping[str, float] = field(default_factory=dict)

    def of(self, label: str) -> float:
        """The precision demanded of `label`."""
        return self.labels.get(label, self.default)


@dataclass(frozen=True, slots=True)
class Demands:
    """All that the setting says.

    suggest: the least probability with which a label is still suggested. review_capacity: share of tickets that the
    desk can review for escalation; as many again are watched, so it is at most a half.
    """

    heads: Mapping[Head, Demand] = field(
        default_factory=lambda: {head: Demand(demand) for head, demand in _DEFAULTS.items()}
    )
    suggest: float = 0.5
    review_capacity: float = 0.12

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_demands` reads as the same."""
        said: dict[str, Any] = {"suggest": self.suggest, "review_capacity": self.review_capacity}
        for head, one in self.heads.items():
            said[head] = {"default": one.default, "labels": dict(one.labels)}
        return said


def read_demands(value: Any) -> Demands:
    """The demands in a JSON value like `{"queue": {"default": 0.96, "labels": {"Billing": 0.98}}, "suggest": 0.5}`.

    What is not said is as it comes: 0.96 for queues, 0.95 for priorities, suggestions from 0.5, capacity 0.12. None,
    for a setting that was never set, says nothing at all. Raises `SettingError` for whatever else it cannot mean.
    """
    given = _object({} if value is None else value, "contracts", (*CLASS_HEADS, *_SHARES))
    heads = {head: _demand(given.get(head, {}), head) for head in CLASS_HEADS}
    defaults = Demands()
    return Demands(
        heads,
        suggest=_number(given.get("suggest", defaults.suggest), "suggest", *_SHARES["suggest"]),
        review_capacity=_number(
            given.get("review_capacity", defaults.review_capacity), "review_capacity", *_SHARES["review_capacity"]
        ),
    )


def with_demand(demands: Demands, what: str, number: float, label: str | None = None) -> Demands:
    """The demands with `number` for a head, for one of its labels, or for `suggest` or `review_capacity`.

    Raises `SettingError` for a number out of bounds and for a name that is none.
    """
    if what in _SHARES:
        _refuse_label(what, label)
        return _with_share(demands, what, number)
    head = _head(what)
    before, demanded = demands.heads[head], _number(number, what, _LEAST, _MOST)
    changed = (
        replace(before, default=demanded)
        if label is None
        else replace(before, labels={**before.labels, _label(label, head): demanded})
    )
    return replace(demands, heads={**demands.heads, head: changed})


def without_demand(demands: Demands, what: str, label: str | None = None) -> Demands:
    """The demands with a head, one of its labels, `suggest` or `review_capacity` as they come.

    Raises `SettingError` for a name that is none, and for a label of which nothing of its own was demanded.
    """
    if what in _SHARES:
        _refuse_label(what, label)
        return _with_share(demands, what, getattr(Demands(), what))
    head = _head(what)
    if label is None:
        return replace(demands, heads={**demands.heads, head: Demand(_DEFAULTS[head])})
    before = demands.heads[head]
    if label not in before.labels:
        own = ", ".join(map(repr, before.labels)) or "none"
        raise SettingError(f"Nothing of its own is demanded of the {head} {label!r}; labels with a demand: {own}.")
    kept = {name: demand for name, demand in before.labels.items() if name != label}
    return replace(demands, heads={**demands.heads, head: replace(before, labels=kept)})


def _demand(value: Any, head: Head) -> Demand:
    given = _object(value, head, ("default", "labels"), head)
    labels = given.get("labels", {})
    if not isinstance(labels, dict):
        raise SettingError(
            f"`labels` of {head!r} in `contracts` must map labels to numbers, not {labels!r}.",
            field=f"{head}.labels",
            expected="must map labels to numbers",
        )
    return Demand(
        _number(given.get("default", _DEFAULTS[head]), head, _LEAST, _MOST, f"{head}.default"),
        {
            _label(label, head): _number(number, f"{head}: {label}", _LEAST, _MOST, f"{head}.labels.{label}")
            for label, number in labels.items()
        },
    )


def _with_share(demands: Demands, what: str, number: Any) -> Demands:
    share = _number(number, what, *_SHARES[what])
    return replace(demands, suggest=share) if what == "suggest" else replace(demands, review_capacity=share)


def _object(value: Any, name: str, known: tuple[str, ...], field: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        expected = f"must be a JSON object with {', '.join(known)}"
        raise SettingError(f"{name!r} {expected}, not {value!r}.", field=field, expected=expected)
    strangers = [key for key in value if key not in known]
    if strangers:
        raise SettingError(
            f"{name!r} holds {', '.join(known)}, but came with {strangers[0]!r}; take it out.",
            field=f"{field}.{strangers[0]}".lstrip("."),
            expected="is not known here",
        )
    return value


def _number(value: Any, name: str, least: float, most: float, field: str = "") -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf
    if not (is_number and least <= value <= most):
        expected = f"must be a number from {least:g} to {most:g}"
        raise SettingError(
            f"{name!r} in `contracts` {expected}, not {value!r}.", field=field or name, expected=expected
        )
    return float(value)


def _head(name: str) -> Head:
    for head in CLASS_HEADS:
        if head == name:
            return head
    raise SettingError(f"Contracts hold {', '.join((*CLASS_HEADS, *_SHARES))}, not {name!r}.")


def _label(label: Any, head: Head) -> str:
    if not isinstance(label, str) or not label.strip():
        raise SettingError(
            f"A label of {head!r} in `contracts` must be a text, not {label!r}.",
            field=f"{head}.labels",
            expected="must name each label in text",
        )
    return label


def _refuse_label(what: str, label: str | None) -> None:
    if label is not None:
        raise SettingError(f"{what!r} is one number for the whole desk and knows no label {label!r}.")
