"""What it is worth beside queues: priorities, escalations found early, transfers and hours. Knows one story."""

from training.story.page.elements import Html, between, count, paragraph, section, share
from training.story.routing import PER, per_thousand
from training.story.story import EscalationStory, Story

__all__ = ["escalations", "priorities", "transfers_and_hours"]


def priorities(story: Story) -> Html:
    """What happens to priorities, in a sentence or two; nothing where it answers none."""
    head = story.heads.get("priority")
    if head is None:
        return ""
    routing = head.routing
    bands = (routing.sent, routing.suggested, routing.left)
    sent, suggested, left = (count(per_thousand(band.tickets, routing.tickets)) for band in bands)
    found = routing.wrong_between()
    if found is None:
        words = (
            f"Of 1,000 tickets it would set <strong>no priority</strong> by itself: it is not right as often as the "
            f"{share(routing.demand)} that you ask for. It would suggest one for {suggested} and say nothing of {left}."
        )
    else:
        wrong = count(per_thousand(routing.sent.wrong, routing.tickets))
        words = (
            f"Of 1,000 tickets it would set the priority of <strong>{sent}</strong> by itself, {wrong} of them "
            f"({between(found)}) to another one than your desk did in the end. It would suggest one for {suggested} "
            f"and say nothing of {left}."
        )
    tickets = routing.suggested.tickets
    right = f" Its suggestions are right in {count(100 * routing.suggested.right / tickets)} of 100." if tickets else ""
    return section("priorities", "Priorities", paragraph(words + right))


def escalations(story: Story) -> Html:
    """How many escalations would be seen at the opening of a ticket, at what price."""
    found, title = story.escalation, "Escalations found early"
    if found is None:
        why = "It does not say which tickets will escalate." if "escalation" in story.skipped else "Not known."
        return section("escalations", title, paragraph(f"{why} {_escalation_lacks()}"))
    review = found.review
    if review.cut is None or review.recall is None or review.precision is None:
        words = "It cannot tell tickets that escalate from those that do not well enough to flag any."
        return section("escalations", title, paragraph(words))
    return section("escalations", title, _found_early(found, review.recall, review.precision))


def transfers_and_hours(story: Story) -> Html:
    """What is saved, where it is known; else what would make it known."""
    return section("worth", "Transfers and hours", _today(story), _saved(story), _assumption(story))


def _escalation_lacks() -> str:
    return "It takes a history that says which tickets escalated, or how often each was passed on and reopened."


def _found_early(found: EscalationStory, recall: float, precision: float) -> Html:
    happened = per_thousand(found.happened, found.rows)
    caught = recall * happened
    flagged = caught / precision if precision else 0.0
    words = (
        f"Of 1,000 tickets, {count(happened)} escalate. If people look at the {count(flagged)} that it flags as soon "
        f"as they are opened, <strong>{count(caught)}</strong> of those will indeed escalate: {count(100 * recall)} of "
        f"100 escalations are seen coming. {count(flagged - caught)} are flagged in vain, and "
        f"{count(happened - caught)} escalate unflagged."
    )
    price = (
        f"It flags at most {share(found.review.capacity)} tickets, which is what you say your desk can look at. "
        f"Counted on {found.rows:,} of your tickets in the same way as above. It never escalates anything by itself."
    )
    return paragraph(words) + paragraph(price, "quiet")


def _today(story: Story) -> Html:
    transfers = story.transfers
    if transfers is None or not transfers.tickets:
        why = (
            "your history does not say how often tickets were passed on"
            if story.has_history
            else "the history that it learned from is not on this machine"
        )
        return paragraph(
            f"<strong>Not known:</strong> {why}. The column <code>reassignment_count</code>, or logged changes of the "
            "queue (<code>events</code>), would tell."
        )
    told = "counts them" if transfers.source == "counts" else "logs changes of the queue"
    missing = transfers.rows - transfers.tickets
    lacking = f" ({missing:,} more do not say)" if missing else ""
    return paragraph(
        f"Today, 1,000 tickets are passed on {count(per_thousand(transfers.total, transfers.tickets))} times from one "
        f"queue or person to another; {count(per_thousand(transfers.passed_on, transfers.tickets))} of them at least "
        f"once. Your history {told} for {transfers.tickets:,} tickets{lacking}."
    )


def _saved(story: Story) -> Html:
    measured, ceiling, worth = story.saved_measured, story.ceiling, story.worth.get("queue")
    parts = []
    if measured is not None and measured.between is not None and worth is not None:
        parts.append(
            f"<strong>Measured:</strong> of 1,000 tickets, {_fewer(measured.transfers)} transfers "
            f"({_fewer(measured.between.low)} to {_fewer(measured.between.high)}), by {worth.held_back:,} tickets that "
            f"people were given by chance and {worth.applied:,} that were sent. That is {_hours(measured.hours)}."
        )
    if ceiling is not None:
        parts.append(_ceiling(story, ceiling.transfers, ceiling.added_by_wrong, ceiling.hours))
    if not parts and story.transfers is not None:
        parts.append("Nothing would be sent by itself, so no transfer would be saved either.")
    return "".join(paragraph(part) for part in parts)


def _ceiling(story: Story, transfers: float, added: float, hours: float) -> str:
    if transfers <= 0:
        return (
            "<strong>Nothing saved:</strong> the tickets that it would send are hardly ever passed on today, and its "
            "wrong ones would add transfers."
        )
    month = ""
    if story.a_month is not None:
        monthly = _hours(hours * story.a_month / PER)
        month = f" Your history has {count(story.a_month)} tickets a month, which makes {monthly} a month."
    lead = "Counted beforehand, at most" if story.saved is not None and story.saved.measured else "At most"
    return (
        f"<strong>{lead} {count(transfers)} transfers saved</strong> of 1,000 tickets, which is {_hours(hours)}."
        f"{month} This is a ceiling: it takes every transfer of a rightly sent ticket for one that a right first queue "
        f"would have spared, and adds one for each wrong one ({count(added)}). Only tickets kept back by chance in "
        "daily work can tell how much of it comes true."
    )


def _assumption(story: Story) -> Html:
    if story.saved is None:
        return ""
    return paragraph(
        f"Hours rest on an assumption, not on a finding: {story.minutes:g} minutes of people's work for each transfer. "
        "Put in your own number: <code>pointsman report --minutes-per-transfer 15</code>.",
        "quiet",
    )


def _hours(hours: float) -> str:
    return f"{hours:,.1f} hours of work" if abs(hours) < 10 else f"{hours:,.0f} hours of work"


def _fewer(number: float) -> str:
    return f"{round(abs(number)):,} {'fewer' if number >= 0 else 'more'}"
