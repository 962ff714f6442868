from datetime import UTC, datetime, timedelta

import numpy as np

from desk.ticket import Message, Ticket
from features.thread import THREAD_MEASURES, grams_of_message, read_thread

OPENED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def message(hours: float, author: str, text: str = "x") -> Message:
    return Message(OPENED + timedelta(hours=hours), author, text)


def measures(*messages: Message, opened: datetime | None = OPENED) -> dict[str, float]:
    found = read_thread(Ticket("1", opened, "subject", messages=messages))
    assert found is not None
    return dict(zip(THREAD_MEASURES, found.measures, strict=True))


def test_a_thread_says_who_wrote_how_much_and_how_long_it_took() -> None:
    found = measures(
        message(-1, "customer"),
        message(0.5, "system"),
        message(2, "customer"),
        message(5, "agent"),
        message(6, "customer", "Any news?"),
        message(8, "customer", "HELP me! NOW!"),
    )
    assert found == {
        "messages since the opening": 5.0,
        "messages of the customer": 3.0,
        "messages of agents": 1.0,
        "messages of the system": 1.0,
        "first answer": 1.0,
        "question marks of the customer": 0.0,
        "exclamation marks of the customer": 2.0,
        "capitals of the customer": 7 / 13,
        "hours open": 8.0,
        "hours between messages": 2.0,
        "hours to the first answer": 5.0,
    }


def test_what_is_not_there_is_nought() -> None:
    found = measures(message(3, "system"))
    assert found["hours open"] == found["hours between messages"] == 3
    assert found["first answer"] == found["hours to the first answer"] == found["capitals of the customer"] == 0


def test_without_the_time_of_the_opening_hours_count_from_the_first_message() -> None:
    assert measures(message(1, "agent"), message(4, "customer"), opened=None)["hours open"] == 3


def test_a_ticket_that_nobody_wrote_to_has_no_thread() -> None:
    assert read_thread(Ticket("1", OPENED, "subject")) is None
    assert read_thread(Ticket("1", OPENED, "subject", messages=(message(0, "customer"),))) is None


def test_the_order_in_which_messages_are_given_says_nothing() -> None:
    messages = [message(one, "customer", f"text {one}") for one in (1, 2, 3)]
    assert measures(*messages) == measures(*reversed(messages))


def test_words_are_read_of_the_newest_five_messages() -> None:
    thread = read_thread(
        Ticket("1", OPENED, "s", messages=tuple(message(one, "agent", f"w{one}") for one in range(1, 9)))
    )
    assert thread is not None
    assert [one.text for one in thread.messages] == ["w4", "w5", "w6", "w7", "w8"]
    assert thread.measures[0] == 8


def test_the_same_words_of_another_are_other_grams_and_quotes_are_none() -> None:
    mine, yours = (grams_of_message(message(1, author, "not fixed, not fixed")) for author in ("customer", "agent"))
    assert len(mine) == len(yours) == 4  # not, fixed, not fixed, fixed not
    assert not np.isin(mine, yours).any()
    quoting = message(1, "customer", "not fixed, not fixed\n> Did that help?")
    assert np.array_equal(grams_of_message(quoting), mine)
    assert len(grams_of_message(message(1, "someone", ""))) == 0
