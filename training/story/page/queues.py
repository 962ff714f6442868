"""Queue by queue: what is sent, suggested and left alone, which are mixed up, what it does not touch, and why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from training.evidence.confusion import MixUp
from training.evidence.intervals import Interval
from training.evidence.metrics import UNKNOWN_LABEL
from training.story.page.elements import Html, between, bullets, count, name, paragraph, section, share, table
from training.story.page.pictures import Bar, bars
from training.story.routing import Band, LabelRouting, Routing, WhyNothing, clopper_pearson, per_thousand
from training.story.story import Story

__all__ = ["all_queues", "by_queue", "mistakes", "untouched"]

MOST_SHOWN: Final = 12
"""Queues in the picture and the tables of the text; the others are one line, and stand at the end of the page."""

MOST_MIX_UPS: Final = 8
_HEADS: Final = ("Queue", "Chosen", "Sent by itself", "Wrong, of 100 sent", "Suggested", "Left alone")

Line: TypeAlias = tuple[str, Sequence[LabelRouting]]
"""A name, and the queues that stand under it."""
_RARE_SHOWN: Final = 8
_REASONS: Final[Mapping[WhyNothing, str]] = {
    "never_answered": "It never chose this queue",
    "too_few": "Too few examples",
    "too_often_wrong": "Too often wrong, even where it is surest",
    "in_breach": "Was wrong too often in daily work of late, and was stopped",
}


def by_queue(story: Story) -> Html:
    """A picture and a table of the largest queues, the others as one."""
    if story.queue is None:
        return ""
    routing = story.queue.routing
    words = paragraph(
        "By the queue that it would choose. A ticket counts where it would have gone, not where it came from."
    )
    picture = bars("Of 1,000 tickets, those for which it would choose each queue.", _bars(routing))
    told = table("Queues, of 1,000 tickets", _HEADS, [_line(one, routing.tickets) for one in _shown(routing)])
    return section("queues", "Queue by queue", words, picture, told)


def all_queues(story: Story) -> Html:
    """Every queue, where the tables of the text do not have them all."""
    if story.queue is None or len(story.queue.routing.labels) <= MOST_SHOWN:
        return ""
    routing = story.queue.routing
    rows = [_line((one.label, (one,)), routing.tickets) for one in routing.labels]
    return section("all", "All queues", table(f"{len(rows):,} queues, of 1,000 tickets", _HEADS, rows))


def mistakes(story: Story) -> Html:
    """Which queues are taken for others, in words."""
    if story.queue is None:
        return ""
    note = (
        "These are all wrong first guesses, sent or not: on the tickets that judged it before it went out, usually the "
        "newest fifth."
    )
    title = "What it mixes up"
    if story.mix_ups is None:
        unknown = "Not known here: the record of this version's training is not on this machine, or is an older one."
        return section("mistakes", title, paragraph(unknown))
    listed = [one for one in story.mix_ups if one.truth != UNKNOWN_LABEL][:MOST_MIX_UPS]
    if not listed:
        return section("mistakes", title, paragraph("No queue was taken for another one."))
    return section("mistakes", title, paragraph(note), bullets(map(_mixed_up, listed)), _both_ways(listed))


def untouched(story: Story) -> Html:
    """What it leaves to people, and for which reason."""
    if story.queue is None:
        return section("untouched", "What it would not touch, and why", bullets(_skipped(story)))
    routing = story.queue.routing
    closed = [one for one in routing.labels if one.why_nothing is not None]
    title = "What it would not touch, and why"
    return section("untouched", title, bullets(_tickets(story, routing)), _closed(story, routing, closed))


def _shown(routing: Routing) -> Iterator[Line]:
    """The largest queues, and the others as one, which is no single queue that is small."""
    few = len(routing.labels) <= MOST_SHOWN
    shown = routing.labels if few else routing.labels[: MOST_SHOWN - 1]
    for one in shown:
        yield one.label, (one,)
    if not few:
        others = routing.labels[len(shown) :]
        yield f"{len(others):,} other queues", others


def _bars(routing: Routing) -> Iterator[Bar]:
    for label, labels in _shown(routing):
        yield label, _split(labels, routing.tickets)


def _split(labels: Sequence[LabelRouting], tickets: int) -> list[float]:
    whole = Routing(0, tuple(labels))
    parts = (whole.sent.right, whole.sent.wrong, whole.suggested.tickets, whole.left.tickets)
    return [per_thousand(one, tickets) for one in parts]


def _line(line: Line, tickets: int) -> Sequence[Html]:
    label, labels = line
    whole = Routing(0, tuple(labels))
    numbers = (whole.tickets, whole.sent.tickets, whole.suggested.tickets, whole.left.tickets)
    chosen, sent, suggested, left = (count(per_thousand(number, tickets)) for number in numbers)
    return name(label), chosen, sent, _wrong_of_sent(whole.sent), suggested, left


def _wrong_of_sent(sent: Band) -> Html:
    """Of a hundred that are sent; nothing is said of none."""
    if not sent.tickets:
        return "–"
    found = clopper_pearson(sent.wrong, sent.tickets)
    return f"{count(100 * sent.wrong / sent.tickets)} ({between(_hundred(found))})"


def _hundred(found: Interval) -> Interval:
    return Interval(100 * found.low, 100 * found.high)


def _mixed_up(one: MixUp) -> Html:
    tickets = "ticket" if one.tickets == 1 else "tickets"
    return (
        f"{name(one.truth)} taken for {name(one.answered)}: {one.tickets:,} {tickets}, "
        f"{count(100 * one.share)} of 100 from {name(one.truth)}."
    )


def _both_ways(listed: Sequence[MixUp]) -> Html:
    """Pairs that are mixed up in both directions: there the border between two queues may itself be unclear."""
    pairs = {(one.truth, one.answered) for one in listed}
    told = [f"{name(a)} and {name(b)}" for a, b in sorted(pairs) if a < b and (b, a) in pairs]
    if not told:
        return ""
    words = "Mixed up in both directions: " + ", ".join(told) + ". There it is worth asking whether people agree."
    return paragraph(words)


def _tickets(story: Story, routing: Routing) -> Iterator[Html]:
    suggested, left = routing.suggested, routing.left
    if suggested.tickets:
        right = count(100 * suggested.right / suggested.tickets)
        yield (
            f"<strong>Sure enough to suggest, not to send: {count(per_thousand(suggested.tickets, routing.tickets))} "
            f"of 1,000.</strong> Whoever sorts sees the suggestion, which is right in {right} of 100."
        )
    if left.tickets:
        right = count(100 * left.right / left.tickets)
        yield (
            f"<strong>Not sure enough to suggest: {count(per_thousand(left.tickets, routing.tickets))} of 1,000."
            f"</strong> Its best guess would be right in {right} of 100; it keeps it to itself."
        )
    yield _unlike(story)
    if story.holdback and routing.sent.tickets:
        kept = story.holdback * per_thousand(routing.sent.tickets, routing.tickets)
        yield (
            f"<strong>Kept back by chance: about {count(kept)} of 1,000.</strong> It would send them, and people are "
            "given them instead, to measure whether it would have been right."
        )
    yield from _skipped(story)


def _unlike(story: Story) -> Html:
    if story.second is None:
        return (
            "<strong>Unlike anything it has seen:</strong> such tickets are always left alone. How many they are is "
            "not known here; tickets kept aside from the start would tell."
        )
    of = count(per_thousand(story.second.unlike_anything, story.second.tickets))
    return (
        f"<strong>Unlike anything it has seen: {of} of 1,000</strong> in the second count. They are left alone, "
        "however sure the guess looks; the first count cannot tell them, and has them among all others."
    )


def _skipped(story: Story) -> Iterator[Html]:
    questions = {
        "queue": "Which queue a ticket belongs to",
        "priority": "Which priority it has",
        "escalation": "Whether it will escalate",
        "breach": "Whether it will miss its deadline",
    }
    reasons = {
        "too_few": "your history says it of too few tickets, or says nearly always the same (it takes 50 tickets, and "
        "five of each of two answers)",
        "not_said": "your history does not say it",
    }
    for head, why in story.skipped.items():
        yield f"<strong>{questions[head]}:</strong> not answered, for {reasons[why]}."
    if not story.priorities_ordered and "priority" in story.heads:
        yield (
            "<strong>The order of your priorities is not known to it.</strong> It names one, and cannot tell how far "
            "off a wrong one is; <code>priority_order</code> in the desk file says it."
        )


def _closed(story: Story, routing: Routing, closed: Sequence[LabelRouting]) -> Html:
    """The queues to which nothing is sent."""
    if not closed:
        return paragraph("There is no queue to which it would never send anything.") + _rare(story)
    lead = paragraph("To these it would send nothing by itself, and at most suggest them.")
    heads = ("Queue", "Right, of 100 chosen", "You ask for", "Why nothing is sent", "What it lacks")
    rows = (_closed_row(one) for one in closed[:MOST_SHOWN])
    return (
        f"<h3>Queues that stay with people</h3>{lead}"
        + table(_how_many(closed, routing), heads, rows, words=(3, 4))
        + _others_closed(closed[MOST_SHOWN:])
        + _rare(story)
    )


def _how_many(closed: Sequence[LabelRouting], routing: Routing) -> str:
    queues = "queue" if len(routing.labels) == 1 else "queues"
    return f"{len(closed):,} of {len(routing.labels):,} {queues}"


def _closed_row(one: LabelRouting) -> Sequence[Html]:
    tickets = one.whole.tickets
    right = "–" if not tickets else count(100 * one.whole.right / tickets)
    examples = "example" if tickets == 1 else "examples"
    why = "" if one.why_nothing is None else _REASONS[one.why_nothing]
    if one.why_nothing == "too_few":
        why += f": {tickets:,} {examples} of its choosing it"
    lacks = "Time: it returns by itself" if not one.lacking else _lacks(one.lacking)
    return name(one.label), right, share(one.demand), why, lacks


def _others_closed(closed: Sequence[LabelRouting]) -> Html:
    """The smaller ones, by the reason why nothing is sent to them."""
    told = []
    for why, reason in _REASONS.items():
        mine = [name(one.label) for one in closed if one.why_nothing == why]
        if mine:
            told.append(f"{reason}: {', '.join(mine)}.")
    return (paragraph(f"And {len(closed):,} smaller ones:") + bullets(told)) if told else ""


def _lacks(answers: int) -> Html:
    return f"At least {answers:,} more right {'answer' if answers == 1 else 'answers'} among its surest"


def _rare(story: Story) -> Html:
    if not story.rare:
        return ""
    listed = [f"{name(queue)} ({tickets:,})" for queue, tickets in list(story.rare.items())[:_RARE_SHOWN]]
    more = len(story.rare) - len(listed)
    others = f" and {more} more" if more > 0 else ""
    return paragraph(f"Hardly any examples in your history: {', '.join(listed)}{others}.")
