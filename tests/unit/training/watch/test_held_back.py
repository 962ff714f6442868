"""What automation is worth, by tickets that it was kept from."""

from datetime import UTC, datetime

from desk.feedback import OutcomeReport
from desk.heads import Head
from desk.past_answers import PastAnswer, PastHead
from training.gathering.said import SaidOfTicket
from training.watch.held_back import AutomationWorth, worth_of

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def ticket(*, held_back: bool, queue: str = "Billing", moved: int | None = 0) -> SaidOfTicket:
    said = PastHead("Billing", 0.95, "suggest", "held_back") if held_back else PastHead("Billing", 0.95, "auto")
    heads: dict[Head, PastHead] = {"queue": said}
    outcome = {"queue": queue} | ({} if moved is None else {"reassignment_count": moved})
    report = OutcomeReport("t", NOW, outcome)
    return SaidOfTicket(None, (), (PastAnswer("p", "t", NOW, heads),), (report,))


def queue_of(*tickets: SaidOfTicket) -> AutomationWorth:
    return worth_of(tickets)[0]


def test_accuracy_and_transfers_with_their_intervals() -> None:
    kept = [ticket(held_back=True, moved=1)] * 45 + [ticket(held_back=True, queue="Orders", moved=2)] * 5
    found = queue_of(*kept, *[ticket(held_back=False, moved=0)] * 180, *[ticket(held_back=False, moved=1)] * 20)
    assert (found.held_back, found.applied, found.right) == (50, 200, 0.9)
    assert found.between is not None
    assert 0.77 < found.between.low < 0.9 < found.between.high < 0.97
    assert found.saved is not None
    assert abs(found.saved - (1.1 - 0.1)) < 1e-9
    assert found.saved_between is not None
    assert found.saved_between.low < found.saved < found.saved_between.high


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert worth_of([]) == [AutomationWorth("queue", 0, 0), AutomationWorth("priority", 0, 0)]
    found = queue_of(ticket(held_back=True, moved=None), ticket(held_back=False, moved=None))
    assert (found.right, found.saved) == (1.0, None)


def test_what_people_sorted_anyway_is_of_neither_group() -> None:
    heads: dict[Head, PastHead] = {"queue": PastHead("Billing", 0.6, "suggest")}
    report = OutcomeReport("t", NOW, {"queue": "Billing"})
    found = queue_of(SaidOfTicket(None, (), (PastAnswer("p", "t", NOW, heads),), (report,)))
    assert (found.held_back, found.applied) == (0, 0)
