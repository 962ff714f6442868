import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import HistoryError
from desk.outcome import Outcome
from desk.snapshots import after_message
from desk.ticket import Attachment, Customer, Message
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.reading import open_tickets, read_history, read_tickets

PLAIN = DeskConfig()
OPENED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def written(tmp_path: Path, text: str | bytes, name: str = "history.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def as_jsonl(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def history_from(tmp_path: Path, text: str | bytes, config: DeskConfig = PLAIN, name: str = "history.csv") -> History:
    return read_history(written(tmp_path, text, name), config)


def queues(history: History) -> list[str | None]:
    return [row.outcome.queue for row in history.rows]


def test_a_whole_row_is_understood(tmp_path: Path) -> None:
    history = history_from(
        tmp_path,
        "id,created_at,first_response_at,resolved_at,channel,language,region,subject,body,customer_id,customer_tier,product,"
        "tags,queue,priority,escalated,sla_breached,reassignment_count,reopen_count,satisfaction,resolver,resolution,ward\n"
        "7,2026-01-05T10:00:00+01:00,2026-01-05T09:30:00Z,2026-01-06T09:00:00Z,email,en,DE,No VPN,Help me,c-9,vip,vpn,"
        '"a, b",Network,P2,no,TRUE,3,0,"4,5",Kim,Reset the token,17\n',
    )
    row = history.rows[0]
    assert (row.ticket.id, row.ticket.created_at, row.ticket.subject, row.ticket.body) == (
        "7",
        OPENED,
        "No VPN",
        "Help me",
    )
    assert (row.ticket.channel, row.ticket.language, row.ticket.region) == ("email", "en", "DE")
    assert (row.ticket.customer, row.ticket.product, row.ticket.tags) == (Customer("c-9", "vip"), "vpn", ("a", "b"))
    assert row.ticket.attributes == {"ward": "17"}
    assert row.outcome == Outcome(
        queue="Network",
        priority="P2",
        escalated=False,
        sla_breached=True,
        first_response_at=datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
        resolved_at=datetime(2026, 1, 6, 9, 0, tzinfo=UTC),
        reassignment_count=3,
        reopen_count=0,
        satisfaction=4.5,
        resolver="Kim",
        resolution="Reset the token",
    )
    assert history.known_priority_order == ("P2",)
    assert history.label_rule == "the history's column 'escalated'"
    assert (history.columns["ward"], history.columns["queue"]) == ("attribute", "label")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_though_texts_hold_others(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "body", "queue"], ["1", '"a, b; c | d\n\te"', "Q"], ["2", "x", "R"]]
    text = "".join(delimiter.join(row) + "\n" for row in rows)
    history = history_from(tmp_path, text)
    assert [row.ticket.body for row in history.rows] == ["a, b; c | d\n\te", "x"]
    assert queues(history) == ["Q", "R"]


ROWS = [
    {"id": 1, "created_at": "2026-01-05T09:00:00Z", "body": "a", "queue": 1, "escalated": True, "ward": 3.0},
    {"id": 2, "created_at": "2026-01-05T10:00:00Z", "body": "b", "queue": 2, "escalated": False, "ward": None},
    {"id": 3, "created_at": "2026-01-05T11:00:00Z", "body": "ü", "queue": None, "escalated": None, "ward": 2.5},
]
AS_CSV = (
    "id,created_at,body,queue,escalated,ward\n1,2026-01-05 09:00:00+00:00,a,1,yes,3\n"
    "2,2026-01-05T11:00:00+01:00,b,2,f,?\n3,2026-01-05T11:00:00Z,ü,N/A,,2.5\n"
)


def test_the_same_rows_have_the_same_digest_in_every_format(tmp_path: Path) -> None:
    frame = pd.DataFrame(ROWS)
    assert frame["queue"].dtype == float, "a reader that makes 1.0 of 1"
    parquet = tmp_path / "h.parquet"
    frame.assign(created_at=pd.to_datetime(frame["created_at"])).to_parquet(parquet)
    paths = [
        parquet,
        written(tmp_path, AS_CSV, "h.csv"),
        written(tmp_path, "\ufeff" + AS_CSV.replace(",", ";").replace("\n", "\r\n"), "semicolons.csv"),
        written(tmp_path, as_jsonl(ROWS), "h.jsonl"),
        written(tmp_path, gzip.compress(AS_CSV.encode()), "h.csv.gz"),
        written(tmp_path, gzip.compress(as_jsonl(ROWS).encode()), "h.jsonl.gz"),
        written(tmp_path, gzip.compress(parquet.read_bytes()), "h.parquet.gz"),
        written(tmp_path, AS_CSV.replace("1,yes", "1.0,yes").replace("2,f", "2.0,f"), "pandas.csv"),
        written(tmp_path, as_jsonl(ROWS), "no_suffix"),
        written(tmp_path, AS_CSV, "table.dat"),
    ]
    histories = [read_history(path, PLAIN) for path in paths]
    assert queues(histories[0]) == ["1", "2", None]
    assert {history.digest for history in histories} == {histories[0].digest}
    assert all(history.rows == histories[0].rows for history in histories)


def test_another_row_order_or_value_is_another_digest(tmp_path: Path) -> None:
    lines = ["id,body,queue\n", "1,a,Q\n", "2,b,R\n"]
    digests = {
        history_from(tmp_path, "".join(order)).digest
        for order in (lines, [lines[0], lines[2], lines[1]], [lines[0], "1,A,Q\n", lines[2]])
    }
    assert len(digests) == 3


def test_labels_stay_text_however_a_reader_would_parse_them(tmp_path: Path) -> None:
    history = history_from(tmp_path, "id,queue\n1,010\n2,1e5\n3,True\n4,None\n5,NA\n6, 2024-01-01 \n")
    assert queues(history) == ["010", "1e5", "True", "None", "NA", "2024-01-01"]
    lines = as_jsonl([{"id": 1, "queue": True}, {"id": 2, "queue": "010"}, {"id": 3, "queue": 2**70}])
    assert queues(history_from(tmp_path, lines, name="h.jsonl")) == ["true", "010", str(2**70)]


@pytest.mark.parametrize("missing", ["", "?", "N/A", "n/a", "NaN", "null", "NULL", "  ", "#N/A", "<NA>"])
def test_what_says_nothing_is_missing(tmp_path: Path, missing: str) -> None:
    history = history_from(tmp_path, f"id,queue,priority,channel,ward\n1,Q,{missing},{missing},{missing}\n")
    row = history.rows[0]
    assert (row.outcome.priority, row.ticket.channel, row.ticket.attributes) == (None, None, {})


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("true", True),
        ("YES", True),
        ("1", True),
        ("T", True),
        ("1.0", True),
        ("False", False),
        ("no", False),
        ("0", False),
        ("f", False),
    ],
)
def test_yes_and_no_in_their_spellings(tmp_path: Path, text: str, means: bool) -> None:
    history = history_from(tmp_path, f"id,escalated\n1,{text}\n2,\n")
    assert [row.outcome.escalated for row in history.rows] == [means, None]


def test_columns_are_mapped_ignored_and_found_in_another_spelling(tmp_path: Path) -> None:
    config = DeskConfig(columns={"queue": "assignment_group", "priority": "final"}, ignored=("closed_code", "nope"))
    history = history_from(
        tmp_path,
        "ID,Created At,assignment_group,final,priority,closed_code\n7,2026-01-05T09:00:00Z,Q,P1,P3,xx\n",
        config,
    )
    row = history.rows[0]
    assert (row.ticket.id, row.ticket.created_at, row.outcome.queue, row.outcome.priority) == ("7", OPENED, "Q", "P1")
    assert row.ticket.attributes == {"priority": "P3"}, "what the desk calls priority is known at the opening"
    assert "column 'Created At' is read as 'created_at'" in history.notes
    assert any("no column 'nope'" in note for note in history.notes)


def test_outcomes_and_ids_never_reach_the_ticket(tmp_path: Path) -> None:
    config = DeskConfig(columns={"id": "number"}, escalated="hops > 1")
    history = history_from(
        tmp_path, "number,id,queue,resolver,resolution,satisfaction,hops,ward\nN1,1,Q,Kim,done,5,2,w\n", config
    )
    row = history.rows[0]
    assert (row.ticket.id, row.ticket.attributes, row.outcome.escalated) == ("N1", {"ward": "w"}, True)
    assert "'hops' defines escalated, so it is outcome and no attribute" in history.notes


def test_escalated_by_the_default_rule_where_the_counts_are_there(tmp_path: Path) -> None:
    history = history_from(tmp_path, "id,reassignment_count,reopen_count\n1,2,0\n2,1,0\n3,0,1\n4,,1\n5,,0\n6,2.0,\n")
    assert [row.outcome.escalated for row in history.rows] == [True, False, True, True, None, True]
    assert history.label_rule == (
        "no column 'escalated', so by the default rule: reassignment_count >= 2 || reopen_count > 0"
    )


def test_the_desks_rule_outranks_the_column_and_sees_times_and_numbers(tmp_path: Path) -> None:
    rule = 'resolved_at - created_at > duration("24h") || satisfaction < 2.0 || level == 3.0'
    history = history_from(
        tmp_path,
        "id,created_at,resolved_at,satisfaction,level,escalated\n"
        "1,2026-01-01T00:00:00Z,2026-01-03T00:00:00Z,5,1,no\n2,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,1,1,no\n"
        "3,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,4,3,no\n4,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,4,1,yes\n",
        DeskConfig(escalated=rule),
    )
    assert [row.outcome.escalated for row in history.rows] == [True, True, True, False]
    assert history.label_rule == f"the desk's rule: {rule} (the history's own column 'escalated' is not used)"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("reasignment_count > 1", "looks at 'reasignment_count'.*Did you mean 'reassignment_count'"),
        ("reassignment_count + 1", "must say true or false, not 2"),
        ("reassignment_count > 'a'", "fails in row 1"),
        ("nonsense(reassignment_count)", "fails in row 1"),
    ],
)
def test_a_rule_that_cannot_be_applied_gets_one_line(tmp_path: Path, rule: str, says: str) -> None:
    with pytest.raises(HistoryError, match=says) as raised:
        history_from(tmp_path, "id,reassignment_count\n1,1\n", DeskConfig(escalated=rule))
    assert "\n" not in str(raised.value)


def test_a_rule_may_loop_over_a_list_of_its_own(tmp_path: Path) -> None:
    history = history_from(
        tmp_path, "id,queue\n1,Major\n2,Other\n", DeskConfig(escalated='["Major"].exists(q, q == queue)')
    )
    assert [row.outcome.escalated for row in history.rows] == [True, False]


THREAD = [
    {"at": "2026-01-05T08:59:00Z", "author": "Customer", "text": "hello"},
    {"at": "2026-01-05T12:00:00Z", "author": "agent", "text": "done"},
]


def test_messages_after_the_opening_and_changed_fields_stay_out_of_the_ticket(tmp_path: Path) -> None:
    events = [
        {"at": "2026-01-05T13:00:00Z", "field": "category", "from": "b", "to": "c"},
        {"at": "2026-01-05T10:00:00Z", "field": "category", "from": "a", "to": "b"},
        {"at": "2026-01-05T09:00:00Z", "field": "site", "from": None, "to": "north"},
        {"at": "2026-01-05T10:00:00Z", "field": "root", "from": None, "to": "x"},
        {"at": "2026-01-05T10:00:00Z", "field": "Product", "from": "old", "to": "new"},
        {"at": "2026-01-05T10:00:00Z", "field": "queue", "from": "First", "to": "Q"},
    ]
    row = {
        "id": 1,
        "created_at": "2026-01-05T09:00:00Z",
        "queue": "Q",
        "category": "c",
        "site": "north",
        "root": "x",
        "Product": "new",
        "customer_tier": "vip",
        "messages": THREAD[::-1],
        "events": events,
    }
    found = history_from(tmp_path, as_jsonl([row]), name="h.jsonl").rows[0]
    assert found.ticket.messages == (Message(datetime(2026, 1, 5, 8, 59, tzinfo=UTC), "customer", "hello"),)
    assert [message.text for message in found.thread] == ["hello", "done"]
    assert (found.ticket.attributes, found.ticket.product) == ({"category": "a", "site": "north"}, "old")
    assert (found.outcome.queue, found.outcome.events[0].field) == ("Q", "site")
    later = after_message(found, 1, ("category", "site", "root"))
    assert later is None  # nobody knows when it was resolved
    closed = replace(found, outcome=replace(found.outcome, resolved_at=datetime(2026, 1, 6, tzinfo=UTC)))
    later = after_message(closed, 1, ("category", "site", "root"))
    assert later is not None
    assert (later.attributes, later.product) == ({"category": "b", "root": "x", "site": "north"}, "new")
    assert [message.text for message in later.messages] == ["hello", "done"]


def test_an_event_is_known_by_the_canonical_name_of_its_field(tmp_path: Path) -> None:
    row = {
        "id": 1,
        "created_at": "2026-01-05T09:00:00Z",
        "assignment_group": "Q",
        "queue": "what the form says",
        "service": "new",
        "events": [
            {"at": "2026-01-05T10:00:00Z", "field": "assignment_group", "from": "First", "to": "Q"},
            {"at": "2026-01-05T10:00:00Z", "field": "service", "from": "old", "to": "new"},
        ],
    }
    config = DeskConfig(columns={"queue": "assignment_group", "product": "service"})
    found = history_from(tmp_path, as_jsonl([row]), config, name="h.jsonl").rows[0]
    assert [event.field for event in found.outcome.events] == ["assignment_group", "product"]
    assert (found.ticket.product, found.ticket.attributes) == ("old", {"queue": "what the form says"})


def test_nested_columns_come_through_parquet_and_the_apis_own_shape(tmp_path: Path) -> None:
    ticket = {
        "id": "1",
        "created_at": "2026-01-05T09:00:00Z",
        "body": "b",
        "customer": {"id": "c", "tier": "vip"},
        "tags": ["x"],
        "attributes": {"category": 58},
        "attachments": [{"name": "a.png", "type": None, "text": "t"}],
        "messages": THREAD,
        "queue": "Q",
    }
    path = tmp_path / "h.parquet"
    pd.DataFrame([ticket]).to_parquet(path)
    from_parquet, from_jsonl = read_history(path, PLAIN), history_from(tmp_path, as_jsonl([ticket]), name="h.jsonl")
    row = from_jsonl.rows[0]
    assert (row.ticket.customer, row.ticket.tags, row.ticket.attributes) == (
        Customer("c", "vip"),
        ("x",),
        {"category": "58"},
    )
    assert row.ticket.attachments == (Attachment("a.png", None, "t"),)
    assert from_parquet.rows == from_jsonl.rows


def test_the_last_of_repeated_ids_is_kept_in_its_place_and_counted(tmp_path: Path) -> None:
    history = history_from(tmp_path, "id,body,queue\n1,a,Q\n2,b,Q\n1,c,Q\n3,d,Q\n")
    assert [(row.ticket.id, row.ticket.body) for row in history.rows] == [("2", "b"), ("1", "c"), ("3", "d")]
    assert "1 rows repeat an id; the last of each is kept" in history.notes


def test_rows_without_an_id_are_numbered_and_never_taken_for_each_other(tmp_path: Path) -> None:
    assert "no column 'id': the rows are numbered from 1" in history_from(tmp_path, "body,queue\na,Q\n").notes
    history = history_from(tmp_path, "id,body,queue\n2,a,Q\n,b,Q\n?,c,Q\n")
    assert [row.ticket.id for row in history.rows] == ["2", "row-2", "row-3"]


def test_tickets_to_score_keep_order_and_repeats_and_need_no_label(tmp_path: Path) -> None:
    config = DeskConfig(columns={"queue": "group", "body": "text"}, escalated="hops > 1")
    path = written(tmp_path, "id,text,escalated,hops,resolved_at\n2,b,maybe,9,never\n1,a,,1,\n2,c,,1,\n")
    found = read_tickets(path, config)
    assert [(ticket.id, ticket.body) for ticket in found.tickets] == [("2", "b"), ("1", "a"), ("2", "c")]
    assert all(ticket.attributes == {} for ticket in found.tickets)


def test_a_megabyte_of_text_and_empty_text_are_read(tmp_path: Path) -> None:
    long = "word " * 220_000
    history = history_from(tmp_path, f'id,body,queue\n1,"{long}",Q\n2,,Q\n')
    assert [len(row.ticket.body) for row in history.rows] == [1_100_000, 0]


def test_nul_half_surrogates_and_not_a_number_are_read_and_said(tmp_path: Path) -> None:
    text = '{"id": 1, "queue": "Q", "body": "a\\u0000b\\ud800c\\ud83d\\ude00", "n": NaN, "big": 1e999}\n'
    history = history_from(tmp_path, text, name="h.jsonl")
    assert history.rows[0].ticket.body == "a b\ufffdc😀"
    assert history.rows[0].ticket.attributes == {}
    assert "NUL characters are read as spaces, broken surrogates as U+FFFD" in history.notes
    history = history_from(tmp_path, "id,queue,body\n1,Q,a\0b\n")
    assert history.rows[0].ticket.body == "a b"
    assert "NUL characters are read as spaces" in history.notes


def test_times_are_utc_and_what_was_assumed_is_said(tmp_path: Path) -> None:
    history = history_from(
        tmp_path, "id,created_at,queue\n1,2026-01-05 09:00,Q\n2,05.01.2026 09:00,Q\n3,soon,Q\n4,,Q\n"
    )
    assert [row.ticket.created_at for row in history.rows] == [OPENED, OPENED, None, None]
    assert any(note.startswith("created_at: 2 times without a zone") for note in history.notes)
    assert any(note.startswith("created_at: 1 values are no times") for note in history.notes)


def test_priorities_outside_the_desks_order_are_said(tmp_path: Path) -> None:
    history = history_from(tmp_path, "id,priority\n1,a\n2,b\n", DeskConfig(priority_order=("b",)))
    assert history.known_priority_order == ("b",)
    assert "priorities that priority_order does not name: 'a'" in history.notes


def test_a_counter_without_a_name_and_empty_last_lines_are_left_out(tmp_path: Path) -> None:
    history = history_from(tmp_path, ",id,queue\n0,7,Q\n1,8,R\n,,\n")
    assert [row.ticket.id for row in history.rows] == ["7", "8"]
    assert history.rows[0].ticket.attributes == {}


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_any_text_comes_through_csv_and_jsonl_alike(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    rows = [{"id": str(n), "queue": "Q", "body": body, "field": value} for n, (body, value) in enumerate(cells)]
    folder = tmp_path_factory.mktemp("cells")
    pd.DataFrame(rows).to_csv(folder / "h.csv", index=False)
    written(folder, as_jsonl(rows), "h.jsonl")
    assert read_history(folder / "h.csv", PLAIN).digest == read_history(folder / "h.jsonl", PLAIN).digest


def test_whole_numbers_beyond_64_bits_stay_what_they_are_wherever_they_stand(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "subject": "a", "attributes": {"asset": 18446744073709551617}},
        {"id": 2, "subject": "b [{" * 30, "attributes": {"asset": 7}, "tags": [-9223372036854775809123]},
    ]
    path = tmp_path / "t.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    first, second = read_tickets(path, DeskConfig()).tickets
    assert (first.attributes, second.attributes) == ({"asset": "18446744073709551617"}, {"asset": "7"})
    assert second.tags == ("-9223372036854775809123",)


def test_opened_tickets_are_counted_before_they_are_made(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,subject\n1,a\n2,b\n")
    opened = open_tickets(path, DeskConfig())
    assert opened.count == 2
    assert tuple(opened.tickets) == read_tickets(path, DeskConfig()).tickets
