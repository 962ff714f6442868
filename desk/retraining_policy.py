"""When the next version is made without anybody asking: the setting `retraining`, read strictly and written back.

Says also what follows from it at one moment. Knows neither clocks nor journals; when a cron expression is next due is
for those who can read one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from desk.errors import SettingError
from desk.setting_values import is_time_zone

__all__ = [
    "ENOUGH_TOLD",
    "NEVER",
    "RETRAINING_SETTING",
    "Circumstances",
    "RetrainingPolicy",
    "read_retraining_policy",
    "reason_to_decide",
    "reason_to_retrain",
]

RETRAINING_SETTING: Final = "retraining"

NEVER: Final = "never"
"""As a cron expression: not by the clock."""

ENOUGH_TOLD: Final = 20
"""Answers about what two versions say otherwise, after which it is looked whether they decide."""

_LONGEST_CRON: Final = 200
_FIELD: Final = r"[0-9*/,\-a-zA-Z?#L]+"
_CRON: Final = re.compile(rf"{_FIELD}( {_FIELD}){{4}}")
_MOST_LABELS: Final = 10_000_000
_PATIENCE: Final = timedelta(hours=20)
"""After an attempt, before drift alone is a reason again: what it was made from has hardly changed."""


@dataclass(frozen=True, slots=True)
class RetrainingPolicy:
    """cron: five fields (minute, hour, day, month, weekday) in `timezone`, or `never`.

    new_labels: outcomes and verdicts since the last attempt that are reason enough; with nought no number is. on_drift:
    whether what the watch finds is a reason: drift, quality below a contract.
    """

    cron: str = "30 2 * * *"
    timezone: str = "UTC"
    new_labels: int = 500
    on_drift: bool = True

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_retraining_policy` reads as the same."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds at `now`. last_attempt: when a version was last made, or tried for; None: never.

    clock_due: when the cron expression was due next after that. new_labels: what came in since. found: what the watch
    last found, in words.
    """

    now: datetime
    last_attempt: datetime | None = None
    clock_due: datetime | None = None
    new_labels: int = 0
    found: Sequence[str] = ()


def reason_to_retrain(policy: RetrainingPolicy, at: Circumstances) -> str | None:
    """Why to make the next version now, in words; None where there is no reason."""
    if policy.new_labels and at.new_labels >= policy.new_labels:
        return f"{at.new_labels:,} outcomes and verdicts came in since the last attempt"
    rested = at.last_attempt is None or at.now - at.last_attempt >= _PATIENCE
    if policy.on_drift and at.found and rested:
        return f"the watch found: {'; '.join(at.found)}"
    if at.clock_due is not None and at.now >= at.clock_due:
        return f"due by the clock ({policy.cron})"
    return None


def reason_to_decide(policy: RetrainingPolicy, told: int) -> str | None:
    """Why to judge an undecided challenger anew, in words; None where there is no reason.

    told: tickets of which people said, since it was last judged, what tells it from the champion. A desk that retrains
    by hand alone decides by hand as well.
    """
    by_itself = policy.new_labels or policy.on_drift or policy.cron != NEVER
    if told < ENOUGH_TOLD or not by_itself:
        return None
    return f"people told of {told:,} tickets what tells the champion and the last challenger apart"


def read_retraining_policy(value: Any) -> RetrainingPolicy:
    """The policy in a JSON value like `{"cron": "30 2 * * *", "new_labels": 500}`; what is not said is as it comes.

    None, for a setting that was never set, says nothing at all. Raises `SettingError` for whatever else it cannot mean.
    """
    given = {} if value is None else value
    known: Mapping[str, Any] = RetrainingPolicy().to_json()
    if not isinstance(given, dict):
        raise _wrong("", f"must be a JSON object with {', '.join(known)}", value)
    for name in given:
        if name not in known:
            raise _wrong(str(name), "is not known here; take it out", given[name])
    said = {**known, **given}
    _check_cron(said["cron"])
    _check_timezone(said["timezone"])
    labels = said["new_labels"]
    if not (_is_whole(labels) and 0 <= labels <= _MOST_LABELS):
        raise _wrong("new_labels", f"must be a whole number from 0 (never) to {_MOST_LABELS}", labels)
    if not isinstance(said["on_drift"], bool):
        raise _wrong("on_drift", "must be true or false", said["on_drift"])
    return RetrainingPolicy(**said)


def _check_cron(cron: Any) -> None:
    if cron != NEVER and not (isinstance(cron, str) and len(cron) < _LONGEST_CRON and _CRON.fullmatch(cron)):
        raise _wrong("cron", "must be five fields such as '30 2 * * *' (every day at 02:30), or 'never'", cron)


def _check_timezone(name: Any) -> None:
    if not is_time_zone(name):
        raise _wrong("timezone", "must be a time zone such as 'Europe/Berlin'", name)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(field: str, expected: str, value: Any) -> SettingError:
    where = f"{field!r} in {RETRAINING_SETTING!r}" if field else repr(RETRAINING_SETTING)
    return SettingError(f"{where} {expected}, not {value!r}.", field=field, expected=expected)
