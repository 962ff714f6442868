"""A ticket scored again as it grows: its thread counts, its opening is answered as ever, reasons name both."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from desk.heads import RISK_HEADS
from desk.outcome import ResolvedTicket
from desk.prediction import Extras
from desk.snapshots import after_message, written_since
from desk.ticket import Message, Ticket
from models.scoring import predict
from models.version import Version
from simulation.sample import SampleDesk, generate
from training.evidence.growing import judge_growth
from training.learning.version import learn
from training.progress import Unwatched

EXPLAINED = Extras(explain=True)
GAIN = 0.08
"""Of escalation's AUROC after the fifth message over the opening of the same tickets."""


def later(ticket: Ticket, hours: float) -> datetime:
    assert ticket.created_at is not None
    return ticket.created_at + timedelta(hours=hours)


def saying(ticket: Ticket, *said: tuple[str, str]) -> Ticket:
    """An exchange, a message every five hours."""
    messages = (Message(later(ticket, 5 * place), *one) for place, one in enumerate(said, 1))
    return replace(ticket, messages=tuple(messages))


def test_complaints_in_the_thread_escalate_more_than_thanks(desk: Version, unseen: Sequence[ResolvedTicket]) -> None:
    first = ("agent", "Thank you for your report, we are looking into it.")
    for row in unseen[:50]:
        angry = saying(row.ticket, first, ("customer", "No, that did not help, it is exactly as before."))
        glad = saying(row.ticket, first, ("customer", "Great, that worked, thank you!"))
        asked = (row.ticket, glad, angry)
        opened, calm, hot = (predict(desk, one).risks["escalation"].probability for one in asked)
        assert calm < hot
        assert calm < opened


def test_an_opening_is_answered_the_same_whatever_was_learned_of_threads(
    desk: Version, unseen: Sequence[ResolvedTicket]
) -> None:
    heads = {head: replace(model, growth=None) for head, model in desk.heads.items()}
    elder = replace(desk, heads=heads)
    for row in unseen[:50]:
        assert predict(desk, row.ticket) == predict(elder, row.ticket)


def test_reasons_of_a_growing_ticket_name_its_messages(desk: Version, unseen: Sequence[ResolvedTicket]) -> None:
    complaint = "No, that did not help, it is exactly as before."
    named = 0
    for row in unseen[:50]:
        ticket = saying(row.ticket, ("agent", "Please send us the log."), ("customer", complaint))
        reasons = predict(desk, ticket, extras=EXPLAINED).reasons
        assert reasons is not None
        weights = [one.weight for one in reasons["escalation"] if one.weight > 0]
        assert weights == sorted(weights, reverse=True)
        named += any(one.text == f"customer wrote ‘{complaint}’" for one in reasons["escalation"])
    assert named >= 45


def test_without_the_message_that_is_named_first_a_risk_is_smaller(
    desk: Version, unseen: Sequence[ResolvedTicket]
) -> None:
    found = 0
    for row in unseen:
        ticket = after_message(row, 4)
        if ticket is None:
            continue
        prediction = predict(desk, ticket, extras=EXPLAINED)
        assert prediction.reasons is not None
        first = prediction.reasons["escalation"][0]
        _, _, said = first.text.partition(" wrote ‘")
        for message in written_since(ticket):
            if said and message.text.startswith(said.rstrip("…’")):
                silent = tuple(replace(one, text="") if one is message else one for one in ticket.messages)
                before = predict(desk, replace(ticket, messages=silent)).risks["escalation"].probability
                assert before < prediction.risks["escalation"].probability
                found += 1
    assert found >= 20


@pytest.mark.long
@pytest.mark.parametrize("seed", [7, 11])
def test_after_five_messages_escalation_is_ranked_eight_points_better(seed: int) -> None:
    rows = list(generate(SampleDesk(seed=seed)))
    learned = learn(rows, ["escalation", "breach"], Unwatched())
    judged = {head: judge_growth(found).moments for head, found in learned.growing.items()}
    assert set(judged) == set(RISK_HEADS)
    fifth = judged["escalation"][-1]
    assert (fifth.messages, fifth.rows > 500) == (5, True)
    assert fifth.gain >= GAIN
    gains = [one.gain for one in judged["escalation"]]
    assert gains == sorted(gains)
    assert judged["breach"][-1].gain > 0.02
    for moments in judged.values():
        for one in moments:
            assert one.ece <= max(one.opening_ece, one.ece_of_chance) + 0.01, one
    after = [learned.growing["escalation"].counts == count for count in (1, 5)]
    assert np.count_nonzero(after[0]) > np.count_nonzero(after[1]), "some are resolved before their fifth message"
