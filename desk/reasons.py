"""Why a head answered as it did, in words that a specialist reads. Knows no model: names and numbers come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from desk.heads import Head
from desk.ticket import Message

__all__ = [
    "LEAST_REASONS",
    "MOST_REASONS",
    "NOTHING_KNOWN",
    "Reason",
    "fact_words",
    "measure_words",
    "mentions",
    "message_words",
    "reads_like",
    "reasons_json",
    "strongest",
    "thread_words",
]

MOST_REASONS: Final = 5
"""How many reasons an answer gives a head."""

LEAST_REASONS: Final = 3
"""How many it gives a head where the ticket has as many to give."""

NOTHING_KNOWN: Final = "nothing in the ticket is known: answered as an empty one would be"
"""The one reason of a head that no part of the ticket speaks for or against."""

DECIMALS: Final = 3
_LEAST: Final = 0.5 * 10**-DECIMALS  # below this a weight would read 0.0
_MOST_CHARACTERS: Final = 60  # of a word or a value as it is shown
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_COUNTED: Final[Mapping[str, str]] = {
    "characters": "character",
    "words": "word",
    "question marks": "question mark",
    "exclamation marks": "exclamation mark",
    "error signs": "error code or word",
}
_SHARES: Final[Mapping[str, str]] = {"digit share": "digits", "capital share": "capitals"}
_ATTACHED: Final[Mapping[str, str]] = {"attachments": "attachment", "tags": "tag"}


@dataclass(frozen=True, slots=True)
class Reason:
    """text: a part of the ticket. weight: what it adds to the log-odds of the answered label; it may take off."""

    text: str
    weight: float


def strongest(weights: Sequence[float]) -> list[int]:
    """The places of the `MOST_REASONS` heaviest of those that speak for the answer, the heaviest first.

    Where fewer than `LEAST_REASONS` do, what speaks most against it follows: why a risk is small.
    """
    speaking = [place for place, one in enumerate(weights) if one >= _LEAST]
    speaking.sort(key=weights.__getitem__, reverse=True)
    if len(speaking) >= LEAST_REASONS:
        return speaking[:MOST_REASONS]
    against = [place for place, one in enumerate(weights) if one <= -_LEAST]
    against.sort(key=weights.__getitem__, reverse=True)
    return speaking + against[::-1][: LEAST_REASONS - len(speaking)]


def reasons_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """The reasons in the API's own form."""
    return [{"text": reason.text, "weight": round(reason.weight, DECIMALS)} for reason in reasons]


def mentions(words: str) -> str:
    """A word, or some that stand side by side, as the ticket spells them."""
    return f"mentions ‘{_shown(words)}’"


def reads_like(head: Head, label: str) -> str:
    """What the text means as a whole, where no single word can be named for it. label: the one that is explained."""
    match head:
        case "escalation":
            return "reads like tickets that escalate"
        case "breach":
            return "reads like tickets that breach their SLA"
    return f"reads like tickets of {'priority ' if head == 'priority' else ''}{_shown(label)}"


def fact_words(name: str, value: str) -> str:
    """A named value of the ticket, empty where it has none: "customer tier: enterprise", "opened at 03:00"."""
    match name, value:
        case ("hour" | "weekday", ""):
            return "opened at a time unknown"
        case "hour", _:
            return f"opened at {int(value):02}:00"
        case "weekday", _:
            return f"opened on a {_DAYS[int(value)]}"
    if name.startswith("tag "):
        return f"{'tag' if value else 'no tag'}: {_shown(name.removeprefix('tag '))}"
    spoken = _shown(name.removeprefix("attributes.").replace("_", " "))
    return f"{spoken}: {_shown(value) if value else 'not given'}"


def measure_words(name: str, value: float, messages: Sequence[Message]) -> str:
    """A number that was read off the ticket: "text has 2 question marks", "3rd message in an hour"."""
    if name in _COUNTED:
        return f"text has {_counted(value, _COUNTED[name])}"
    if name in _SHARES:
        return f"{value:.0%} of the text are {_SHARES[name]}"
    if name in _ATTACHED:
        return f"has {_counted(value, _ATTACHED[name])}"
    if name == "messages":
        return _thread(messages)
    return f"{name}: {value:g}"


def message_words(message: Message) -> str:
    """A message that was written since the opening: "customer wrote ‘Any news?’"."""
    return f"{message.author} wrote ‘{_shown(message.text)}’"


def thread_words(name: str, values: Mapping[str, float]) -> str:
    """A number of what was written since the opening; values: of all of them, by the names of `features.thread`."""
    value = values[name]
    match name:
        case "messages since the opening":
            said = _counted(values["messages of the customer"], "message")
            return f"{_counted(value, 'message')} since the opening, {said} of the customer"
        case "first answer":
            return "an agent has answered" if value else "no agent has answered yet"
        case "hours open":
            return f"newest message {_lasting(value)} after the opening"
        case "hours between messages":
            return f"newest message {_lasting(value)} after the one before"
        case "hours to the first answer":
            return f"first answer after {_lasting(value)}"
        case "capitals of the customer":
            return f"{value:.0%} of the customer's newest message are capitals"
    return f"customer's newest message has {_counted(value, name.removesuffix('s of the customer'))}"


def _lasting(hours: float) -> str:
    if hours < 1:
        return _counted(max(round(hours * 60), 1), "minute")
    return _counted(round(hours), "hour") if hours < 48 else _counted(round(hours / 24), "day")


def _thread(messages: Sequence[Message]) -> str:
    if len(messages) < 2:
        return f"thread has {_counted(len(messages), 'message')}"
    span = messages[-1].at - messages[0].at
    within = ((timedelta(hours=1), "in an hour"), (timedelta(days=1), "in a day"), (timedelta(days=7), "in a week"))
    often = next((words for most, words in within if span <= most), None)
    return f"{_ordinal(len(messages))} message {often}" if often else f"thread has {len(messages)} messages"


def _counted(count: float, noun: str) -> str:
    if not count:
        return f"no {noun}"
    # Of several "error codes or words", both are several.
    return f"{count:,.0f} {noun}" if count == 1 else f"{count:,.0f} {noun.replace(' or ', 's or ')}s"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _shown(text: str) -> str:
    """One line of `text`, cut where it is long; half of a surrogate pair, which no JSON can hold, becomes a mark."""
    line = " ".join(text.split())
    cut = line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 1]}…"
    return cut if cut.isascii() else cut.encode("utf-8", "replace").decode("utf-8")
