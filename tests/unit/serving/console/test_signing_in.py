"""Who gets in, as whom, for how long; and who does not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from desk.errors import JournalUnavailableError, SettingError
from journal.keys import make_key
from journal.sessions import drop_over
from serving.app import build_app
from serving.console.session import COOKIE
from serving.house import open_house
from tests.unit.serving.console.conftest import ADDRESS, OURS, Browser, Place


def test_whoever_did_not_sign_in_is_led_there(place: Place) -> None:
    browser = place.browser()
    for path in ("/console", "/console/history", "/console/desk", "/console/tickets/x"):
        assert browser.get(path).url.path == "/console/sign-in"


def test_a_key_of_ones_own_signs_one_in_as_oneself(place: Place) -> None:
    browser = place.browser()
    page = browser.sign_in(place.key("feedback", person="Ann.Weber")[1], person="somebody else")
    assert page.url.path == "/console"
    assert "ann.weber" in browser.words


def test_a_key_of_nobody_in_particular_asks_for_a_name(place: Place) -> None:
    key, browser = place.key("feedback")[1], place.browser()
    assert browser.sign_in(key).status_code == 422
    assert "Say who you are" in browser.words
    assert browser.sign_in(key, person=" Bob ").status_code == 200
    assert "Signed in as bob" in browser.words


def test_nobody_takes_the_name_of_a_person_who_has_a_key(place: Place) -> None:
    own, _ = place.key("feedback", person="ann")
    browser, key = place.browser(), place.key("feedback")[1]
    assert browser.sign_in(key, person="ANN").status_code == 422
    place.revoke(own)
    assert browser.sign_in(key, person="ANN").status_code == 200


@pytest.mark.parametrize("text", ["", "pm_nonsense", "pm_000000000000_" + "0" * 49])
def test_what_is_no_key_lets_nobody_in_and_is_not_shown_again(text: str, place: Place) -> None:
    page = place.browser().sign_in(text, person="ann")
    assert page.status_code == 401
    assert not text or text not in page.text


@pytest.mark.parametrize("scopes", [("predict",), ("admin",)])
def test_it_takes_a_key_that_may_give_feedback(scopes: tuple[str, ...], place: Place) -> None:
    assert place.browser().sign_in(place.key(*scopes)[1], person="ann").status_code == 422


def test_who_tries_too_often_has_to_wait(place: Place) -> None:
    browser = place.browser()
    assert [browser.sign_in("pm_no").status_code for _ in range(6)] == [401] * 5 + [429]
    page = browser.sign_in(place.key("feedback", person="ann")[1])
    assert (page.status_code, 0 < int(page.headers["retry-after"]) <= 61) == (429, True)


def test_the_cookie_is_for_the_console_alone(place: Place) -> None:
    browser = place.browser()
    browser.client.follow_redirects = False
    page = browser.sign_in(place.key("feedback", person="ann")[1])
    cookie = page.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "path=/console", "max-age=43200"):
        assert part in cookie
    assert "secure" not in cookie
    value = page.cookies.get(COOKIE) or browser.client.cookies.get(COOKIE)
    for header in ({"Authorization": f"Bearer {value}"}, {"X-API-Key": str(value)}, {"Cookie": f"{COOKIE}={value}"}):
        assert (
            place.api.post("/v1/triage", json={"ticket": {"id": "1", "body": "x"}}, headers=header).status_code == 401
        )


def test_over_https_the_cookie_stays_there(place: Place) -> None:
    browser = place.browser()
    browser.client.follow_redirects = False
    key = place.key("feedback", person="ann")[1]
    headers = {**OURS, "Origin": "https://console.test"}
    assert "secure" in browser.send("/console/sign-in", headers=headers, key=key).headers["set-cookie"].lower()


def test_a_revoked_key_ends_its_sessions(place: Place) -> None:
    key, text = place.key("feedback", person="ann")
    browser = place.browser()
    browser.sign_in(text)
    assert browser.get("/console/history").url.path == "/console/history"
    place.revoke(key)
    assert browser.get("/console/history").url.path == "/console/sign-in"


def test_a_session_ends_after_twelve_hours(place: Place) -> None:
    browser = place.signed_in("ann")
    place.clock.ahead = timedelta(hours=11, minutes=59)
    assert browser.get("/console/history").url.path == "/console/history"
    place.clock.ahead = timedelta(hours=12, minutes=1)
    assert browser.get("/console/history").url.path == "/console/sign-in"


def test_an_altered_cookie_is_none(place: Place) -> None:
    browser = place.signed_in("ann")
    value = str(browser.client.cookies.get(COOKIE))
    browser.client.cookies.clear()
    browser.client.cookies.set(COOKIE, value[:-6] + "AAAAAA", domain="console.test", path="/console")
    assert browser.get("/console/history").url.path == "/console/sign-in"


def test_signing_out_ends_it(place: Place) -> None:
    browser = place.signed_in("ann")
    assert browser.send("/console/sign-out").url.path == "/console/sign-in"
    assert browser.get("/console/history").url.path == "/console/sign-in"


def copied(browser: Browser, place: Place) -> Browser:
    """Another browser with a copy of the cookie."""
    copy = place.browser()
    copy.client.cookies.set(COOKIE, str(browser.client.cookies.get(COOKIE)), domain="console.test", path="/console")
    return copy


def test_a_copy_of_the_cookie_opens_nothing_after_signing_out(place: Place) -> None:
    key = place.key("feedback", person="ann")[1]
    browser, elsewhere = place.browser(), place.browser()
    browser.sign_in(key)
    elsewhere.sign_in(key)
    copy = copied(browser, place)
    assert copy.get("/console/history").url.path == "/console/history"
    token = copy.hidden("/console/sign-out")["token"]
    browser.send("/console/sign-out")
    assert copy.get("/console/history").url.path == "/console/sign-in"
    copy = copied(copy, place)
    assert copy.client.post("/console/undo", data={"token": token}, headers=OURS).status_code == 401
    assert elsewhere.get("/console/history").url.path == "/console/history", "a session of its own goes on"


def test_what_is_kept_of_an_ended_session_goes_when_it_would_have_ended_by_itself(place: Place) -> None:
    engine = place.desk.journaling.engine
    place.signed_in("ann").send("/console/sign-out")
    assert drop_over(engine, place.clock() + timedelta(hours=11, minutes=59)) == 0
    assert drop_over(engine, place.clock() + timedelta(hours=12)) == 1


def test_where_the_journal_is_away_the_browser_is_signed_out_and_told_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise JournalUnavailableError("The database does not answer.")

    browser = place.signed_in("ann")
    monkeypatch.setattr("serving.console.signing_in.end_session", away)
    assert browser.send("/console/sign-out").status_code == 503
    assert browser.client.cookies.get(COOKIE) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://elsewhere.test"},
        {"Origin": "null"},
        {"Origin": "http://console.test", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_forms_of_other_sites_are_refused(headers: dict[str, str], place: Place) -> None:
    key = place.key("feedback", person="ann")[1]
    assert place.browser().send("/console/sign-in", headers=headers, key=key).status_code == 403
    browser = place.signed_in("bob")
    assert browser.send("/console/sign-out", headers=headers).status_code == 403
    assert browser.get("/console/history").url.path == "/console/history"


def test_a_form_needs_the_token_of_its_session(place: Place) -> None:
    ann, bob = place.signed_in("ann"), place.signed_in("bob")
    theirs = bob.hidden("/console/sign-out")["token"]
    for token in ("", "x", theirs):
        assert ann.client.post("/console/sign-out", data={"token": token}, headers=OURS).status_code == 403
    own = {"Origin": ADDRESS}
    assert ann.client.post("/console/sign-out", data=ann.hidden("/console/sign-out"), headers=own).status_code == 200


def test_a_specialist_sees_no_page_of_a_lead(place: Place) -> None:
    ann, lead = place.signed_in("ann"), place.signed_in("lena", "admin")
    assert "/console/desk" not in ann.page.text
    for name in ("desk", "waiting", "suspects", "people", "versions"):
        assert ann.get(f"/console/{name}").status_code == 403
        assert lead.get(f"/console/{name}").status_code == 200
    for path in ("/console/waiting", "/console/suspects", "/console/topic/decision"):
        ann.get("/console")
        token = ann.hidden("/console/sign-out")["token"]
        assert ann.client.post(path, data={"token": token}, headers=OURS).status_code == 403


def test_every_page_keeps_a_browser_from_what_it_need_not_do(place: Place) -> None:
    ann = place.signed_in("ann")
    for path in ("/console", "/console/history", "/console/none", "/console/console.js", "/console/sign-in"):
        headers = ann.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == (
            "no-store" if not path.endswith(".js") else "public, max-age=31536000, immutable"
        )


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"a=%ff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(200)), "application/x-www-form-urlencoded", 400),
    ],
)
def test_what_is_no_form_is_refused_with_a_page(body: bytes, kind: str, status: int, place: Place) -> None:
    page = place.browser().client.post("/console/sign-in", content=body, headers={**OURS, "Content-Type": kind})
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")


def test_where_keys_are_off_a_name_is_enough_on_this_machine(make_place: Callable[[], Place]) -> None:
    place = make_place()
    with TestClient(build_app(open_house(place.desk)), base_url="http://localhost:3000") as client:
        browser = Browser(client)
        browser.get("/console")
        assert "Keys are off" in browser.words
        assert browser.send("/console/sign-in", person="").status_code == 422
        assert browser.send("/console/sign-in", person="Ann").status_code == 200
        assert browser.get("/console/desk").status_code == 200
        # A page from elsewhere whose name was made to mean this machine.
        assert client.get("/console", headers={"Host": "evil.test"}).status_code == 403


def test_a_session_of_the_time_without_keys_opens_nothing_later(make_place: Callable[[], Place]) -> None:
    place = make_place()
    with TestClient(build_app(open_house(place.desk)), base_url="http://localhost") as client:
        Browser(client).send("/console/sign-in", person="ann")
        cookie = str(client.cookies.get(COOKIE))
    browser = place.browser()
    browser.client.cookies.set(COOKIE, cookie, domain="console.test", path="/console")
    assert browser.get("/console/history").url.path == "/console/sign-in"


def test_a_persons_key_brings_no_verdicts_of_others(place: Place) -> None:
    (name,) = place.score({"id": "1", "body": "vpn"})
    header = {"Authorization": f"Bearer {place.key('feedback', person='Ann')[1]}"}
    said = {"prediction_id": name, "queue": "Billing"}
    assert place.api.post("/v1/feedback", json={**said, "who": "bob"}, headers=header).status_code == 403
    assert place.api.post("/v1/feedback", json={**said, "who": "ann "}, headers=header).status_code == 201


@pytest.mark.parametrize("person", ["", "  ", "x" * 101, "a\nb"])
def test_whom_a_key_is_for_is_a_name(person: str, place: Place) -> None:
    with pytest.raises(SettingError, match="Whom a key is for"):
        make_key(place.desk.journaling.engine, b"x" * 16, "a", ["feedback"], who="a", at=place.clock(), person=person)
