"""A sample year from its first week to its last, with the loop and without, each week judged on those that follow.

Without the loop version 1 answers for ever. Renamed queues cost it nothing: an old name counts as the new one, for a
desk renames a queue whether anything learns or not; with the loop the answers given must have the new name themselves.
Knows the order of things; what each does stands in its own module.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from desk.demands import SETTING, Demands
from journal.decided import demands_in
from journal.environment import Environment
from journal.promotions import champion
from journal.settings import get_setting, put_setting
from journal.tenants import add_tenant
from simulation.export import write_history
from simulation.year.changes import NEW_QUEUE, NEW_QUEUE_IS_FOR, RENAMED, Change, changes_of, names_in
from simulation.year.desk_of_year import DeskOfYear
from simulation.year.habits import Habits
from simulation.year.judging import Judged, Slate, applied_of, difference, figures_of, judged
from simulation.year.loop import Loop
from simulation.year.promoting_always import HISTORY_FILE
from simulation.year.results import RESULTS_FILE, add_week, begin_results, heading_of
from simulation.year.settings import SampleYear
from simulation.year.world import Week, history_of, weeks_of
from training.backtest.answering import Answering, answering_of
from training.histories.desk_config import DeskConfig
from training.histories.reading import read_history
from training.progress import Progress, Unwatched
from training.training import train

__all__ = ["AHEAD", "RECOVERY_WEEKS", "replay"]

AHEAD: Final = 4
"""Weeks that follow, on whose tickets a champion and a promotion are judged."""

RECOVERY_WEEKS: Final = 3
"""Weeks after a change within which the loop should be back."""

BEFORE: Final = 4
"""Weeks before a change whose answers say what was lost by it."""

WHO: Final = "the sample year"


def replay(
    year: SampleYear,
    environment: Environment,
    engine: Engine,
    loop: Loop,
    *,
    habits: Habits,
    every: int,
    progress: Progress,
    told: Callable[[dict[str, Any]], None],
) -> Path:
    """Live through the year in this home, or through what is left of it; the path of its results, a line a week.

    engine: of the home's migrated journal, which holds nothing but this year. every: retraining is due at the end of
    every so many weeks. told: is given each week that is over, also those that were before. Raises `SettingError` where
    the home holds another year.
    """
    results = environment.home / RESULTS_FILE
    over = begin_results(results, heading_of(year, habits, loop.name, every))
    progress.stage(f"Seed {year.seed}: weeks", year.weeks)
    drawn = weeks_of(year)
    _begin(year, drawn, environment, engine)
    desk = DeskOfYear(year, habits, environment, engine)
    for week in _Life(year, desk, loop, every, demands_in(engine, environment.tenant)).run(drawn, over, results):
        told(week)
        progress.step()
    return results


def _begin(year: SampleYear, drawn: Iterator[Week], environment: Environment, engine: Engine) -> None:
    """The desk's demands, its history, and version 1 learned from it, unless they were; `drawn` is at week 1 after."""
    rows = history_of(year, drawn)
    add_tenant(engine, environment.tenant, at=year.begins)
    if get_setting(engine, SETTING, environment.tenant) is None:
        demands = year.demands.to_json()
        put_setting(engine, SETTING, demands, who=WHO, at=year.begins, tenant=environment.tenant)
    if champion(engine, environment.tenant) is not None:
        return
    path = environment.home / HISTORY_FILE
    write_history(rows, path)
    history = read_history(path, DeskConfig())
    train(history, DeskConfig(), environment, engine, at=year.begins, who=WHO, progress=Unwatched())


@dataclass(slots=True)
class _Life:
    year: SampleYear
    desk: DeskOfYear
    loop: Loop
    every: int
    demands: Demands
    weeks: dict[int, Week] = field(default_factory=dict)
    """The last few, and those ahead."""

    answering: dict[str, Answering] = field(default_factory=dict)
    said: dict[tuple[str, int], list[Judged]] = field(default_factory=dict)
    given: dict[int, list[Judged]] = field(default_factory=dict)
    first: str = ""

    def run(self, drawn: Iterator[Week], over: Sequence[dict[str, Any]], results: Path) -> Iterator[dict[str, Any]]:
        """Each week's results as soon as it is over and written."""
        self.weeks = {week.number: week for week in (next(drawn) for _ in range(AHEAD))}
        for number in range(1, self.year.weeks + 1):
            self.weeks[number + AHEAD] = next(drawn)
            week = self.weeks[number]
            is_over = number <= len(over)
            if not is_over:
                self._tell(week)
            self.given[number] = self._answer(week)
            self.first = self.first or self.desk.version_at_begin(week)
            yield over[number - 1] if is_over else add_week(results, self._live(week))
            self._forget(number)

    def _tell(self, week: Week) -> None:
        """Tell the loop what the desk changes about its queues when the week begins."""
        where = (self.desk.environment, self.desk.engine)
        for change in changes_of(self.year):
            if change.week == week.number and change.kind == "rename":
                self.loop.rename(*where, *RENAMED, week.begins)
            elif change.week == week.number and change.kind == "new_queue":
                self.loop.add_queue(*where, NEW_QUEUE, NEW_QUEUE_IS_FOR, week.begins)

    def _answer(self, week: Week) -> list[Judged]:
        """The week's answers as they were given, each under the name that it had."""
        rows = self.desk.answer(week)
        return [judged(row.answer, one.truth, {}) for row, one in zip(rows, week.tickets, strict=True)]

    def _live(self, week: Week) -> dict[str, Any]:
        before = self.desk.version_at_begin(week)
        fed = self.desk.feed_back(week)
        retrained = self._retrain(week)
        after = self._champion()
        still = self._said(self.first, week)
        ahead = [self.weeks[week.number + n] for n in range(1, AHEAD + 1)]
        return {
            "seed": self.year.seed,
            "week": week.number,
            "begins": week.begins,
            "changes": [one.kind for one in changes_of(self.year) if one.week == week.number],
            "tickets": len(week.tickets),
            "version": before,
            "given": figures_of(Slate(self.given[week.number])),
            "given_without": figures_of(Slate(still)),
            "ahead": figures_of(self._slate(after, ahead)),
            "ahead_without": figures_of(self._slate(self.first, ahead)),
            "applied": self._applied(self.given[week.number]),
            "applied_without": self._applied(still),
            "fed_back": fed,
            "retrained": retrained,
            "promotion": None if after == before else self._compared(before, after, ahead),
            "refusal": self._refusal(before, retrained, ahead),
            "recovery": self._recovery(week, after, ahead),
        }

    def _retrain(self, week: Week) -> dict[str, Any] | None:
        began, desk, due = time.monotonic(), self.desk, week.number % self.every == 0
        done = self.loop.retrain(desk.environment, desk.engine, at=week.ends, who=WHO, progress=Unwatched(), due=due)
        if done is None:
            return None
        seconds = round(time.monotonic() - began, 1)
        return {"outcome": done.outcome, "version": done.version, "reasons": list(done.reasons), "seconds": seconds}

    def _champion(self) -> str:
        found = champion(self.desk.engine, self.desk.environment.tenant)
        return self.first if found is None else found.version

    def _compared(self, before: str, after: str, ahead: Sequence[Week]) -> dict[str, Any]:
        gain = difference(self._slate(before, ahead), self._slate(after, ahead))
        return {"before": before, "after": after, "gain": gain}

    def _refusal(self, before: str, retrained: dict[str, Any] | None, ahead: Sequence[Week]) -> dict[str, Any] | None:
        """What would have been gained by a version that was refused: whether it was right to."""
        if retrained is None or retrained["outcome"] != "refused" or retrained["version"] is None:
            return None
        return self._compared(before, retrained["version"], ahead)

    def _recovery(self, week: Week, after: str, ahead: Sequence[Week]) -> dict[str, Any] | None:
        """After a change: accuracy before it, that of the version of then on what follows now, and the champion's."""
        change = self._change_to_recover_from(week)
        if change is None:
            return None
        then = self.desk.version_at_begin(self.weeks[change.week])
        rows = [one for n in range(max(1, change.week - BEFORE), change.week) for one in self.given[n]]
        return {
            "change": change.kind,
            "before": figures_of(Slate(rows)),
            "unchanged": figures_of(self._slate(then, ahead)),
            "recovered": figures_of(self._slate(after, ahead)),
        }

    def _change_to_recover_from(self, week: Week) -> Change | None:
        for change in changes_of(self.year):
            if change.kind in ("drift", "new_queue") and week.number == change.week + RECOVERY_WEEKS - 1:
                return change
        return None

    def _applied(self, rows: Sequence[Judged]) -> dict[str, Any]:
        """Head -> label -> tickets applied to, rightly applied, and the precision demanded."""
        heads = applied_of(rows)
        return {
            head: {label: [*counts, self.demands.heads[head].of(label)] for label, counts in labels.items()}  # type: ignore[index]
            for head, labels in heads.items()
        }

    def _slate(self, version: str, weeks: Sequence[Week]) -> Slate:
        return Slate([one for week in weeks for one in self._said(version, week)])

    def _said(self, version: str, week: Week) -> list[Judged]:
        """What a version says of a week's tickets, old names counting as the new ones."""
        if (version, week.number) not in self.said:
            answering, current = self._answering(version, week), names_in(self.year, week.number)
            self.said[version, week.number] = [
                judged(answering.answer(one.row.ticket), one.truth, current) for one in week.tickets
            ]
        return self.said[version, week.number]

    def _answering(self, version: str, week: Week) -> Answering:
        if version not in self.answering:
            desk = self.desk
            self.answering[version] = answering_of(desk.environment, desk.engine, version, at=week.begins)
        return self.answering[version]

    def _forget(self, number: int) -> None:
        """What no later week asks for."""
        kept = {self.first, self._champion(), self.desk.version_at_begin(self.weeks[number])}
        oldest = number - BEFORE - RECOVERY_WEEKS
        self.answering = {version: one for version, one in self.answering.items() if version in kept}
        self.said = {key: rows for key, rows in self.said.items() if key[1] > number and key[0] in kept}
        self.weeks = {n: week for n, week in self.weeks.items() if n >= oldest}
        self.given = {n: rows for n, rows in self.given.items() if n >= oldest}
