import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.errors import HistoryError
from desk.outcome import Event, Outcome, ResolvedTicket
from desk.ticket import Attachment, Customer, Message, Ticket
from training.histories.history import History, digest_of
from training.histories.store import keep_history, load_history

AT = datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=UTC)
FULL = ResolvedTicket(
    ticket=Ticket(
        id="1",
        created_at=AT,
        subject="s",
        body="b ü 😀",
        channel="email",
        language="en",
        region="DE",
        product="vpn",
        customer=Customer("c", "vip"),
        tags=("x", "y"),
        attributes={"b": "2", "a": ""},
        messages=(Message(AT, "customer", "hello"),),
        attachments=(Attachment("a.png", "image/png", None),),
    ),
    outcome=Outcome(
        queue="Q",
        priority="P1",
        escalated=True,
        sla_breached=False,
        first_response_at=AT,
        resolved_at=AT + timedelta(days=1),
        reassignment_count=2,
        reopen_count=0,
        satisfaction=4.5,
        resolver="Kim",
        resolution="done",
        events=(Event(AT, "category", None, "x"),),
    ),
    thread=(Message(AT, "customer", "hello"), Message(AT, "agent", "done")),
)
EMPTY = ResolvedTicket(Ticket("2"), Outcome())


def history(*rows: ResolvedTicket) -> History:
    return History(
        rows,
        digest_of(rows),
        {"queue": "label"},
        ("12 rows repeat an id; the last of each is kept",),
        "rule",
        ("P1", "P2"),
    )


def test_a_kept_history_comes_back_identical(tmp_path: Path) -> None:
    given_history = history(FULL, EMPTY)
    path = keep_history(given_history, tmp_path)
    assert path == tmp_path / "histories" / f"{given_history.digest}.parquet"
    assert load_history(path) == given_history
    assert list(load_history(path).rows[0].ticket.attributes) == ["b", "a"]


def test_it_is_packed_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = keep_history(history(FULL), tmp_path)
    keep_history(history(FULL), tmp_path)
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"
    assert list(path.parent.iterdir()) == [path]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MAYBE = st.none() | TEXT
TIMES = st.integers(0, 4_000_000_000_000_000).map(
    lambda micro: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro)
)
MESSAGES = st.lists(st.builds(Message, TIMES, st.sampled_from(["customer", "agent"]), TEXT), max_size=2).map(tuple)
TICKETS = st.builds(
    Ticket,
    id=TEXT,
    created_at=st.none() | TIMES,
    subject=TEXT,
    body=TEXT,
    channel=MAYBE,
    language=MAYBE,
    region=MAYBE,
    product=MAYBE,
    customer=st.builds(Customer, MAYBE, MAYBE),
    tags=st.lists(TEXT, max_size=2).map(tuple),
    attributes=st.dictionaries(TEXT, TEXT, max_size=3),
    messages=MESSAGES,
    attachments=st.lists(st.builds(Attachment, TEXT, MAYBE, MAYBE), max_size=2).map(tuple),
)
OUTCOMES = st.builds(
    Outcome,
    queue=MAYBE,
    priority=MAYBE,
    escalated=st.none() | st.booleans(),
    resolved_at=st.none() | TIMES,
    reassignment_count=st.none() | st.integers(0, 99),
    satisfaction=st.none() | st.floats(-9, 9),
    events=st.lists(st.builds(Event, TIMES, TEXT, MAYBE, MAYBE), max_size=2).map(tuple),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.builds(ResolvedTicket, TICKETS, OUTCOMES, MESSAGES), max_size=4))
def test_any_history_comes_back_identical(tmp_path: Path, rows: list[ResolvedTicket]) -> None:
    given_history = history(*rows)
    assert load_history(keep_history(given_history, tmp_path)) == given_history


def test_a_damaged_foreign_or_changed_file_is_refused(tmp_path: Path) -> None:
    path = keep_history(history(FULL, EMPTY), tmp_path)
    content = path.read_bytes()
    (tmp_path / "cut.parquet").write_bytes(content[:-40])
    foreign = pq.read_table(path).replace_schema_metadata(None)
    pq.write_table(foreign, tmp_path / "foreign.parquet")
    for name in ("cut.parquet", "foreign.parquet", "missing.parquet"):
        with pytest.raises(HistoryError, match="no kept history, or damaged"):
            load_history(tmp_path / name)
    table = pq.read_table(path)
    pq.write_table(table.slice(0, 1), tmp_path / "short.parquet")
    with pytest.raises(HistoryError, match="does not hold the rows of its digest"):
        load_history(tmp_path / "short.parquet")
    about = json.loads(table.schema.metadata[b"pointsman"]) | {"format": 99}
    pq.write_table(table.replace_schema_metadata({b"pointsman": json.dumps(about).encode()}), tmp_path / "new.parquet")
    with pytest.raises(HistoryError, match="of format 99; this build reads 1"):
        load_history(tmp_path / "new.parquet")


def test_a_full_disk_leaves_the_kept_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep_history(history(FULL), tmp_path)
    before = path.read_bytes()

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", fails)
    with pytest.raises(OSError, match="No space"):
        keep_history(replace(history(FULL), notes=()), tmp_path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
