"""Whole stories in a real Chromium: keyboard alone, two at once, a phone, no script, hostile text, axe-core."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from desk.feedback import Verdict
from desk.taxonomy_setting import TAXONOMY_SETTING
from journal.label_decisions import decisions
from journal.questions import find_questions, take_next
from journal.settings import get_setting
from tests.integration.console.conftest import NAME, Service

Visit = Callable[..., Any]
VPN = {"id": "1", "subject": "vpn is down", "body": "It times out since noon."}
BILL = {"id": "2", "subject": "charged twice", "body": "refund my invoice", "attributes": {"site": "site 1"}}
LOCKED = {"id": "3", "subject": "account locked"}
RESET = {"id": "4", "subject": "password reset"}
UNAIDED = ({"reason": "random"}, {"reason": "unaided"})
NAMED = ({"reason": "topic", "name": "Wallet passes", "words": ["wallet"], "tickets": 9},)
STORM = tuple({"id": f"s{number}", "subject": f"grey wallet pass {number}", "body": "grey"} for number in range(4))
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
HOSTILE = {
    "id": f"h{EVIL}",
    "subject": f"{EVIL} \u202egnp.exe\u202c مرحبا 🙈",
    "body": f"\u202e{EVIL}\n🔥 سلام\n" + "x" * 3_000 + "\n" + "many words " * 9_000,
    "attributes": {EVIL: EVIL, "\u202ename": "'; DROP TABLE tickets;--"},
    "product": "y" * 250,
}


def heading(page: Any) -> str:
    return str(page.inner_text("h1"))


def test_a_specialist_answers_with_the_keyboard_alone(service: Service, visit: Visit) -> None:
    first, second, third, fourth = service.ask(VPN, BILL, LOCKED, RESET)
    page = visit("ann")
    assert heading(page) == "vpn is down"
    page.keyboard.press("y")
    page.wait_for_selector("text=Kept: ticket 1 belongs to Network")
    assert heading(page) == "charged twice"
    page.keyboard.press("1")  # the first runner-up
    page.wait_for_selector("text=Kept: ticket 2")
    page.keyboard.press("u")
    page.wait_for_selector("h1:text-is('charged twice')")
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Kept: ticket 2 belongs to Billing")
    page.keyboard.press("/")
    page.keyboard.type("netw")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Kept: ticket 3 belongs to Network")
    page.keyboard.press("s")
    page.wait_for_selector("text=somebody else’s turn")
    assert [(one.queue, one.withdraws) for one in service.said(first)] == [("Network", False)]
    told = service.said(second)
    assert [one.withdraws for one in told] == [False, True, False]
    assert told[0].queue != "Billing"
    assert (told[2].queue, told[2].escalation) == ("Billing", True)
    assert service.said(third)[0].queue == "Network"
    assert service.said(fourth) == []


def test_keys_do_nothing_in_fields_or_when_they_are_turned_off(service: Service, visit: Visit) -> None:
    (name,) = service.ask(VPN)
    page = visit("ann")
    page.keyboard.press("/")
    page.keyboard.type("yes1s")
    assert page.input_value("#typed") == "yes1s"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("y")
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    page.keyboard.press("y")
    page.wait_for_timeout(100)
    assert service.said(name) == []
    page.reload()
    page.keyboard.press("y")
    page.wait_for_timeout(100)
    assert service.said(name) == []
    # Tab leads to all of it.
    page.locator("#main").focus()
    reached = set()
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.getAttribute('aria-label')"))
    assert {"queue", "typed", "act", "escalation", "The ticket’s text"} <= reached


def test_two_browsers_get_two_tickets_and_a_closed_one_gives_its_back(service: Service, visit: Visit) -> None:
    names = service.ask(VPN, BILL)
    ann, bob = visit("ann"), visit("bob")
    assert {heading(ann), heading(bob)} == {"vpn is down", "charged twice"}
    ann.keyboard.press("y")
    ann.wait_for_selector("text=somebody else’s turn")
    bob.context.close()
    later = datetime.now(UTC) + timedelta(minutes=10, seconds=5)
    held = take_next(service.engine, "ann", at=later, lasting=timedelta(minutes=10))
    assert held is not None
    assert held.question.prediction_id == names[1]
    assert [len(service.said(one)) for one in names] == [1, 0]


def test_all_works_without_scripts(service: Service, visit: Visit) -> None:
    first, second = service.ask(VPN, BILL, reasons=UNAIDED)
    page = visit("ann", java_script_enabled=False)
    assert "suggestion is hidden" in page.inner_text("main")
    page.click("button:has-text('Access')")
    assert "The hidden suggestion was Network" in page.inner_text("main")
    page.click("button:has-text('Undo')")
    assert heading(page) == "vpn is down"
    page.fill("#typed", "bill")
    page.press("#typed", "Enter")
    assert "belongs to Billing" in page.inner_text("main")
    page.click("button:has-text('Not mine')")
    page.click("nav >> text=History")
    page.click("text=Where you disagreed")
    assert "differs" in page.inner_text("main")
    page.click("nav >> text=Search")
    page.fill("#q", "invoice")
    page.click("main button:has-text('Search')")
    assert "suggestion hidden" in page.inner_text("main")
    page.click("text=Sign out")
    assert page.url.endswith("/console/sign-in")
    assert [one.withdraws for one in service.said(first)] == [False, True, False]
    assert not any(one.saw_suggestion for one in service.said(first) if not one.withdraws)
    assert service.said(second) == []


def test_hostile_text_is_text_and_stays_in_its_place(service: Service, visit: Visit) -> None:
    (name,) = service.ask(HOSTILE)
    for settings in ({}, PHONE):
        page = visit("eve", **settings)
        assert page.inner_text("h1").startswith(EVIL)
        assert EVIL in page.inner_text(".said")
        for path in ("/console", f"/console/tickets/{name}", "/console/search?q=many", "/console/history"):
            page.goto(f"{service.address}{path}")
            assert page.locator("main img, main script").count() == 0
            assert_fits(page)
        page.goto(f"{service.address}/console")
        box = page.locator(".words").bounding_box()
        assert box["height"] <= 430
        assert page.locator("button.main.wide").is_visible()
    page.click("button.main.wide")
    page.wait_for_selector("text=All answered")


def assert_fits(page: Any) -> None:
    """Nothing makes the page wider than its window."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= window, (page.url, wide, window)


def test_a_lead_settles_disputes_and_decides_on_suspects(service: Service, visit: Visit) -> None:
    answers = service.score(VPN | {"id": "d1"}, BILL | {"id": "d2"})
    first, second = (one["prediction_id"] for one in answers)
    at = datetime.now(UTC)
    service.say(Verdict(first, "ann", at, "Access"), Verdict(first, "bob", at, "Billing"))
    service.suspect("d2", "old")
    page = visit("lena")
    page.click("nav >> text=Waiting")
    case = page.locator("article", has_text="d1")
    case.get_by_role("button", name=re.compile("right.*Billing")).click()
    page.wait_for_selector("text=Nothing is disputed")
    assert [(one.queue, one.is_final) for one in service.said(first)][-1] == ("Billing", True)
    page.click("nav >> text=Suspects")
    page.get_by_role("button", name=re.compile("It is.*Access.*d2")).click()
    page.wait_for_selector("text=1 found wrong")
    assert service.said(second)[-1].queue == "Access"
    old = page.locator("li.suspect", has_text="Ticket old")
    assert "email · en · 01 Mar 2026" in old.inner_text()
    assert page.locator("main img, main script").count() == 0
    old.locator("summary").click()
    assert old.locator(".words").inner_text().count("onerror") == 30
    old.get_by_role("combobox").fill("netw")
    old.get_by_role("combobox").press("Enter")
    page.wait_for_selector("text=Put right: the queue of ticket old is Network")
    page.click("button:text-is('Undo')")
    page.get_by_role("button", name=re.compile("Keep.*Billing.*old")).click()
    page.wait_for_selector("text=1 found wrong, 1 kept")
    assert [(one.ticket_id, one.label) for one in decisions(service.engine)] == [("d2", "Access"), ("old", "Billing")]
    page.click("nav >> text=Desk")
    assert "The watch has not looked at this version yet" in page.inner_text("main")
    service.watch()
    page.reload()
    told = " ".join(page.inner_text("main").split())
    for words in (
        "Version 1 answers",
        "The watch is not quiet",
        "Queues were right in 90 % of answers (82 % to 95 %, by 90 labels)",
        "20 % → 40 % drift",
        "80 % 63 % to 90 %, 30 labels",
        "contract in breach since",
        "3 of 30 wrong",
    ):
        assert words in told
    page.click("text=All versions")
    assert "they need one" in page.inner_text("main")


def test_a_burst_becomes_a_queue(service: Service, visit: Visit) -> None:
    names = service.ask(*STORM, reasons=NAMED, topic="t1")
    ann = visit("ann")
    assert heading(ann) == "Wallet passes"
    ann.keyboard.press("s")
    ann.wait_for_selector("text=somebody else’s turn")
    lead = visit("lena")
    assert lead.locator(".exemplars li").count() == 4
    lead.fill("#description", "passes in the wallet of a phone")
    lead.click("text=Make it a queue")
    lead.wait_for_selector("text=All answered")
    setting = get_setting(service.engine, TAXONOMY_SETTING)
    assert setting is not None
    assert setting.value["records"][-1]["into"] == ["Wallet passes"]
    assert [service.said(one)[0].queue for one in names] == ["Wallet passes"] * 4
    assert find_questions(service.engine, names) == {}


def test_axe_finds_nothing_serious_on_any_page_light_or_dark(service: Service, visit: Visit) -> None:
    axe = files(pytest.importorskip("axe_playwright_python")).joinpath("axe.min.js").read_text(encoding="utf-8")
    (answer,) = service.score(VPN | {"id": "axe"})
    name, at = answer["prediction_id"], datetime.now(UTC)
    service.say(Verdict(name, "ann", at, "Access"), Verdict(name, "bob", at, "Billing"))
    service.suspect("d3", "axe")
    page = visit("lena")
    for ticket, reasons, topic in ((VPN, (), None), (BILL, UNAIDED, None), (STORM[0], NAMED, "t2")):
        service.ask(ticket, reasons=reasons, topic=topic)
        assert_no_faults(page, f"{service.address}/console", axe)
    service.ask()
    for path in (
        "history",
        "search?q=vpn",
        f"tickets/{name}",
        "desk",
        "versions",
        "waiting",
        "suspects",
        "people",
        "no",
        "",
    ):
        assert_no_faults(page, f"{service.address}/console/{path}".rstrip("/"), axe)
        page.set_viewport_size({"width": 390, "height": 844})
        assert_fits(page)
        page.set_viewport_size({"width": 1280, "height": 800})
    page.click("text=Sign out")
    assert_no_faults(page, page.url, axe)


def assert_no_faults(page: Any, address: str, axe: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(address)
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += page.evaluate("axe.run(document, {runOnly: ['color-contrast']})")["violations"]
    told = [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found]
    assert [one for one in told if one[1] in ("serious", "critical", "moderate")] == [], address


def test_sign_in_says_who_one_is_and_no_key_stays_on_the_page(service: Service, chromium: Any) -> None:
    page = chromium.new_context().new_page()
    page.goto(f"{service.address}/console")
    page.fill("#key", "pm_wrong")
    page.press("#key", "Enter")
    assert "does not hold" in page.inner_text("[role=alert]")
    assert "pm_wrong" not in page.content()
    assert not re.search("pm_[0-9A-Za-z]{12}_", page.content())
    page.context.close()


def test_over_plain_http_to_another_machine_the_browser_still_says_where_forms_come_from(
    service: Service, chromium: Any
) -> None:
    """There it sends no `Sec-Fetch-Site`, and `Origin` only where the page's referrer policy lets it."""
    (name,) = service.ask(VPN)
    page = chromium.new_context().new_page()
    page.goto(f"{service.address.replace('127.0.0.1', NAME)}/console")
    page.fill("#key", service.keys["ann"])
    page.press("#key", "Enter")
    page.wait_for_selector("h1:text-is('vpn is down')")
    page.keyboard.press("y")
    page.wait_for_selector("text=Kept: ticket 1")
    assert len(service.said(name)) == 1
    page.context.close()
