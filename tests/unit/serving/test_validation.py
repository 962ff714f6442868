"""What comes in over HTTP to the desk's tickets: every field that is wrong is named, none is quoted."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.ticket import Attachment, Customer, Message, Ticket
from desk.ticket_json import ticket_json
from serving.problems import ProblemError
from serving.validation import batch_of, tickets_of, triage_of

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
SECRET = "xyzzy-from-the-ticket"


def body(**fields: Any) -> bytes:
    return json.dumps({"ticket": {"id": "1", "subject": SECRET, **fields}}).encode()


def errors(raw: bytes) -> dict[str, str]:
    with pytest.raises(ProblemError) as caught:
        triage_of(raw)
    assert caught.value.status == 400
    assert SECRET not in repr(caught.value.errors) + caught.value.detail
    return {error.field: error.message for error in caught.value.errors}


def test_a_whole_ticket_is_read_field_by_field() -> None:
    raw = json.dumps(
        {
            "ticket": {
                "id": "4312",
                "created_at": "2026-11-21T11:02:00+01:00",
                "channel": "email",
                "subject": "Charged twice",
                "body": "Twice this month",
                "language": "en",
                "region": "DE",
                "customer": {"id": 9, "tier": "enterprise"},
                "product": "billing",
                "tags": ["a", "b"],
                "attributes": {"category": 58},
                "attachments": [{"name": "error.png", "type": "image/png", "text": "E42"}],
                "messages": [{"at": "2026-11-21T10:03:00.5Z", "author": "customer", "text": "Hello?"}],
            }
        }
    )
    assert triage_of(raw.encode()).ticket == Ticket(
        id="4312",
        created_at=datetime(2026, 11, 21, 10, 2, tzinfo=UTC),
        subject="Charged twice",
        body="Twice this month",
        channel="email",
        language="en",
        region="DE",
        product="billing",
        customer=Customer("9", "enterprise"),
        tags=("a", "b"),
        attributes={"category": "58"},
        messages=(Message(datetime(2026, 11, 21, 10, 3, 0, 500000, UTC), "customer", "Hello?"),),
        attachments=(Attachment("error.png", "image/png", "E42"),),
    )


@pytest.mark.parametrize(
    ("given", "text"),
    [(58, "58"), (58.0, "58"), ("58", "58"), (-0.5, "-0.5"), (True, "true"), (False, "false"), (" VPN ", "VPN")],
)
def test_an_attribute_has_one_spelling_whatever_its_type(given: object, text: str) -> None:
    assert triage_of(body(attributes={"a": given})).ticket.attributes == {"a": text}


def test_a_whole_number_may_be_spelt_with_a_point() -> None:
    ticket = triage_of(body(id=4312.0, customer={"id": -9.0})).ticket
    assert (ticket.id, ticket.customer.id) == ("4312", "-9")
    assert triage_of(b'{"ticket": {"id": 1e3, "body": ""}, "similar": 5.0}').extras.similar == 5


@pytest.mark.parametrize("given", [None, "", "  ", "?", "N/A", "null", "NaN"])
def test_a_value_that_says_nothing_is_absent(given: object) -> None:
    ticket = triage_of(body(attributes={"a": given}, channel=given, customer={"tier": given})).ticket
    assert ticket.attributes == {}
    assert ticket.channel is None
    assert ticket.customer.tier is None


def test_null_is_an_absent_field() -> None:
    optional = ("created_at", "channel", "body", "language", "region", "customer", "product", "tags", "attributes")
    assert triage_of(body(**dict.fromkeys((*optional, "attachments", "messages")))).ticket == Ticket(
        id="1", subject=SECRET
    )


def test_an_empty_subject_is_a_subject() -> None:
    assert triage_of(b'{"ticket": {"id": 7, "subject": ""}}').ticket == Ticket(id="7")


@pytest.mark.parametrize("fields", [{}, {"subject": None}, {"channel": "email", "tags": ["a"]}])
def test_a_ticket_with_nothing_to_go_by_is_refused(fields: dict[str, Any]) -> None:
    raw = json.dumps({"ticket": {"id": "1", **fields}}).encode()
    assert errors(raw) == {"ticket": "must have a subject, a body or attributes"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "x" * 257}, "id"),
        ({"id": True}, "id"),
        ({"id": 1.5}, "id"),
        ({"id": None}, "id"),
        ({"id": [SECRET]}, "id"),
        ({"id": 2**70}, "id"),
        ({"id": 1e300}, "id"),
        ({"id": float("inf")}, "id"),
        ({"id": "a\0b"}, "id"),
        ({"subject": 5}, "subject"),
        ({"subject": "\ud800"}, "subject"),
        ({"body": "a\0"}, "body"),
        ({"body": [SECRET]}, "body"),
        ({"channel": "x" * 257}, "channel"),
        ({"created_at": "2026-11-21T10:02:00"}, "created_at"),
        ({"created_at": "2026-11-21"}, "created_at"),
        ({"created_at": 1795600000}, "created_at"),
        ({"created_at": "2026-02-30T10:02:00Z"}, "created_at"),
        ({"created_at": "2026-11-21T23:59:60Z"}, "created_at"),
        ({"created_at": "2026-11-21T24:00:00Z"}, "created_at"),
        ({"created_at": "2026-11-21T10:02:00+01:60"}, "created_at"),
        ({"created_at": SECRET}, "created_at"),
        ({"customer": SECRET}, "customer"),
        ({"customer": {"name": SECRET}}, "customer.name"),
        ({"customer": {"id": {}}}, "customer.id"),
        ({"tags": SECRET}, "tags"),
        ({"tags": [1]}, "tags[0]"),
        ({"tags": ["a"] * 201}, "tags"),
        ({"attributes": [SECRET]}, "attributes"),
        ({"attributes": {"a": {"b": SECRET}}}, "attributes.a"),
        ({"attributes": {"a": [SECRET]}}, "attributes.a"),
        ({"attributes": {"a": float("nan")}}, "attributes.a"),
        ({"attributes": {"a": float("-inf")}}, "attributes.a"),
        ({"attributes": {"a": 2**70}}, "attributes.a"),
        ({"attributes": {"a": "\0"}}, "attributes.a"),
        ({"attributes": {"a": "x" * 10_001}}, "attributes.a"),
        ({"attributes": {"": 1}}, "attributes."),
        ({"attributes": {str(n): n for n in range(501)}}, "attributes"),
        ({"messages": [{"at": "2026-11-21T10:02:00Z", "author": "boss", "text": SECRET}]}, "messages[0].author"),
        ({"messages": [{"at": "now", "author": "agent", "text": SECRET}]}, "messages[0].at"),
        ({"messages": [{"author": "agent", "text": SECRET}]}, "messages[0].at"),
        ({"messages": {}}, "messages"),
        ({"attachments": [{"type": "image/png"}]}, "attachments[0].name"),
        ({"attachments": [{"name": "a", "size": 5}]}, "attachments[0].size"),
        ({"priority": SECRET}, "priority"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(fields: dict[str, Any], field: str) -> None:
    assert list(errors(body(**fields))) == [f"ticket.{field}"]


def test_a_number_beyond_all_bounds_is_refused_by_its_field() -> None:
    assert list(errors(b'{"ticket": {"id": 1, "attributes": {"a": 1e400}}}')) == ["ticket.attributes.a"]


def test_every_wrong_field_is_named_at_once() -> None:
    assert list(errors(body(channel=1, region=2, x=3))) == ["ticket.channel", "ticket.region", "ticket.x"]


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        (b"[]", ["body"]),
        (b"null", ["body"]),
        (b'{"ticket": null}', ["ticket"]),
        (b'{"ticket": {"id": 1, "body": ""}, "explain": 1}', ["explain"]),
        (b'{"tickets": []}', ["ticket", "tickets"]),
    ],
)
def test_a_body_of_another_shape_is_refused(raw: bytes, fields: list[str]) -> None:
    assert list(errors(raw)) == fields


def test_an_error_never_repeats_a_long_or_unprintable_name_as_it_came() -> None:
    (field,) = errors(body(**{"\n" + "x" * 5000: 1}))
    assert field == "ticket.\\n" + "x" * 62 + "…"


def test_a_batch_names_the_place_of_each_ticket_that_is_wrong() -> None:
    raw = b'{"tickets": [{"id": 1, "body": ""}, {"id": 2}, {"id": 3, "body": "", "created_at": "now"}]}'
    with pytest.raises(ProblemError) as caught:
        tickets_of(batch_of(raw)[0])
    assert [error.field for error in caught.value.errors] == ["tickets[1]", "tickets[2].created_at"]


def test_a_batch_lists_its_first_20_errors() -> None:
    with pytest.raises(ProblemError) as caught:
        tickets_of([{}] * 1000)
    assert len(caught.value.errors) == 20


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_has_1_to_1000_tickets(count: int) -> None:
    with pytest.raises(ProblemError) as caught:
        batch_of(json.dumps({"tickets": [{"id": 1, "body": ""}] * count}).encode())
    assert [error.field for error in caught.value.errors] == ["tickets"]


@given(st.integers(0, 4_000_000_000), st.integers(-1439, 1439))
def test_any_rfc_3339_time_is_the_same_instant_in_utc(seconds: int, minutes: int) -> None:
    moment = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    read = triage_of(body(created_at=moment.isoformat())).ticket.created_at
    assert read is not None
    assert (read.timestamp(), read.tzinfo) == (seconds, UTC)


@given(
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001
    st.integers(-1439, 1439),
    st.sampled_from("Tt "),
    st.integers(0, 9),
)
def test_a_time_comes_back_as_the_instant_it_was_however_it_is_spelt(
    moment: datetime, minutes: int, separator: str, digits: int
) -> None:
    there = moment.astimezone(timezone(timedelta(minutes=minutes)))
    fraction = f".{there.microsecond:06}000"[: digits + 1] if digits else ""
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    spelling = there.strftime(f"%m-%d{separator}%H:%M:%S")
    read = triage_of(body(created_at=f"{there.year:04}-{spelling}{fraction}{zone}")).ticket.created_at
    kept = int(f"{there.microsecond:06}"[: min(digits, 6)].ljust(6, "0")) if digits else 0
    assert read == there.replace(microsecond=kept)
    assert read is not None
    assert read.utcoffset() == timedelta(0)


@given(st.text("0123456789-+:.TtZz ٣３", max_size=30))
def test_whatever_looks_like_a_time_is_one_or_is_refused(text: str) -> None:
    raw = body(created_at=text)
    try:
        read = triage_of(raw).ticket.created_at
    except ProblemError:
        assert list(errors(raw)) == ["ticket.created_at"]
    else:
        assert read is not None
        assert read == triage_of(body(created_at=read.isoformat())).ticket.created_at


def attribute(value: Any) -> str | None:
    return triage_of(body(attributes={"a": value})).ticket.attributes.get("a")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_number_has_one_spelling_that_means_the_same_number(value: float) -> None:
    text = attribute(value)
    assert text is not None
    assert float(text) == float(value)
    assert attribute(text) == text
    assert attribute(json.loads(text)) == text
    if value == int(value) and abs(value) < 2**53:
        assert text == str(int(value))
        assert attribute(float(value)) == attribute(int(value)) == text


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("0001-01-01T00:00:00Z", EARLIEST),
        ("0001-01-01T00:00:00+12:00", EARLIEST),
        ("9999-12-31T23:59:59.999999Z", LATEST),
        ("9999-12-31T23:59:59-12:00", LATEST),
    ],
)
def test_a_time_at_the_calendars_ends_is_no_reason_to_refuse_a_ticket(given: str, read: datetime) -> None:
    assert triage_of(body(created_at=given)).ticket.created_at == read


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
words = st.text("abc 0?", max_size=5)
tickets = st.fixed_dictionaries(
    {"id": st.integers(0, 2**60) | texts.filter(bool), "body": texts},
    optional={
        "subject": texts,
        "created_at": st.just("2026-11-21T11:02:00.25+05:30"),
        "channel": words,
        "tags": st.lists(words, max_size=3),
        "customer": st.fixed_dictionaries({}, optional={"id": words.filter(bool), "tier": words}),
        "attributes": st.dictionaries(
            words.filter(bool), st.integers(-(2**60), 2**60) | st.booleans() | st.none() | words, max_size=3
        ),
        "messages": st.lists(
            st.fixed_dictionaries(
                {"at": st.just("2026-11-21T10:02:00Z"), "author": st.sampled_from(["agent", "system"]), "text": texts}
            ),
            max_size=2,
        ),
        "attachments": st.lists(st.fixed_dictionaries({"name": texts}, optional={"text": texts}), max_size=2),
    },
)


@given(tickets)
def test_a_ticket_as_the_journal_keeps_it_reads_back_as_the_same_ticket(fields: dict[str, Any]) -> None:
    (ticket,) = tickets_of([fields])
    kept = json.loads(json.dumps(ticket_json(ticket)))
    assert tickets_of([kept]) == [ticket]


def test_a_body_asks_for_similar_tickets_or_does_not() -> None:
    ticket = b'"ticket": {"id": 7, "subject": ""}'
    assert triage_of(b"{%b}" % ticket).extras.similar == 0
    assert triage_of(b'{%b, "similar": null}' % ticket).extras.similar == 0
    assert triage_of(b'{%b, "similar": 20}' % ticket).extras.similar == 20


def test_one_ticket_and_a_batch_ask_for_reasons_or_do_not() -> None:
    ticket = b'{"id": 7, "subject": ""}'
    for asked, wanted in ((b"true", True), (b"false", False), (b"null", False)):
        assert triage_of(b'{"ticket": %b, "explain": %b}' % (ticket, asked)).extras.explain is wanted
        assert batch_of(b'{"tickets": [%b], "explain": %b}' % (ticket, asked))[1].explain is wanted
    assert not triage_of(b'{"ticket": %b}' % ticket).extras.explain


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (b"0", "must be at least 1"),
        (b"21", "must be at most 20"),
        (b'"5"', "must be a whole number"),
        (b"2.5", "must be a whole number"),
        (b"true", "must be a whole number"),
    ],
)
def test_a_number_of_similar_tickets_that_makes_no_sense_is_refused(given: bytes, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        triage_of(b'{"ticket": {"id": 7, "subject": ""}, "similar": %b}' % given)
    assert [(one.field, one.message) for one in caught.value.errors] == [("similar", message)]
