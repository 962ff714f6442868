"""The least that a desk expects: tickets that no specialist would misread, written by hand, go where they belong."""

import pytest

from desk.ticket import Customer, Ticket
from models.scoring import predict
from models.version import Version

PLAIN = {
    "Access": [
        ("Password reset", "Hi, I forgot my password and the reset mail does not arrive. Can you reset it for me?"),
        ("Locked out", "My account is locked after too many attempts to log in."),
        ("New phone", "I have a new phone and the authenticator app has no codes any more."),
    ],
    "Applications": [
        ("App crashes", "The app crashes every time I open a record."),
        ("Totals", "The report shows wrong totals and the export to Excel stays empty."),
    ],
    "Billing": [
        ("Invoice", "We paid the same invoice twice this month, please refund the second charge."),
        ("VAT", "The VAT on our last invoice is wrong, please send a corrected invoice."),
        ("Charged twice", "Our credit card was charged twice."),
    ],
    "Hardware": [
        ("Laptop", "My laptop does not turn on any more, the screen stays black. I need a replacement."),
        ("Printer", "The printer on our floor jams on every second page."),
    ],
    "Integrations": [
        ("Webhook", "Our webhook receives no events from your API since the last release."),
        ("API", "Requests to the REST API fail with error 500 when we import orders."),
    ],
    "Network": [
        ("VPN down", "I cannot connect to the VPN from home, the connection times out."),
        ("Wifi", "There is no wifi in our office since this morning."),
    ],
    "Orders": [
        ("Parcel", "Our order was shipped two weeks ago and the parcel has not been delivered yet."),
        ("Return", "We received the wrong item and want to return it."),
    ],
    "Security": [
        ("Phishing", "I clicked on a link in a phishing mail and entered my password."),
        ("Suspicious sign-in", "There was a suspicious sign-in from abroad that was not me."),
    ],
}
CASES = [(queue, *text) for queue, texts in PLAIN.items() for text in texts]


@pytest.mark.parametrize(("queue", "subject", "body"), CASES)
def test_what_no_specialist_would_misread_goes_to_its_queue(desk: Version, queue: str, subject: str, body: str) -> None:
    assert predict(desk, Ticket(id="1", subject=subject, body=body)).choices["queue"].label == queue


def test_nearly_all_of_them_are_worth_suggesting_and_hardly_one_is_a_stranger(desk: Version) -> None:
    choices = [predict(desk, Ticket(id="1", subject=subject, body=body)).choices["queue"] for _, subject, body in CASES]
    assert sum(choice.probability >= 0.5 for choice in choices) >= 0.9 * len(choices)
    assert sum(choice.novel for choice in choices) <= 1  # of all tickets one in twenty is


@pytest.mark.parametrize(("queue", "subject", "body"), CASES)
def test_the_subject_may_be_missing_where_the_body_says_it_all(
    desk: Version, queue: str, subject: str, body: str
) -> None:
    assert predict(desk, Ticket(id="1", body=body)).choices["queue"].label == queue, subject


def test_a_vips_standstill_comes_before_a_question_that_has_time(desk: Version) -> None:
    def asked(body: str, tier: str, impact: str) -> Ticket:
        return Ticket(id="1", body=body, customer=Customer("c-1", tier), attributes={"business_impact": impact})

    blocked = "The VPN is down and we cannot work at all. Everything stands still here. All users are affected."
    question = "Just a simple question about the VPN, no hurry at all. There is a workaround, it is only me."
    worst = predict(desk, asked(blocked, "vip", "high"))
    least = predict(desk, asked(question, "standard", "none"))
    assert worst.choices["priority"].label in ("P1", "P2")
    assert least.choices["priority"].label in ("P3", "P4")
    assert worst.risks["escalation"].probability > least.risks["escalation"].probability
