"""A sample year as markdown: what changed, what was lost and came back, week by week, retrainings, contracts.

Knows figures, not how they came about.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import Any, Final

from simulation.year.judging import FIGURES, Figure
from simulation.year.story import (
    ENOUGH,
    MARGIN,
    WINDOW,
    Applied,
    Cells,
    applied_by_week,
    by_week,
    cells_of,
    events_of,
    recoveries_of,
    retrainings_of,
    said_by_week,
)

__all__ = ["page", "tables"]

SPOKEN: Final = {
    "queue_accuracy": "queue",
    "queue_macro_f1": "queue macro-F1",
    "priority_accuracy": "priority",
    "priority_macro_f1": "priority macro-F1",
    "escalation_auroc": "escalation AUROC",
}
KINDS: Final = {
    "drift": "a launch: 10 % of tickets are about new topics, shares move, one topic goes to another queue",
    "new_queue": "a new queue, of four new topics and one that another queue had",
    "rename": "a queue gets another name",
    "hostile": "20 accounts lie about 3 % of the answers, for one queue and against every escalation",
}

Weeks = Sequence[Mapping[str, Any]]

_WRITTEN: Final = "Written by `pointsman simulate --page`."
_OPENING: Final = """\
# A year of learning

What `pointsman simulate` found: the sample desk ([sample-desk.md](sample-desk.md)) lived through week by week, with the
loop (answers journaled, outcomes and verdicts coming back late, retraining) and beside it version 1 answering for ever.
Everything is judged by the simulator's own truth, which neither the desk's labels nor any gate sees: where a ticket
belongs, the priority it deserves, whether it escalated.

People behave as people do: they follow 40 % of wrong suggestions, notice 35 % of wrong labels that were applied by
themselves, correct 12 % of wrong answers unasked and confirm 3 % of right ones; half of what they say is no better than
the desk's own label (3 % of queues and a quarter of priorities are not what is right). Of the questions
that are prepared for people the first 50 a week are asked (half an hour's work), and a lead settles up to 25 verdicts
that are disputed or quarantined.

A renamed queue costs version 1 nothing here: its old name counts as the new one. With the loop the answers given must
have the new name themselves.

![A year of the sample desk](learning.png)"""


def page(headings: Sequence[Mapping[str, Any]], weeks: Weeks, written: str = _WRITTEN) -> Iterator[str]:
    """Every line of the page, for the years of several seeds. written: how the page came about."""
    yield from _OPENING.splitlines()
    yield ""
    heading = headings[0]
    seeds = ", ".join(str(one["year"]["seed"]) for one in headings)
    tickets = heading["year"]["tickets_a_week"]
    length = max(line["week"] for line in weeks)
    every = heading["every"]
    yield f"Seeds: {seeds}. Weeks: {length}, of {tickets} tickets. The loop {heading['loop']}, every {every} weeks."
    yield written
    yield ""
    yield from tables(weeks)


def tables(weeks: Weeks) -> Iterator[str]:
    """The tables alone."""
    yield from _summary(weeks)
    yield from _recoveries(weeks)
    yield from _retrainings(weeks)
    yield from _by_week(weeks)


def _summary(weeks: Weeks) -> Iterator[str]:
    yield "## The whole year"
    yield ""
    yield "| | with the loop | without |"
    yield "|---|--:|--:|"
    for name in FIGURES:
        both = (_over_the_year(weeks, which, name) for which in ("given", "given_without"))
        yield f"| {SPOKEN[name]} | {' | '.join(both)} |"
    with_loop, without = cells_of(weeks, "applied"), cells_of(weeks, "applied_without")
    yield f"| contracts held | {_held(with_loop)} | {_held(without)} |"
    for head in ("queue", "priority"):
        shown = (_applied(applied_by_week(weeks, which, head).values()) for which in ("applied", "applied_without"))
        yield f"| {head} applied by itself, right | {' | '.join(shown)} |"
    yield f"| labels asked for, a week | {mean(said_by_week(weeks, 'asked').values()):.1f} | |"
    yield ""
    yield f"A contract is a label in {WINDOW} weeks of one seed; labels applied under {ENOUGH} times are one together."
    yield "It is held unless so few right answers would come by chance in under 5 % at just the precision demanded. The"
    yield "desk demands 0.88 of queues and 0.8 of priorities: with so much noise in its labels nothing is applied at"
    yield "0.96. Evidence for contracts is of the desk's labels; they are judged here by the truth."
    yield ""


def _recoveries(weeks: Weeks) -> Iterator[str]:
    found = recoveries_of(weeks)
    if not found:
        return
    yield "## What was lost, and came back within three weeks"
    yield ""
    yield "Right queues in the four weeks before; then, on the four weeks that begin three weeks after the change, of"
    yield "the version that was champion when it came, and of the loop's champion by then. Means (lowest to highest)."
    yield ""
    yield "| change | before | unchanged | the loop | lost | of that recovered |"
    yield "|---|--:|--:|--:|--:|--:|"
    for one in found:
        cells = " | ".join(_range(values) for values in (one.before, one.unchanged, one.recovered))
        yield f"| {one.kind.replace('_', ' ')} | {cells} | {100 * one.drop:.1f} points | {one.share:.0%} |"
    yield ""


def _retrainings(weeks: Weeks) -> Iterator[str]:
    found = retrainings_of(weeks)
    outcomes = [one.outcome for one in found]
    promoted = [one for one in found if one.outcome == "promoted"]
    yield "## Retrainings"
    yield ""
    counted = (f"{outcomes.count(name)} {name.replace('_', ' ')}" for name in dict.fromkeys(outcomes))
    yield f"{', '.join(counted) or 'none yet'}."
    yield "Gains are those of the new version over the champion on all tickets of the following four weeks."
    yield ""
    yield f"| figure | mean gain of promotions | worst | below −{100 * MARGIN:.0f} point | surely below |"
    yield "|---|--:|--:|--:|--:|"
    for name in FIGURES:
        gains = [one.gain[name] for one in promoted if name in one.gain]
        if gains:
            worst = min(gains, key=lambda gain: gain.value)
            below = sum(gain.value < -MARGIN for gain in gains)
            surely = sum(gain.high < -MARGIN for gain in gains)
            average = mean(one.value for one in gains)
            yield f"| {SPOKEN[name]} | {average:+.3f} | {_signed(worst)} | {below} | {surely} |"
    yield ""
    refused = [one for one in found if one.outcome == "refused"]
    if refused:
        yield "| refused in week | seed | queue would have gained | why |"
        yield "|--:|--:|--:|---|"
        for one in refused:
            gain = _signed(one.gain["queue_accuracy"]) if "queue_accuracy" in one.gain else ""
            yield f"| {one.week} | {one.seed} | {gain} | {'; '.join(one.reasons)} |"
        yield ""


def _by_week(weeks: Weeks) -> Iterator[str]:
    yield "## Week by week"
    yield ""
    yield "Right answers given in the week with their 95 % intervals; *ahead*: the week's last champion on the"
    yield "following four weeks; asked: labels asked for, a seed; ▲ promoted, ✕ refused, of so many seeds."
    yield ""
    heads = "queue | without | ahead | without | priority | without | escalation AUROC | without"
    yield f"| week | | {heads} | asked | ▲ | ✕ |"
    yield "|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    columns = [
        by_week(weeks, which + suffix, name)
        for which, name in (
            ("given", "queue_accuracy"),
            ("ahead", "queue_accuracy"),
            ("given", "priority_accuracy"),
            ("given", "escalation_auroc"),
        )
        for suffix in ("", "_without")
    ]
    asked, retrainings = said_by_week(weeks, "asked"), retrainings_of(weeks)
    changes = {one.week: one.kind for one in events_of(weeks)}
    for week in sorted({line["week"] for line in weeks}):
        cells = [_interval(column[week]) if week in column else "" for column in columns]
        done = [one.outcome for one in retrainings if one.week == week]
        marks = [str(done.count(name) or "") for name in ("promoted", "refused")]
        named = changes.get(week, "").replace("_", " ")
        yield f"| {' | '.join([str(week), named, *cells, f'{asked[week]:.0f}', *marks])} |"
    yield ""
    yield (
        "Changes: " + "; ".join(f"*{one.kind.replace('_', ' ')}*: {KINDS[one.kind]}" for one in events_of(weeks)) + "."
    )


def _over_the_year(weeks: Weeks, which: str, name: str) -> str:
    figures = by_week(weeks, which, name).values()
    return f"{mean(one.value for one in figures):.3f}" if figures else ""


def _held(cells: Cells) -> str:
    share = f" ({1 - cells.broken / cells.cells:.0%})" if cells.cells else ""
    return f"{cells.cells - cells.broken:,} of {cells.cells:,}{share}"


def _applied(weeks: Any) -> str:
    listed: list[Applied] = list(weeks)
    tickets, applied = sum(one.tickets for one in listed), sum(one.applied for one in listed)
    right = sum(one.right for one in listed)
    return f"{applied / max(tickets, 1):.1%}, {right / applied:.1%}" if applied else "none"


def _range(values: Sequence[float]) -> str:
    spread = f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"


def _interval(one: Figure) -> str:
    return f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f})"


def _signed(one: Figure) -> str:
    return f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
