"""What a lead sees and decides: disputes, quarantine, suspects, people, queues, versions, topics."""

from datetime import UTC, datetime
from typing import Any

import pytest

from desk.feedback import OutcomeReport
from desk.taxonomy_setting import TAXONOMY_SETTING
from desk.topics import TOPICS_SETTING, read_topics
from journal.label_decisions import count_decided, decisions
from journal.outcomes import GivenReport
from journal.outcomes import record as record_outcomes
from journal.promotions import promote, rollback
from journal.questions import questions
from journal.settings import get_setting
from journal.suspects import SuspectLabel, count_open, find_suspect, put_suspects
from serving.problems import ProblemError
from tests.unit.serving.console.conftest import OURS, Browser, Place

VPN = {"id": "1", "subject": "vpn is down", "body": "since noon"}
STORM = tuple({"id": f"s{number}", "subject": f"grey wallet pass {number}"} for number in range(7))
NAMED = ({"reason": "topic", "name": "Wallet passes", "words": ["wallet", "grey"], "tickets": 17},)


def say(browser: Browser, name: str, **fields: str) -> None:
    browser.get(f"/console/tickets/{name}")
    assert browser.send("/console/answers", **fields).status_code == 200


JANUARY = datetime(2026, 1, 1, 9, tzinfo=UTC)


def settle(browser: Browser, name: str, **fields: str) -> Any:
    token = browser.hidden("/console/sign-out")["token"]
    data = {"token": token, "prediction": name, "head": "queue", **fields}
    browser.page = browser.client.post("/console/waiting", data=data, headers=OURS)
    return browser.page


@pytest.fixture
def lead(place: Place) -> Browser:
    return place.signed_in("lena", "admin")


def test_empty_pages_say_what_would_make_something_appear(lead: Browser) -> None:
    for path, words in {
        "desk": "run `pointsman train` with a history",
        "waiting": "appears here",
        "suspects": "made by each training",
        "people": "with their first answer",
        "versions": "pointsman train",
    }.items():
        lead.get(f"/console/{path}")
        assert words in lead.words, path


def test_a_dispute_is_settled_by_a_final_word(place: Place, lead: Browser) -> None:
    (name,) = place.score(VPN)
    ann, bob = place.signed_in("ann"), place.signed_in("bob")
    say(ann, name, queue="Access")
    say(bob, name, queue="Orders")
    lead.get("/console/waiting")
    for words in ("vpn is down", "People say different things", "Access", "ann", "Orders", "bob"):
        assert words in lead.words
    settle(lead, name, label="Access")
    assert "Nothing is disputed" in lead.words
    last = place.said(name)[-1].verdict
    assert (last.who, last.queue, last.is_final) == ("lena", "Access", True)
    bob.get("/console/history")
    assert "overruled by a final word" in bob.words
    lead.get("/console/people")
    assert "too few" in lead.words


def test_a_queue_that_nobody_knows_waits_in_quarantine(place: Place, lead: Browser) -> None:
    (name,) = place.score(VPN)
    header = {"Authorization": f"Bearer {place.key('feedback')[1]}"}
    said = {"prediction_id": name, "who": "eve", "queue": "Nowhere"}
    assert place.api.post("/v1/feedback", json=said, headers=header).status_code == 201
    lead.get("/console/waiting")
    assert "names a label that nobody knows" in lead.words
    settle(lead, name, other="Billing")
    assert "Nothing is in quarantine" in lead.words


def test_one_word_against_the_desks_own_system_is_contested(place: Place, lead: Browser) -> None:
    (name,) = place.score(VPN)
    now = place.clock()
    report = OutcomeReport("1", now, {"queue": "Orders"})
    record_outcomes(place.desk.journaling.engine, [GivenReport(report)], via="a test", received_at=now)
    say(place.signed_in("ann"), name, queue="Access")
    lead.get("/console/waiting")
    assert "contradicts what others did in the desk’s own system" in lead.words or "what others did" in lead.words


@pytest.mark.parametrize("fields", [{}, {"head": "breach", "label": "x"}, {"label": "x" * 300}])
def test_a_final_word_says_something(fields: dict[str, str], place: Place, lead: Browser) -> None:
    (name,) = place.score(VPN)
    assert settle(lead, name, **fields).status_code == 422
    assert place.said(name) == []


EVIL = "<script>alert(1)</script>"
SHOWN = {"subject": f"{EVIL} grey", "body": f"{EVIL} {'long ' * 120}", "channel": "chat", "product": "Passes"}


def suspects(place: Place, *tickets: str, given: str = "Orders", shown: Any = None, head: str = "queue") -> None:
    listed = [
        SuspectLabel(head, one, given, "Access", 0.02, 0.97, 0.1, None, JANUARY, f"words of {one}", shown)
        for one in tickets
    ]
    put_suspects(place.desk.journaling.engine, "3", listed, at=place.clock(), secret=lambda: b"x" * 16)


def decide(browser: Browser, ticket: str, address: str = "", **fields: str) -> Any:
    token = browser.hidden("/console/sign-out")["token"]
    data = {"token": token, "head": "queue", "ticket": ticket, **fields}
    browser.page = browser.client.post(f"/console/suspects{address}", data=data, headers=OURS)
    return browser.page


def decided(place: Place) -> list[tuple[str, str, str]]:
    return [(one.ticket_id, one.given, one.label) for one in decisions(place.desk.journaling.engine)]


def test_suspects_are_decided_by_a_final_word_where_the_ticket_was_answered(place: Place, lead: Browser) -> None:
    first, second = place.score(VPN, {**VPN, "id": "2", "body": "other"})
    suspects(place, "1", "2", "old")
    lead.get("/console/suspects")
    assert lead.words.count("vpn is down") == 2
    assert lead.words.count("Its text is not at hand") == 1
    decide(lead, "1", label="Access")
    decide(lead, "2", label="Orders")
    decide(lead, "old", label="Access")
    assert "All suspect labels are decided: 2 found wrong, 1 kept" in lead.words
    assert [(one.verdict.queue, one.verdict.is_final) for one in place.said(first)] == [("Access", True)]
    assert [one.verdict.queue for one in place.said(second)] == ["Orders"]
    assert decide(lead, "1", label="Orders").status_code == 404
    names = {one.ticket_id: one.prediction_id for one in decisions(place.desk.journaling.engine)}
    assert names == {"1": first, "2": second, "old": None}


def test_a_ticket_of_the_history_is_shown_with_its_text_and_decided_on(place: Place, lead: Browser) -> None:
    suspects(place, "old", shown=SHOWN)
    lead.get("/console/suspects")
    for words in (
        "Ticket old · chat · Passes · 01 Jan 2026",
        f"{EVIL} grey",
        "In the history its queue is Orders",
        "finds it 2 % probable, and Access 97 %",
        "All of it",
    ):
        assert words in lead.words, words
    assert EVIL not in lead.page.text
    for fields in ({"other": "Nowhere"}, {}, {"label": "Nowhere"}):
        assert decide(lead, "old", **fields).status_code == 422
        lead.get("/console/suspects")
    assert decided(place) == []
    decide(lead, "old", other="bill")
    assert "Put right: the queue of ticket old is Billing" in lead.words
    assert decided(place) == [("old", "Orders", "Billing")]


def test_a_decision_can_be_taken_back_with_its_final_word(place: Place, lead: Browser) -> None:
    (name,) = place.score(VPN)
    suspects(place, "1", "old")
    lead.get("/console/suspects")
    for ticket in ("1", "old"):
        decide(lead, ticket, label="Access")
    assert lead.words.count("Orders → Access") == 2
    for ticket in ("1", "old"):
        decide(lead, ticket, "/undo")
    assert (decided(place), "2 labels open" in lead.words) == ([], True)
    assert [one.verdict.withdraws for one in place.said(name)] == [False, True]
    assert decide(lead, "1", "/undo").status_code == 404


def test_the_final_word_taken_back_in_ones_history_opens_the_label_again(place: Place, lead: Browser) -> None:
    (name,) = place.score(VPN)
    suspects(place, "1")
    lead.get("/console/suspects")
    decide(lead, "1", label="Access")
    lead.get("/console/history")
    lead.send("/console/undo")
    assert place.said(name)[-1].verdict.withdraws
    lead.get("/console/suspects")
    assert (decided(place), "1 label open" in lead.words) == ([], True)


def test_of_two_leads_at_once_the_first_decides_and_the_other_says_nothing(
    place: Place, lead: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = place.score(VPN)
    suspects(place, "1")
    other = place.signed_in("lou", "admin")
    for browser in (lead, other):
        browser.get("/console/suspects")
    found = find_suspect(place.desk.journaling.engine, "queue", "1")
    decide(lead, "1", label="Access")
    monkeypatch.setattr("serving.console.suspecting.find_suspect", lambda *_: found)  # as it was a moment ago
    assert decide(other, "1", label="Orders").status_code == 404
    assert [(one.verdict.who, one.verdict.queue) for one in place.said(name)] == [("lena", "Access")]
    assert decided(place) == [("1", "Orders", "Access")]


def test_where_the_final_word_cannot_be_kept_nothing_is_decided(
    place: Place, lead: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = place.score(VPN)
    suspects(place, "1")
    lead.get("/console/suspects")

    async def gone(*_: Any) -> None:
        raise ProblemError(404, "not-found", "This ticket is not there any more: nothing was kept.")

    monkeypatch.setattr("serving.console.suspecting.keep", gone)
    assert decide(lead, "1", label="Access").status_code == 404
    assert (decided(place), list(place.said(name))) == ([], [])


def test_what_was_decided_on_does_not_come_back_with_the_next_training(place: Place, lead: Browser) -> None:
    engine = place.desk.journaling.engine
    suspects(place, "1", "2")
    lead.get("/console/suspects")
    decide(lead, "1", label="Orders")
    suspects(place, "1", "2")
    assert (count_open(engine), count_decided(engine)) == (1, (0, 1))
    suspects(place, "1", given="Billing")
    assert count_open(engine) == 1


def test_versions_are_listed_with_who_and_why(place: Place, lead: Browser) -> None:
    engine, at = place.desk.journaling.engine, datetime(2026, 3, 1, tzinfo=UTC)
    promote(engine, "1", who="carl", why="the <first>", at=at)
    promote(engine, "2", who="carl", why="better", at=at)
    rollback(engine, who="lena", why="too many misroutes", at=at)
    lead.get("/console/versions")
    for words in ("the <first>", "too many misroutes", "rollback", "answers now", "carl"):
        assert words in lead.words


def test_a_topic_is_one_card_and_one_persons_turn(place: Place) -> None:
    place.ask(*STORM, VPN, reasons=NAMED, topic="t1")
    ann, bob = place.signed_in("ann"), place.signed_in("bob")
    assert "17 tickets that resemble each other" in ann.words
    assert ann.words.count("grey wallet pass") == 5
    assert "Make it a queue" not in ann.words
    assert "somebody else’s turn" in bob.words


def test_a_specialist_says_where_those_on_the_card_belong(place: Place) -> None:
    names = place.ask(*STORM, reasons=NAMED, topic="t1")
    ann = place.signed_in("ann")
    assert ann.send("/console/topic", typed="nowhere").status_code == 422
    ann.send("/console/topic", typed="bill")
    assert [len(place.said(one)) for one in names] == [1, 1, 1, 1, 1, 0, 0]
    said = place.said(names[0])[0].verdict
    assert (said.queue, said.saw_suggestion) == ("Billing", False)
    assert ann.words.count("grey wallet pass") == 2
    ann.send("/console/topic", act="pass")
    assert "left it to others" in ann.words


def decide_topic(lead: Browser, **fields: str) -> Any:
    lead.get("/console")
    return lead.send("/console/topic/decision", **fields)


def test_a_lead_makes_it_a_queue_from_today_on(place: Place, lead: Browser) -> None:
    engine = place.desk.journaling.engine
    names = place.ask(*STORM, reasons=NAMED, topic="t1")
    decide_topic(lead, act="queue", name="Wallet", description="passes in a phone's wallet")
    setting = get_setting(engine, TAXONOMY_SETTING)
    assert setting is not None
    record = setting.value["records"][-1]
    assert (record["kind"], record["into"]) == ("added", ["Wallet"])
    assert abs(datetime.fromisoformat(record["at"]) - place.clock()).total_seconds() < 60
    assert setting.who.startswith("lena (key ")
    assert questions(engine) == []
    assert [len(place.said(one)) for one in names] == [1, 1, 1, 1, 1, 0, 0]
    assert "All answered" in lead.words


@pytest.mark.parametrize(("name", "description"), [("billing", "x"), ("", "x"), ("Wallet", "")])
def test_a_name_that_cannot_be_used_is_asked_again(name: str, description: str, place: Place, lead: Browser) -> None:
    names = place.ask(*STORM, reasons=NAMED, topic="t1")
    assert decide_topic(lead, act="queue", name=name, description=description).status_code == 422
    assert place.said(names[0]) == []
    assert len(questions(place.desk.journaling.engine)) == 7


def test_a_lead_makes_it_a_tag(place: Place, lead: Browser) -> None:
    names = place.ask(*STORM, reasons=NAMED, topic="t1")
    decide_topic(lead, act="tag", name="wallet passes")
    setting = get_setting(place.desk.journaling.engine, TOPICS_SETTING)
    assert setting is not None
    (topic,) = read_topics(setting.value)
    assert (topic.name, topic.predictions) == ("wallet passes", tuple(names[:5]))
    assert questions(place.desk.journaling.engine) == []
    place.ask(*({**one, "body": "again"} for one in STORM), reasons=NAMED, topic="t2")
    assert decide_topic(lead, act="tag", name="Wallet Passes").status_code == 422


def test_a_lead_drops_it(place: Place, lead: Browser) -> None:
    names = place.ask(*STORM, reasons=NAMED, topic="t1")
    decide_topic(lead, act="drop")
    assert questions(place.desk.journaling.engine) == []
    assert [len(place.said(one)) for one in names] == [0] * 7
