"""The beginning of the page: of a thousand tickets how many go where, and how anybody knows. Knows one story."""

from datetime import datetime
from typing import TypeAlias

from training.story.page.elements import Html, between, count, paragraph, section, text
from training.story.page.pictures import thousand, whole_counts
from training.story.routing import PER, Routing, per_thousand
from training.story.second_look import SecondLook
from training.story.story import MEASURED_FROM, Story, Wrong

__all__ = ["day", "how_it_is_known", "short_answer", "split_of"]

Split: TypeAlias = tuple[int, int, int, int]
"""Tickets of each of `training.story.page.pictures.KINDS`, a thousand in all."""


def day(iso: str) -> str:
    """A moment as the day it was: 3 November 2026."""
    at = datetime.fromisoformat(iso)
    return f"{at.day} {at:%B %Y}"


def short_answer(story: Story) -> Html:
    """The answer in four numbers, a sentence and a picture."""
    queue = story.queue
    if queue is None:
        words = "This version does not say which queue a ticket belongs to, so it would send none by itself."
        return section("answer", "The short answer", paragraph(words, "lead"))
    counts = split_of(story, queue.routing)
    return section("answer", "The short answer", _sentence(story, counts), _tiles(story, counts), thousand(counts))


def split_of(story: Story, routing: Routing) -> Split:
    """Of a thousand tickets: sent rightly, sent wrongly, suggested, left alone; wrong is what is known best."""
    tickets = routing.tickets
    sent = per_thousand(routing.sent.tickets, tickets)
    wrong = 0.0 if story.wrong is None else min(story.wrong.tickets, sent)
    suggested, left = (per_thousand(band.tickets, tickets) for band in (routing.suggested, routing.left))
    right, wrongly, shown, alone = whole_counts((sent - wrong, wrong, suggested, left), PER)
    return right, wrongly, shown, alone


def how_it_is_known(story: Story) -> Html:
    """What was counted, what wrong means, and whether other tickets say the same."""
    queue = story.queue
    if queue is None:
        return ""
    measured = story.wrong is not None and story.wrong.measured
    spoken = "Beforehand, before any daily work, this was counted on" if measured else "All this is counted on"
    span = "" if story.window is None else f", opened from {day(story.window[0])} to {day(story.window[1])}"
    basis = paragraph(
        f"{spoken} {queue.routing.tickets:,} of your own resolved tickets{span}. Each was answered by a part "
        "of the machine that had not learned from it. <strong>Wrong</strong> means: sent to another queue than the "
        "one in which your desk resolved it. Where your own records name a wrong queue, a right answer counts as wrong."
    )
    range_ = paragraph(
        "Numbers come with a range, such as <em>between 9 and 21</em>: with this many tickets counted, the true number "
        "lies in such a range nineteen times out of twenty. All this speaks of tickets like those of the past. If your "
        "products or teams change, so will it.",
        "quiet",
    )
    return section("known", "How do we know?", basis, range_, _second(story), _measured(story))


def _sentence(story: Story, counts: Split) -> Html:
    right, wrong, suggested, left = counts
    sent, known = right + wrong, story.wrong
    rest = f"It would only suggest a queue for {count(suggested)}, and leave {count(left)} alone."
    if known is None:
        words = (
            "By today's settings it would send <strong>no ticket</strong> by itself: it cannot prove yet to be right "
            f"as often as you ask. Of 1,000 tickets, it would suggest a queue for {count(suggested)} and leave "
            f"{count(left)} alone. People decide every time."
        )
        return paragraph(words, "lead")
    words = (
        f"Of 1,000 tickets like yours, it would send <strong>{count(sent)}</strong> to their queue by itself. "
        f"<strong>{count(wrong)}</strong> of those ({between(known.between)}) would land in a wrong queue. {rest}"
    )
    return paragraph(words, "lead") + _beside_people(story)


def _beside_people(story: Story) -> Html:
    """What happens without it, where the history's log tells."""
    transfers = story.transfers
    if transfers is None or transfers.elsewhere is None or not transfers.tickets:
        return ""
    today = count(per_thousand(transfers.elsewhere, transfers.tickets))
    return paragraph(
        f"For comparison: in your own log, {today} of 1,000 tickets were first in another queue than the one that "
        "resolved them."
    )


def _tiles(story: Story, counts: Split) -> Html:
    right, wrong, suggested, left = counts
    spread = "" if story.wrong is None else f"<small>{text(between(story.wrong.between))}</small>"
    tiles = (
        ("right", right + wrong, "sent by itself", ""),
        ("wrong", wrong, "of these wrong", spread),
        ("suggested", suggested, "only suggested", "<small>people decide</small>"),
        ("left", left, "left alone", "<small>people decide</small>"),
    )
    told = "".join(f'<li class="{kind}"><strong>{count(n)}</strong>{what}{more}</li>' for kind, n, what, more in tiles)
    return f'<ul class="tiles" aria-label="Of 1,000 tickets">{told}</ul>'


def _second(story: Story) -> Html:
    second, estimated = story.second, story.wrong_estimated
    if second is None or not second.tickets:
        return paragraph(
            "No second count was made: it takes tickets that are kept aside from the start, which a history of 2,000 "
            "tickets and more has, where it is on this machine. The tickets counted here also settled how sure is sure "
            "enough, so the count may be a little too kind.",
            "quiet",
        )
    between_ = second.wrong_between()
    sent = count(per_thousand(second.sent.tickets, second.tickets))
    said = f"it would have sent {sent} of 1,000 by itself"
    if between_ is not None:
        said += f", {count(per_thousand(second.sent.wrong, second.tickets))} of them wrongly ({between(between_)})"
    words = (
        f"<strong>A second count</strong> on {second.tickets:,} tickets that were kept aside from the start, which "
        f"taught it nothing and settled nothing: {said}. {_agreement(second, estimated)}"
    )
    return paragraph(words)


def _agreement(second: SecondLook, estimated: Wrong | None) -> Html:
    found = second.wrong_between()
    if found is None or estimated is None:
        return ""
    if found.low > estimated.between.high:
        return "<strong>That is worse than the count above: trust this one.</strong>"
    return "That speaks against nothing said above."


def _measured(story: Story) -> Html:
    """What held-back tickets say, beside the estimate: both are named, and which of them counts."""
    measured, estimated, worth = story.wrong_measured, story.wrong_estimated, story.worth.get("queue")
    if worth is None or not worth.held_back:
        words = (
            "<strong>Not measured yet.</strong> The surest knowledge comes from daily work: by chance, a few tickets "
            "that it would send are given to people instead, and what they do is compared. "
        )
        words += _held_back_now(story)
        return paragraph(words)
    if measured is None or estimated is None:
        return paragraph(
            f"<strong>Measured in daily work:</strong> {worth.held_back:,} tickets were given to people by chance "
            "instead; what that says of wrong queues is not known yet."
        )
    words = (
        f"<strong>Measured in daily work</strong> on {measured.rows:,} tickets that people were given by chance "
        f"instead, by whichever version answered: of 1,000 tickets, {count(measured.tickets)} would be sent wrongly "
        f"({between(measured.between)}). Counted beforehand it was {count(estimated.tickets)} "
        f"({between(estimated.between)}). "
    )
    few = f"As long as fewer than {MEASURED_FROM} are measured, the count beforehand stands above."
    return paragraph(words + ("The measured figure is the one above." if measured.rows >= MEASURED_FROM else few))


def _held_back_now(story: Story) -> Html:
    if not story.holdback:
        return "This is switched off at present; how to switch it on stands at the end."
    return (
        f"This is on for {100 * story.holdback:.2g} of 100 such tickets; it takes some that came to an end, and their "
        "results brought in."
    )
