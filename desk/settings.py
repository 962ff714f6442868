"""The settings that operators change without a deploy: what there is, what each means, what it may hold.

Every value is JSON; what was never set has a default. Knows neither where values are kept nor who changes them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from desk.answer import DEFAULT_QUEUE
from desk.asking_policy import ASKING_SETTING, AskingPolicy, read_asking
from desk.console_setting import CONSOLE_SETTING, ConsolePolicy, read_console_policy
from desk.demands import SETTING, Demands, read_demands
from desk.errors import SettingError
from desk.factors import DEFAULT_POLICY, FACTOR_SETTING, policy_of
from desk.fallbacks import FALLBACKS_SETTING, read_fallbacks
from desk.feedback_policy import FEEDBACK_SETTING, FeedbackPolicy, read_feedback_policy
from desk.gate_policy import GATE_SETTING, GatePolicy, read_gate_policy
from desk.holdback import HOLDBACK, HOLDBACK_SETTING, read_holdback
from desk.retraining_policy import RETRAINING_SETTING, RetrainingPolicy, read_retraining_policy
from desk.run_policy import RUNS_SETTING, RunPolicy, read_run_policy
from desk.shadow import SHADOW_SETTING, read_shadow
from desk.taxonomy import NO_CHANGES
from desk.taxonomy_setting import TAXONOMY_SETTING, read_taxonomy, taxonomy_json
from desk.topics import TOPICS_SETTING, read_topics, topics_json

__all__ = [
    "DEFAULT_QUEUE_SETTING",
    "REQUESTS_SETTING",
    "RETENTION_SETTING",
    "SETTINGS",
    "KnownSetting",
    "check_setting",
    "known_setting",
    "read_default_queue",
    "read_requests_per_minute",
    "read_retention_days",
]

DEFAULT_QUEUE_SETTING: Final = "default_queue"
RETENTION_SETTING: Final = "retention_days"
REQUESTS_SETTING: Final = "requests_per_minute"

_LONGEST_QUEUE: Final = 256
_MOST_DAYS: Final = 36_500
_MOST_REQUESTS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """One setting: `about` says what it is, `default` is the JSON value that holds until one is set.

    read: what a value means; raises `SettingError` that names the field which is wrong. may_be_null: for TOML, which
    has no null.
    """

    name: str
    about: str
    default: Any
    read: Callable[[Any], Any]
    may_be_null: bool = False


def known_setting(name: str) -> KnownSetting:
    """The setting of this name. Raises `SettingError` where there is none."""
    found = SETTINGS.get(name)
    if found is None:
        raise SettingError(f"There is no setting {name!r}; there are {', '.join(SETTINGS)}.")
    return found


def check_setting(name: str, value: Any) -> None:
    """See that the setting can hold this JSON value. Raises `SettingError`, also where there is no such setting."""
    known = known_setting(name)
    for text in _texts(value):
        _check_text(name, text)
    known.read(value)


def read_default_queue(value: Any) -> str:
    """The queue of tickets that no version answers for. Raises `SettingError`."""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_QUEUE:
        expected = f"must be a queue's name of 1 to {_LONGEST_QUEUE} characters"
        raise SettingError(f"{DEFAULT_QUEUE_SETTING!r} {expected}, not {value!r}.", expected=expected)
    return value


def read_retention_days(value: Any) -> int | None:
    """For how many days what was answered is kept; None: for ever. Raises `SettingError`."""
    return _whole_number(RETENTION_SETTING, value, _MOST_DAYS)


def read_requests_per_minute(value: Any) -> int | None:
    """How many requests a key has a minute; None: any number. Raises `SettingError`."""
    return _whole_number(REQUESTS_SETTING, value, _MOST_REQUESTS)


SETTINGS: Final[Mapping[str, KnownSetting]] = {
    one.name: one
    for one in (
        KnownSetting(
            DEFAULT_QUEUE_SETTING,
            "the queue of tickets for which no version answers",
            DEFAULT_QUEUE,
            read_default_queue,
        ),
        KnownSetting(
            SETTING,
            "the precision demanded before a label is applied by itself, and the desk's review capacity",
            Demands().to_json(),
            read_demands,
        ),
        KnownSetting(
            CONSOLE_SETTING,
            "minutes a day that a person is asked to label, how long a ticket is theirs alone, and their time zone",
            ConsolePolicy().to_json(),
            read_console_policy,
        ),
        KnownSetting(
            FACTOR_SETTING,
            "what counts how much in the score beside each priority",
            DEFAULT_POLICY.to_json(),
            policy_of,
        ),
        KnownSetting(
            FALLBACKS_SETTING,
            "labels that are only suggested since their contract is in breach, by version; the watch writes it",
            {},
            read_fallbacks,
        ),
        KnownSetting(
            FEEDBACK_SETTING,
            "how far one person's verdicts count, and what contradicts an answer that was sure",
            FeedbackPolicy().to_json(),
            read_feedback_policy,
        ),
        KnownSetting(
            ASKING_SETTING,
            "which answers people are asked about: how many, of how many days, by chance, without the suggestion",
            AskingPolicy().to_json(),
            read_asking,
        ),
        KnownSetting(
            HOLDBACK_SETTING,
            "share of tickets to which nothing is applied by itself, to measure what automation is worth",
            HOLDBACK,
            read_holdback,
        ),
        KnownSetting(
            GATE_SETTING,
            "how much worse a new version may be than the champion, figure by figure, before it is refused",
            GatePolicy().to_json(),
            read_gate_policy,
        ),
        KnownSetting(
            RETRAINING_SETTING,
            "when the next version is made by itself: by the clock, after so many new labels, on drift",
            RetrainingPolicy().to_json(),
            read_retraining_policy,
        ),
        KnownSetting(
            RUNS_SETTING,
            "what a run in MLflow shows of the texts of tickets: none, masked, whole",
            RunPolicy().to_json(),
            read_run_policy,
        ),
        KnownSetting(
            SHADOW_SETTING,
            "the version that scores a share of the tickets in shadow, journaled and never answered; null: none",
            None,
            read_shadow,
            may_be_null=True,
        ),
        KnownSetting(
            TAXONOMY_SETTING,
            "how queues were renamed, merged, split, retired and added, as dated records",
            taxonomy_json(NO_CHANGES),
            read_taxonomy,
        ),
        KnownSetting(
            TOPICS_SETTING,
            "topics that were found in tickets and became tags, with their dates; the console writes it",
            topics_json(()),
            read_topics,
        ),
        KnownSetting(
            RETENTION_SETTING,
            "days that tickets and answers are kept; null: for ever",
            None,
            read_retention_days,
            may_be_null=True,
        ),
        KnownSetting(
            REQUESTS_SETTING,
            "requests a minute that a key has unless the key says otherwise; null: any number",
            None,
            read_requests_per_minute,
            may_be_null=True,
        ),
    )
}
"""All settings by name."""


def _whole_number(name: str, value: Any, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return value
    expected = f"must be a whole number from 1 to {most}, or null"
    raise SettingError(f"{name!r} {expected}, not {value!r}.", expected=expected)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(name)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _check_text(name: str, text: str) -> None:
    # JSON can spell both; no database column and no JSON writer takes them.
    expected = "must hold neither the NUL character nor half of a surrogate pair"
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SettingError(f"{name!r} {expected}.", expected=expected) from None
    if "\0" in text:
        raise SettingError(f"{name!r} {expected}.", expected=expected)
