"""Times as desks write them, to aware datetimes in UTC: ISO 8601, local notations, epoch seconds.

Knows neither files nor canonical columns: it gets columns of text and says in words what it assumed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

__all__ = ["Times", "parse_time", "parse_times"]

ZONES: Final = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
}  # fmt: skip
"""Names of zones in hours east of UTC: those of RFC 5322, section 4.3, and Central European ones."""

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

CLOCK: Final = (
    r"(?:(?:[ T]|, ?)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|[A-Z]{3,4}|(?:UTC|GMT)?[+-]\d{2}:?(?:\d{2})?)?)?"
)
NUMERIC: Final = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<mark>[./-])(?P<b>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){CLOCK}"
)
YEAR_FIRST: Final = re.compile(
    rf"(?P<year>\d{{4}})(?P<mark>[./-])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){CLOCK}"
)
DAY_NAMED: Final = re.compile(
    r"(?:[A-Za-z]{3,9},? )?(?P<day>\d{1,2})[ .-]{1,2}(?P<name>[A-Za-z]{3,9})[ .,-]{1,2}(?P<year>\d{4})" + CLOCK
)
MONTH_NAMED: Final = re.compile(
    rf"(?:[A-Za-z]{{3,9}},? )?(?P<name>[A-Za-z]{{3,9}})\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}){CLOCK}"
)
EPOCH: Final = re.compile(r"(?P<seconds>\d{9,10}(?:\.\d+)?)|(?P<milliseconds>\d{12,13})")


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times. `unreadable` are the rows whose value is no time; their value is None."""

    values: list[datetime | None]
    unreadable: list[int]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    at: datetime
    form: str
    has_zone: bool
    ambiguous: bool = False


def parse_time(text: str) -> datetime | None:
    """One time in UTC, or None where the text is none; without a zone UTC, an ambiguous day comes before the month."""
    read = _read(text, day_first=True)
    return None if read is None else read.at


def parse_times(columns: Mapping[str, Sequence[str | None]]) -> dict[str, Times]:
    """Read whole columns, each value by its own notation; the columns together tell whether days come before months.

    The notes say which times had no zone (UTC is assumed), how many notations a column mixes, how 03/04/2026 was read,
    and how many values are no times.
    """
    day_first, evidence = _day_first(columns.values())
    return {name: _times(values, day_first, evidence) for name, values in columns.items()}


def _times(values: Sequence[str | None], day_first: bool, evidence: str) -> Times:
    known: dict[str, _Read | None] = {}
    for text in values:
        if text is not None and text not in known:
            known[text] = _read(text, day_first)
    found = [None if text is None else known[text] for text in values]
    unreadable = [row for row, text in enumerate(values) if text is not None and known[text] is None]
    reads = [read for read in found if read is not None]
    return Times(
        [None if read is None else read.at for read in found], unreadable, tuple(_notes(reads, unreadable, evidence))
    )


def _notes(reads: list[_Read], unreadable: list[int], evidence: str) -> Iterable[str]:
    bare = sum(not read.has_zone for read in reads)
    if bare:
        yield f"{bare} times without a zone are taken as UTC"
    forms = Counter(read.form for read in reads)
    if len(forms) > 1:
        yield "mixed notations, each read by its own: " + ", ".join(f"{n} {form}" for form, n in forms.most_common())
    ambiguous = sum(read.ambiguous for read in reads)
    if ambiguous:
        yield f"{ambiguous} dates could be day or month first; read as {evidence}"
    if unreadable:
        yield f"{len(unreadable)} values are no times (the first in row {unreadable[0] + 1}) and count as missing"


def _day_first(columns: Iterable[Sequence[str | None]]) -> tuple[bool, str]:
    """Whether 03/04 is the third of April, by the values that can only be read one way."""
    days = months = 0
    for column in columns:
        for text in column:
            if text is not None and (match := NUMERIC.fullmatch(text)):
                days += int(match["a"]) > 12
                months += int(match["b"]) > 12
    if days == months == 0:
        return True, "day first, which nothing in the file proves: write 2026-04-03 to be sure"
    first = days >= months
    return first, f"{'day' if first else 'month'} first, as other dates of the file are"


def _read(text: str, day_first: bool) -> _Read | None:
    try:
        at = datetime.fromisoformat(text)
        if not text.isdigit():  # "20261121" is a number as likely as a date
            return _Read(_utc(at), "ISO 8601", at.tzinfo is not None)
    except (ValueError, OverflowError):
        pass  # not ISO 8601, or at the end of time in UTC: the other ways of writing may fit
    for reader in (_year_first, _numeric, _named, _epoch):
        try:
            if (read := reader(text, day_first)) is not None:
                return read
        except (ValueError, OverflowError):
            return None  # in the form of a date, such as 2026-02-30, and yet none
    return None


def _year_first(text: str, _day_first: bool) -> _Read | None:
    match = YEAR_FIRST.fullmatch(text)
    if match is None:
        return None
    return _at(
        match, int(match["year"]), int(match["month"]), int(match["day"]), f"YYYY{match['mark']}MM{match['mark']}DD"
    )


def _numeric(text: str, day_first: bool) -> _Read | None:
    match = NUMERIC.fullmatch(text)
    if match is None:
        return None
    a, b, mark = int(match["a"]), int(match["b"]), match["mark"]
    ambiguous = a <= 12 and b <= 12 and a != b
    days_lead = day_first if a <= 12 and b <= 12 else a > 12
    day, month = (a, b) if days_lead else (b, a)
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    form = f"DD{mark}MM{mark}YYYY" if days_lead else f"MM{mark}DD{mark}YYYY"
    return _at(match, year, month, day, form, ambiguous=ambiguous)


def _named(text: str, _day_first: bool) -> _Read | None:
    match = DAY_NAMED.fullmatch(text) or MONTH_NAMED.fullmatch(text)
    if match is None or (name := match["name"][:3].lower()) not in MONTHS:
        return None
    month = MONTHS.index(name) + 1
    return _at(match, int(match["year"]), month, int(match["day"]), "dates with a month's name")


def _epoch(text: str, _day_first: bool) -> _Read | None:
    match = EPOCH.fullmatch(text)
    if match is None:
        return None
    seconds = float(match["seconds"]) if match["seconds"] else int(match["milliseconds"]) / 1000
    return _Read(datetime.fromtimestamp(seconds, UTC), "epoch times", True)


def _at(match: re.Match[str], year: int, month: int, day: int, form: str, *, ambiguous: bool = False) -> _Read:
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    zone = _zone(match["zone"])
    micro = int((match["fraction"] or "0").ljust(6, "0")[:6])
    at = datetime(
        year, month, day, hour, int(match["minute"] or 0), int(match["second"] or 0), micro, tzinfo=zone or UTC
    )
    return _Read(_utc(at), form, zone is not None, ambiguous)


def _zone(text: str | None) -> timezone | None:
    """The zone that a text names, None where there is no text; ValueError where nobody knows it."""
    if text is None:
        return None
    if text in ZONES:
        return timezone(timedelta(hours=ZONES[text]))
    digits = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})?", text)
    if digits is None:
        raise ValueError(text)
    offset = timedelta(hours=int(digits[2]), minutes=int(digits[3] or 0))
    return timezone(-offset if digits[1] == "-" else offset)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
