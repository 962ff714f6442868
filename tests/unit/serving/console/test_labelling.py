"""A specialist's minutes: what is asked, what an answer keeps, undo, whose turn it is, history and search."""

from datetime import timedelta
from typing import Any

import pytest

from desk.console_setting import CONSOLE_SETTING
from desk.feedback import Verdict
from journal.questions import find_questions, waiting
from tests.unit.serving.console.conftest import OURS, Browser, Place

VPN = {"id": "1", "subject": "vpn is down", "body": "since <b>noon</b> & \u202elater"}
BILL = {"id": "2", "subject": "charged twice"}
MORE = {"id": "3", "subject": "password"}
UNAIDED = ({"reason": "random"}, {"reason": "unaided"})


def answer(browser: Browser, **fields: str) -> Any:
    return browser.send("/console/answers", **fields)


def test_before_a_list_is_prepared_the_page_says_how_it_comes(place: Place) -> None:
    ann = place.signed_in("ann")
    assert "No list yet" in ann.words
    assert "pointsman work" in ann.words


def test_an_answer_is_a_verdict_that_says_what_was_seen(place: Place) -> None:
    first, second = place.ask(VPN, BILL)
    ann = place.signed_in("ann")
    assert "vpn is down" in ann.words
    assert "Does it belong to unassigned ?" in ann.words
    page = answer(ann, queue="unassigned", escalation="yes", comment=" call them ")
    assert "Kept: ticket 1 belongs to unassigned" in ann.words
    assert "charged twice" in page.text
    (kept,) = place.said(first)
    said = kept.verdict
    assert said == Verdict(first, "ann", said.at, "unassigned", None, True, "call them")
    assert kept.via.endswith(", console")
    assert place.said(second) == []
    answer(ann, act="typed", typed="bill")
    assert place.said(second)[0].verdict.queue == "Billing"
    assert "All answered" in ann.words


def test_whoever_presses_enter_says_what_was_typed_or_what_was_suggested(place: Place) -> None:
    first, second = place.ask(VPN, BILL)
    ann = place.signed_in("ann")
    answer(ann, act="enter", typed="orders")
    answer(ann, act="enter", typed="")
    assert [place.said(one)[0].verdict.queue for one in (first, second)] == ["Orders", "unassigned"]


def test_a_question_of_a_run_off_says_what_is_at_stake_and_asks_for_the_priority_where_that_is_it(place: Place) -> None:
    for head, asked in (("queue", "Which queue does it belong to?"), ("priority", "What is its priority, and which")):
        place.ask(
            VPN | {"body": head}, reasons=({"reason": "differing", "challenger": "2", "head": head}, *UNAIDED[1:])
        )
        page = place.signed_in(f"ann-{head}").words
        assert asked in page
        assert f"says another {head} than that one does. Your answer helps to decide between them." in page
        assert ("Say its priority first" in page) == (head == "priority")


def test_a_question_about_the_priority_is_not_answered_without_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("asking", "answering"):
        monkeypatch.setattr(f"serving.console.{module}.priorities_of", lambda _: ("P1", "P2"))
    about: Any = {"reason": "differing", "challenger": "2", "head": "priority"}
    (name,) = place.ask(VPN, reasons=(about, *UNAIDED[1:]))
    ann = place.signed_in("ann")
    refused = answer(ann, queue="Billing")
    assert refused.status_code == 422
    assert "Say its priority, too" in refused.text
    assert place.said(name) == []
    assert answer(ann, queue="Billing", priority="P2").status_code == 200
    (kept,) = place.said(name)
    assert (kept.verdict.queue, kept.verdict.priority) == ("Billing", "P2")


def test_who_passes_on_a_question_about_the_priority_need_say_none(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.console.asking.priorities_of", lambda _: ("P1", "P2"))
    about: Any = {"reason": "differing", "challenger": "2", "head": "priority"}
    (name,) = place.ask(VPN, reasons=(about, *UNAIDED[1:]))
    assert answer(place.signed_in("ann"), act="pass").status_code == 200
    assert place.said(name) == []


def test_without_the_suggestion_labels_are_unaided_and_it_is_shown_afterwards(place: Place) -> None:
    (name,) = place.ask(VPN, reasons=UNAIDED)
    ann = place.signed_in("ann")
    assert "suggestion is hidden" in ann.words
    assert "unassigned" not in ann.words
    for path in (f"/console/tickets/{name}", "/console/search?q=vpn"):
        ann.get(path)
        assert "hidden" in ann.words
        assert "unassigned" not in ann.words
    ann.get("/console")
    assert answer(ann, act="enter").status_code == 422
    assert "Choose a queue first" in ann.words
    answer(ann, queue="Billing")
    assert "The hidden suggestion was unassigned" in ann.words
    (kept,) = place.said(name)
    assert (kept.verdict.queue, kept.verdict.saw_suggestion) == ("Billing", False)


def test_why_it_is_asked_does_not_tell_what_is_hidden(place: Place) -> None:
    rarity = {"reason": "rarity", "label": "Billing", "rows": 3}
    other = {"reason": "disagreement", "challenger": "7", "label": "Orders"}
    place.ask(VPN, reasons=(*UNAIDED, rarity, other))
    ann = place.signed_in("ann")
    assert "Chosen by chance" in ann.words
    assert "taught it" not in ann.words
    assert "may come next" not in ann.words


@pytest.mark.parametrize(
    "fields", [{"queue": "Nowhere"}, {"typed": "zzz", "act": "enter"}, {"typed": "s", "act": "typed"}]
)
def test_a_queue_that_nobody_knows_is_asked_again(fields: dict[str, str], place: Place) -> None:
    (name,) = place.ask(VPN)
    ann = place.signed_in("ann")
    page = answer(ann, **fields)
    assert page.status_code == 422
    assert "vpn is down" in page.text
    assert place.said(name) == []
    assert answer(ann, queue="Access").status_code == 200
    assert place.said(name)[0].verdict.queue == "Access"


def test_what_a_form_was_shown_with_cannot_be_made_up(place: Place) -> None:
    (name,) = place.ask(VPN, reasons=UNAIDED)
    ann, bob = place.signed_in("ann"), place.signed_in("bob")
    hidden = ann.hidden("/console/answers")
    for seal in ("", "e30.AAAA", hidden["seal"][:-2]):
        assert (
            ann.client.post(
                "/console/answers", data={**hidden, "seal": seal, "queue": "Access"}, headers=OURS
            ).status_code
            == 400
        )
    theirs = {**hidden, "token": bob.hidden("/console/sign-out")["token"], "queue": "Access"}
    assert bob.client.post("/console/answers", data=theirs, headers=OURS).status_code == 400
    assert place.said(name) == []


def test_an_answer_is_taken_back_and_asked_again(place: Place) -> None:
    first, second = place.ask(VPN, BILL)
    ann = place.signed_in("ann")
    answer(ann, queue="Access")
    assert "charged twice" in ann.words
    ann.send("/console/undo")
    assert "vpn is down" in ann.words
    assert [one.verdict.withdraws for one in place.said(first)] == [False, True]
    assert set(find_questions(place.desk.journaling.engine, [first, second])) == {first, second}
    # What was shown meanwhile is anybody's again.
    bob = place.signed_in("bob")
    assert "charged twice" in bob.words
    answer(ann, queue="Orders")
    ann.get("/console/history")
    assert ann.words.count("Take back") == 1


def test_taking_back_a_second_word_lets_the_first_hold_again(place: Place) -> None:
    (name,) = place.ask(VPN)
    ann = place.signed_in("ann")
    answer(ann, queue="Access")
    ann.get(f"/console/tickets/{name}")
    answer(ann, queue="Orders")
    ann.get("/console/history")
    ann.send("/console/undo")
    assert [one.verdict.queue for one in place.said(name)] == ["Access", "Orders", None, "Access"]
    ann.get("/console/history")
    assert ann.words.count("Take back") == 1


def test_nobody_takes_back_what_another_said(place: Place) -> None:
    (name,) = place.ask(VPN)
    ann, bob = place.signed_in("ann"), place.signed_in("bob")
    answer(ann, queue="Access")
    token = bob.hidden("/console/sign-out")["token"]
    page = bob.client.post("/console/undo", data={"token": token, "prediction": name}, headers=OURS)
    assert page.status_code == 404
    assert len(place.said(name)) == 1


def test_two_people_never_get_the_same_ticket_and_a_closed_browser_gives_it_back(place: Place) -> None:
    place.ask(VPN, BILL)
    ann, bob, eve = (place.signed_in(name) for name in ("ann", "bob", "eve"))
    assert ("vpn is down" in ann.words, "charged twice" in bob.words) == (True, True)
    assert "somebody else’s turn" in eve.words
    ann.get("/console")
    assert "vpn is down" in ann.words
    place.clock.ahead = timedelta(minutes=10, seconds=5)
    eve.get("/console")
    assert "vpn is down" in eve.words


def test_an_answer_that_comes_after_the_turn_is_kept_all_the_same(place: Place) -> None:
    (name,) = place.ask(VPN)
    ann, bob = place.signed_in("ann"), place.browser()
    place.clock.ahead = timedelta(minutes=11)
    bob.sign_in(place.key("feedback", person="bob")[1])
    answer(bob, queue="Access")
    answer(ann, queue="Orders")
    assert [one.verdict.who for one in place.said(name)] == ["bob", "ann"]


def test_what_is_not_mine_is_left_to_others(place: Place) -> None:
    place.ask(VPN, BILL)
    ann = place.signed_in("ann")
    answer(ann, act="pass")
    assert "charged twice" in ann.words
    answer(ann, act="pass")
    assert "left it to others" in ann.words
    assert "vpn is down" in place.signed_in("bob").words


def test_minutes_are_counted_and_end_friendly(place: Place) -> None:
    place.set(CONSOLE_SETTING, {"minutes": 2})
    names = place.ask(VPN, BILL, MORE)
    ann = place.signed_in("ann")
    assert "0 of 2 minutes · 0 answers today" in ann.words
    assert "100 %" in ann.words  # three at half a minute each fit
    answer(ann, queue="Access")
    place.clock.ahead = timedelta(minutes=9)  # counts two
    answer(ann, queue="Access")
    assert "That was your 2 minutes" in ann.words
    assert "67 % of what today’s list was expected to teach" in ann.words
    assert waiting(place.desk.journaling.engine, at=place.clock()).held == 0
    ann.get("/console?more=1")
    assert "password" in ann.words
    answer(ann, queue="Orders")
    assert place.said(names[2])[0].verdict.queue == "Orders"


def test_history_says_what_became_of_each_and_where_one_disagreed(place: Place) -> None:
    first, _ = place.ask(VPN, BILL)
    ann, bob = place.signed_in("ann"), place.signed_in("bob")
    answer(ann, queue="Access")
    answer(bob, queue="unassigned")
    ann.get("/console/history")
    assert "counts" in ann.words
    bob.get(f"/console/tickets/{first}")
    answer(bob, queue="Orders")
    ann.get("/console/history")
    assert "disputed: somebody says something else" in ann.words
    ann.get("/console/history?only=disagreed")
    assert "vpn is down" in ann.words
    bob.get("/console/history?only=disagreed")
    assert ("vpn is down" in bob.words, "charged twice" in bob.words) == (True, False)
    assert place.signed_in("eve").get("/console/history").status_code == 200


def test_search_finds_words_ids_and_queues_and_no_names_of_fields(place: Place) -> None:
    place.score(VPN, {**BILL, "body": '100% of it_em "x" \\ é'}, {"id": "T-77", "body": "Zahlung für Größe"})
    ann = place.signed_in("ann")
    for text, count in {
        "VPN": 1,
        "noon": 1,
        "T-77": 1,
        "unassigned": 3,
        "100%": 1,
        "%": 1,
        "it_em": 1,
        "_": 1,
        'em "x"': 1,
        "\\": 1,
        "Größe": 1,
        "subject": 0,
        "nothing": 0,
        "": 0,
    }.items():
        ann.page = ann.client.get("/console/search", params={"q": text})
        assert ann.page.text.count('<li class="card">') == count, text


def test_a_ticket_that_was_looked_up_can_be_answered(place: Place) -> None:
    (name,) = place.score(VPN)
    ann = place.signed_in("ann")
    ann.get(f"/console/tickets/{name}")
    answer(ann, queue="Access")
    assert place.said(name)[0].verdict.queue == "Access"
    assert ann.get("/console/tickets/0").status_code == 404


def test_what_people_wrote_is_text(place: Place) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    fields = {"subject": evil, "body": f"\"'>{evil}" * 50, "attributes": {evil: evil}, "product": evil}
    (name,) = place.ask({"id": evil, **fields}, reasons=({"reason": evil}, {"reason": "margin"}, {"reason": 7}))
    ann = place.signed_in("ann")
    answer(ann, queue="Access", comment=evil)
    others = ("history", f"search?q={evil}", f"tickets/{name}")
    for text in [ann.page.text, *(ann.get(f"/console/{path}").text for path in others)]:
        assert "<script>alert" not in text
        assert "<img" not in text


def test_what_is_said_is_counted(place: Place) -> None:
    place.ask(VPN)
    answer(place.signed_in("ann"), queue="Access")
    assert b'pointsman_verdicts_total{head="queue",said="differs"} 1.0' in place.desk.metrics.text()


def test_erased_meanwhile_nothing_is_kept_and_a_page_says_so(place: Place) -> None:
    from journal.erasures import Person, bury
    from journal.secret import installation_secret

    (name,) = place.ask({**VPN, "customer": {"id": "c-9"}})
    ann = place.signed_in("ann")
    person = Person.of("c-9", "default", installation_secret(place.desk.environment))
    bury(place.desk.journaling.engine, person, who="a test", at=place.clock())
    assert answer(ann, queue="Access").status_code == 404
    assert place.said(name) == []
