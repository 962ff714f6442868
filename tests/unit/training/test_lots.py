"""Lots are drawn by the text: copies on one side, in the share that was asked for."""

from desk.ticket import Ticket
from training.lots import is_drawn, lot


def ticket(number: int, subject: str = "", body: str = "") -> Ticket:
    return Ticket(id=f"t{number}", subject=subject, body=body)


def test_as_many_are_drawn_as_asked_for_and_purposes_have_nothing_to_do_with_each_other() -> None:
    tickets = [ticket(number, f"printer {number}") for number in range(4_000)]
    drawn = [is_drawn(one, 0.5, "judging") for one in tickets]
    other = [is_drawn(one, 0.5, "golden set") for one in tickets]
    assert 0.46 < sum(drawn) / 4_000 < 0.54
    assert 0.46 < sum(one == two for one, two in zip(drawn, other, strict=True)) / 4_000 < 0.54
    assert not any(is_drawn(one, 0.0, "judging") for one in tickets)
    assert all(is_drawn(one, 1.0, "judging") for one in tickets)


def test_copies_are_on_one_side_and_tickets_without_text_go_by_their_id() -> None:
    for number in range(50):
        text = f"VPN drops {number}"
        sides = {is_drawn(ticket(one, text, "again"), 0.5, "x") for one in range(5)}
        assert sides == {is_drawn(ticket(9, text.upper(), " again "), 0.5, "x")}
    assert len({is_drawn(ticket(number), 0.5, "x") for number in range(50)}) == 2


def test_parts_are_equal_and_copies_are_in_one() -> None:
    tickets = [ticket(number, f"printer {number}") for number in range(3_000)]
    dealt = [lot(one, 3, "judging") for one in tickets]
    assert all(900 < dealt.count(part) < 1_100 for part in range(3))
    assert len({lot(ticket(number, "VPN drops"), 3, "judging") for number in range(9)}) == 1
