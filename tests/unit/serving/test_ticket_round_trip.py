"""A ticket that was taken over HTTP comes back from the journal as it was scored."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from desk.ticket_json import ticket_in, ticket_json
from serving.ticket_body import TicketBody, ticket_of

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30) | st.sampled_from(
    ["", " ", "N/A", " null ", "?", "58", "58.0", "é\u2028x"]
)
name = text.filter(bool) | st.integers(-(2**63) + 1, 2**63 - 1)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones).map(datetime.isoformat)  # noqa: DTZ001
attributes = st.dictionaries(
    text.filter(bool),
    text | st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(-1e300, 1e300),
)


def perhaps(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


tickets = st.fixed_dictionaries(
    {"id": name, "subject": text | st.none(), "attributes": attributes},
    optional={
        "body": text | st.none(),
        "created_at": times | st.none(),
        **dict.fromkeys(("channel", "language", "region", "product"), text | st.none()),
        "customer": perhaps(id=name | st.none(), tier=text | st.none()) | st.none(),
        "tags": st.lists(text, max_size=5) | st.none(),
        "messages": st.lists(
            st.fixed_dictionaries(
                {"at": times, "author": st.sampled_from(["customer", "agent", "system"]), "text": text}
            ),
            max_size=4,
        ),
        "attachments": st.lists(
            st.fixed_dictionaries({"name": text}, optional={"type": text | st.none(), "text": text | st.none()}),
            max_size=3,
        ),
    },
)


@given(tickets)
def test_what_the_journal_keeps_of_a_ticket_is_the_ticket(sent: dict[str, Any]) -> None:
    scored = ticket_of(TicketBody.model_validate(sent))
    kept = orjson.loads(orjson.dumps(ticket_json(scored)))
    again = ticket_of(TicketBody.model_validate(kept))
    assert again == ticket_in(kept) == scored
    # Equal moments may have other hours, and hours are facts.
    assert again.created_at is None or again.created_at.tzinfo is UTC
    assert list(again.attributes) == list(scored.attributes)
    assert orjson.dumps(ticket_json(again)) == orjson.dumps(kept)
