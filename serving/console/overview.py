"""`GET /console/desk`: each queue with its contract, coverage, precision and drift; `/versions`: who promoted what.

Puts together what contracts, the watch and the journal say. Knows not how any of them came to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from desk.demands import SETTING, Demands
from desk.fallbacks import FALLBACKS_SETTING, NO_FALLBACKS, Fallback
from desk.taxonomy import NO_CHANGES
from desk.taxonomy_setting import TAXONOMY_SETTING
from journal.promotions import Promotion, newest_promotions
from journal.settings import get_setting
from journal.watch_reports import WatchReport, last_report
from models.coverage import contracts_json
from models.version import Version
from serving.console.visit import Visit
from serving.console.words import count_words
from serving.journaling import demands_in, fallbacks_in, taxonomy_in
from serving.replying import asked_of_journal
from serving.standing import reason_not_ready

__all__ = ["answer_desk", "answer_versions"]

MOST_PROMOTIONS: Final = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One queue.

    state: `auto`, `suggest` or `breach`; why: of it, in words. threshold: from which probability on it is applied.
    share: of its answers that are applied. measured: share that was right, with rows and interval, None where no labels
    are known. before, now: of all answers, with whether that drifted; None before the watch has looked.
    """

    queue: str
    state: str
    why: str
    demand: float
    threshold: float | None
    share: float
    measured: Mapping[str, Any] | None
    before: float | None
    now: float | None
    is_drift: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole desk. trouble: why no version answers. looked_at: when the watch looked, and what it found.

    measured: how often queues were right by labels, expected: by the probabilities of the answers; with an interval.
    """

    version: str | None
    promoted: Promotion | None
    trouble: str | None
    lines: tuple[Line, ...]
    looked_at: datetime | None
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    measured: Mapping[str, Any] | None
    expected: Mapping[str, Any] | None


async def answer_desk(visit: Visit) -> Response:
    """`GET /console/desk`."""
    return visit.page("desk.html", desk=await asked_of_journal(_overview, visit))


async def answer_versions(visit: Visit) -> Response:
    """`GET /console/versions`."""
    found = await asked_of_journal(newest_promotions, visit.engine, most=MOST_PROMOTIONS, tenant=visit.tenant)
    return visit.page("versions.html", promotions=found)


def _overview(visit: Visit) -> Overview:
    version = visit.desk.watch.current.version
    newest = newest_promotions(visit.engine, most=1, tenant=visit.tenant)
    report = last_report(visit.engine, visit.tenant)
    mine = report if report is not None and version is not None and report.version == version.name else None
    told: Mapping[str, Any] = {} if mine is None else mine.report
    return Overview(
        None if version is None else version.name,
        newest[0] if newest else None,
        reason_not_ready(visit.desk.watch),
        () if version is None else tuple(_lines(visit, version, mine)),
        None if mine is None else mine.at,
        tuple(map(str, told.get("reasons", ()))),
        tuple(map(str, told.get("notes", ()))),
        _of_all(told, "measured"),
        _of_all(told, "expected"),
    )


def _of_all(told: Mapping[str, Any], what: str) -> Mapping[str, Any] | None:
    """Of all queues together, which the report has under no name."""
    found: Mapping[str, Any] | None = told.get("heads", {}).get("queue", {}).get(what, {}).get("")
    return found


def _lines(visit: Visit, version: Version, report: WatchReport | None) -> list[Line]:
    demands, taxonomy, fallbacks = (
        get_setting(visit.engine, name, visit.tenant) for name in (SETTING, TAXONOMY_SETTING, FALLBACKS_SETTING)
    )
    changes = (taxonomy_in(taxonomy) or NO_CHANGES).as_of(visit.now)
    covered = contracts_json(version, demands_in(demands) or Demands(), changes)
    fallen = (fallbacks_in(fallbacks) or NO_FALLBACKS).versions.get(version.name, {}).get("queue", {})
    watched: Mapping[str, Any] = {} if report is None else report.report
    measured = watched.get("heads", {}).get("queue", {}).get("measured", {})
    drifted = {one["name"]: one for one in watched.get("answered", ())}
    return [
        _line(one, fallen.get(one["label"]), measured.get(one["label"]), drifted.get(one["label"]))
        for one in covered["heads"].get("queue", {}).get("labels", ())
    ]


def _line(
    one: Mapping[str, Any], fallen: Fallback | None, measured: Mapping[str, Any] | None, drift: Mapping[str, Any] | None
) -> Line:
    if fallen is not None:
        state, why = "breach", f"since {fallen.since:%d %b %Y}: {fallen.why}"
    elif one["threshold"] is None:
        lacking = f"{count_words(one['lacking'], 'more ticket')} without a miss would prove it"
        state, why = "suggest", lacking if one["lacking"] else "the evidence does not prove what is demanded"
    else:
        state, why = "auto", f"{count_words(one['rows'], 'held-out ticket')} prove it"
    return Line(
        one["label"],
        state,
        why,
        one["demand"],
        one["threshold"],
        one["share"],
        measured,
        None if drift is None else drift["before"],
        None if drift is None else drift["now"],
        drift is not None and bool(drift["is_drift"]),
    )
