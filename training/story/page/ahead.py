"""The end of the page: other demands, the version before, what to watch, to do, and what is not known.

Knows one story.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from training.story.page.elements import Html, between, bullets, code, count, name, paragraph, section, share, table
from training.story.page.headline import day
from training.story.routing import LabelRouting, Offer, per_thousand
from training.story.story import Story

__all__ = ["changed", "next_steps", "not_known", "what_if", "what_to_watch"]

_SHOWN: Final = 5
_NEAR: Final = 60
"""Right answers more that a queue may lack to be told of: a few weeks of most desks."""


_ANSWERS: Final = {
    "queue": "which queue a ticket belongs to",
    "priority": "which priority it has",
    "escalation": "whether it will escalate",
    "breach": "whether it will miss its deadline",
}


def changed(story: Story) -> Html:
    """The judgement on this version beside the one before, in words."""
    return section("changed", "What changed against the version before", _sent_before(story), _gate(story))


def what_to_watch(story: Story) -> Html:
    """What the watch last saw, and what deserves an eye."""
    watched = story.watched
    if watched is None:
        seen = "Nobody has looked yet whether today's tickets are still like those it learned from: " + code(
            "pointsman drift"
        )
        return section("watch", "What to watch", paragraph(f"{seen} does, and says what is unusual."))
    when = day(watched.at.isoformat())
    if not (watched.changes or watched.in_breach):
        words = f"On {when} the last {watched.tickets:,} tickets were looked at: nothing unusual."
        return section("watch", "What to watch", paragraph(words))
    lines = []
    if watched.in_breach:
        lines.append(
            f"Right too seldom of late, and therefore only suggested now: {watched.in_breach:,} of your queues and "
            "priorities."
        )
    if watched.changes:
        lines.append(
            f"Unusual: {watched.changes:,} of the things that are watched, such as which words come in, which queues "
            f"are chosen and how often it is right. {code('pointsman drift')} names them."
        )
    lead = paragraph(f"On {when} the last {watched.tickets:,} tickets were looked at:")
    return section("watch", "What to watch", lead, bullets(lines))


def what_if(story: Story) -> Html:
    """What other demands would give: the price of strictness."""
    if story.queue is None:
        return ""
    words = paragraph(
        "How often it must be right before it sends a ticket by itself is yours to say. The stricter you are, the "
        "fewer it sends. Each line is counted on the same tickets as above."
    )
    heads = ("It must be right in", "Queues it sends to", "Sent, of 1,000", "Of these wrong")
    rows = [_offer(one) for one in story.queue.offers]
    return section("if", "If you asked for more, or for less", words, table("What each demand gives", heads, rows))


def next_steps(story: Story) -> Html:
    """What to do, as commands."""
    typed = paragraph("What is to be typed is for whoever runs Pointsman.", "quiet")
    return section("next", "What to do next", bullets(_steps(story), "ol"), typed)


def not_known(story: Story) -> Html:
    """What this page does not know, and what would make it known."""
    return section("unknown", "What this page does not know", bullets(_unknown(story)))


def _sent_before(story: Story) -> Html:
    if story.before is None or story.before_sent is None or story.queue is None:
        return ""
    sent = per_thousand(story.queue.routing.sent.tickets, story.queue.routing.tickets)
    return paragraph(
        f"By the same demands, version {name(story.before)} would send {count(story.before_sent)} of 1,000 tickets by "
        f"itself, this one {count(sent)}; each is counted on its own tickets."
    )


def _gate(story: Story) -> Html:
    gate = story.gate
    if gate is None:
        if story.before is None:
            return paragraph("There is no version before it to compare with.")
        asked = code(f"pointsman compare {story.before} {story.version}")
        return paragraph(f"The two were not compared when this one was made: {asked} does it.")
    outcome = {
        "promoted": "passed and took its place",
        "refused": "was refused",
        "overtaken": "passed, and another version had taken the place meanwhile",
    }.get(gate.outcome, "was judged")
    lead = paragraph(
        f"Before it may answer, a version is compared with the one that answers, on the same tickets, at most "
        f"{gate.tickets:,} at a time. Beside version {name(gate.against)}, this one <strong>{outcome}</strong>."
    )
    return lead + _differences("Better, and not by chance", gate.better) + _worse(gate.worse, gate.missing)


def _worse(worse: Sequence[str], missing: Sequence[str]) -> Html:
    gone = (f"the version before also says {_ANSWERS.get(head, head)}, this one does not" for head in missing)
    lines = (*worse, *gone)
    return _differences("Worse, and not by chance", lines)


def _differences(title: str, lines: Sequence[str]) -> Html:
    if not lines:
        return paragraph(f"{title}: nothing.")
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return f"<h3>{title}</h3>" + bullets(name(line) for line in (*lines[:_SHOWN], *more))


def _offer(one: Offer) -> Sequence[Html]:
    wrong = "–" if one.between is None else f"{count(one.wrong)} ({between(one.between)})"
    own = " <strong>(now)</strong>" if one.is_own else ""
    return f"{share(one.demand)}{own}", f"{one.labels:,}", count(one.sent), wrong


def _steps(story: Story) -> Iterator[Html]:
    if story.queue is not None:
        yield from _about_demands(story, story.queue.offers)
        yield from _near(story.queue.routing.labels)
    if not story.holdback:
        switch = code("pointsman settings set holdback 0.03")
        yield f"Measure it: {switch} gives 3 of 100 such tickets to people by chance."
    yield (
        f"Bring in what became of tickets, every week or so: {code('pointsman outcomes import resolved.csv')}. Then "
        f"{code('pointsman holdback')} and this page say what is true, and not only what is likely."
    )
    yield f"Look through tickets whose queue your own records probably name wrongly: {code('pointsman suspects')}."


def _about_demands(story: Story, offers: Sequence[Offer]) -> Iterator[Html]:
    own = next(one for one in offers if one.is_own)
    looser = [one for one in offers if one.demand < own.demand and one.sent >= max(2 * own.sent, 1)]
    if looser:
        best = max(looser, key=lambda one: one.demand)
        spread = "" if best.between is None else f" ({between(best.between)})"
        yield (
            f"If {share(best.demand)} were good enough for you, {count(best.sent)} of 1,000 tickets would be sent by "
            f"themselves, {count(best.wrong)} of them wrongly{spread}: "
            f"{code(f'pointsman contracts set queue {best.demand:g}')}."
        )
    elif not own.sent:
        yield "No demand that was tried gives anything to send by itself: leave it at suggesting, and let it learn."
    if own.sent:
        costly = max(story.queue.routing.labels if story.queue else (), key=lambda one: one.sent.wrong)
        stricter = f"pointsman contracts set queue {_stricter(own.demand):g} --label {_quoted(costly.label)}"
        yield f"Ask for more where mistakes hurt most; most wrong ones go to {name(costly.label)}: {code(stricter)}."
        yield (
            "To have it suggest only, ask for what it cannot prove: "
            f"{code('pointsman contracts set queue 0.9999')}. {code('pointsman contracts reset queue')} takes it back."
        )


def _stricter(demand: float) -> float:
    """Half as many mistakes, within what can be demanded."""
    return min(round(1 - (1 - demand) / 2, 3), 0.99)


def _near(labels: Sequence[LabelRouting]) -> Iterator[Html]:
    near = [one for one in labels if one.why_nothing == "too_few" and one.lacking <= _NEAR]
    if near:
        listed = ", ".join(f"{name(one.label)} ({one.lacking:,})" for one in near[:_SHOWN])
        yield f"Nearly there, with so many more right answers each: {listed}. Train again when they have come in."


def _quoted(label: str) -> str:
    """A label as a shell takes it."""
    return "'" + label.replace("'", "'\\''") + "'"


def _unknown(story: Story) -> Iterator[Html]:
    worth = story.worth.get("queue")
    if worth is None or not worth.held_back:
        yield "What it does in daily work: no ticket that was kept back by chance has come to an end yet."
    if not story.has_history:
        yield "What its tickets went through before: the history is not on this machine."
    elif story.transfers is None:
        yield "How often tickets are passed on: the history has neither counts nor logged changes of the queue."
    elif story.transfers.elsewhere is None:
        yield "How often people send a ticket to a wrong queue first: the history logs no changes of the queue."
    if story.window is None:
        yield "Whether it gets worse as time passes: the history has no times, so old and new were judged together."
    if story.second is None:
        yield "How many tickets are unlike anything it has seen, and what tickets kept aside from the start would say."
    yield "What a mistake costs your customers. A wrongly sent security report is worse than ten printers."
