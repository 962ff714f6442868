"""Labels read through the records of how queues changed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desk.errors import SettingError
from desk.taxonomy import NO_CHANGES, Record, Taxonomy
from desk.taxonomy_setting import read_taxonomy, taxonomy_json, with_record

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("A", "B", "C", "D")


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def renamed(number: int, old: str, new: str) -> Record:
    return Record(day(number), "renamed", (old,), (new,))


def merged(number: int, *queues: str, into: str) -> Record:
    return Record(day(number), "merged", queues, (into,))


def split(number: int, old: str, *parts: str) -> Record:
    return Record(day(number), "split", (old,), parts, {part: f"about {part}" for part in parts})


def retired(number: int, old: str, *into: str) -> Record:
    return Record(day(number), "retired", (old,), into)


def added(number: int, new: str) -> Record:
    return Record(day(number), "added", (), (new,), {new: f"about {new}"})


def read(*records: Record) -> Taxonomy:
    return read_taxonomy(taxonomy_json(Taxonomy(records)))


@pytest.mark.parametrize(
    ("records", "label", "said", "meant"),
    [
        ((), "A", 0, "A"),
        ((renamed(5, "A", "B"),), "A", 0, "B"),
        ((renamed(5, "A", "B"),), "A", 9, "B"),  # an old habit
        ((renamed(5, "A", "B"),), "B", 0, "B"),
        ((renamed(5, "A", "B"),), "C", 0, "C"),
        ((renamed(5, "A", "B"), added(7, "A")), "A", 4, "B"),
        ((renamed(5, "A", "B"), added(7, "A")), "A", 6, "B"),
        ((renamed(5, "A", "B"), added(7, "A")), "A", 7, "A"),
        ((renamed(5, "A", "B"), renamed(7, "B", "A")), "B", 9, "A"),
        ((renamed(5, "A", "B"), renamed(7, "B", "C")), "A", 0, "C"),
        ((renamed(5, "A", "D"), renamed(6, "B", "A"), renamed(7, "D", "B")), "A", 0, "B"),  # they change names
        ((renamed(5, "A", "D"), renamed(6, "B", "A"), renamed(7, "D", "B")), "B", 0, "A"),
        ((merged(5, "A", "B", into="C"),), "B", 0, "C"),
        ((merged(5, "A", "B", into="B"),), "A", 0, "B"),
        ((merged(5, "A", "B", into="B"),), "B", 0, "B"),
        ((split(5, "A", "B", "C"),), "A", 0, None),
        ((split(5, "A", "B", "C"),), "A", 9, None),
        ((split(5, "A", "A", "C"),), "A", 0, None),
        ((split(5, "A", "A", "C"),), "A", 5, "A"),
        ((split(5, "A", "B", "C"),), "C", 9, "C"),
        ((retired(5, "A"),), "A", 0, None),
        ((retired(5, "A"),), "A", 9, None),
        ((retired(5, "A", "B"),), "A", 9, "B"),
        ((retired(5, "A", "B"), retired(7, "B")), "A", 0, None),
        ((retired(5, "A"), added(7, "A")), "A", 9, "A"),
        ((retired(5, "A"), added(7, "A")), "A", 0, None),
        ((split(5, "A", "A", "B"), renamed(7, "A", "C")), "A", 0, None),
        ((split(5, "A", "A", "B"), renamed(7, "A", "C")), "A", 6, "C"),
    ],
)
def test_a_label_means_what_its_queue_has_become(
    records: tuple[Record, ...], label: str, said: int, meant: str | None
) -> None:
    assert read(*records).today(label, day(said)) == meant


@pytest.mark.parametrize(
    ("records", "meant"),
    [
        ((renamed(5, "A", "B"),), "B"),
        ((retired(5, "A"),), None),
        ((renamed(5, "A", "B"), added(7, "A")), None),  # one or the other
        ((renamed(5, "A", "B"), renamed(7, "B", "A")), "A"),
        ((split(5, "A", "A", "B"),), None),
        ((added(5, "A"),), "A"),
    ],
)
def test_a_label_of_unknown_time_means_what_it_would_at_any(records: tuple[Record, ...], meant: str | None) -> None:
    assert read(*records).today("A", None) == meant


def test_a_name_in_a_setting_is_that_of_today() -> None:
    known = read(split(5, "A", "A", "B"), renamed(6, "C", "D"), retired(8, "B"))
    assert [known.latest(name) for name in NAMES] == ["A", None, "D", "D"]


def test_a_record_of_the_future_says_nothing_yet() -> None:
    known = read(renamed(5, "A", "B"), retired(9, "B"))
    assert known.as_of(day(4)) == NO_CHANGES
    assert known.as_of(day(5)).today("A", day(0)) == "B"
    assert known.as_of(day(9)).today("A", day(0)) is None
    assert [known.as_of(day(at)).is_live("B") for at in (0, 8, 9)] == [True, True, False]
    assert known.retired_at("A") == day(5)


def test_descriptions_go_along() -> None:
    known = read(added(1, "A"), added(2, "B"), renamed(3, "A", "C"), merged(4, "B", "C", into="D"), added(5, "A"))
    assert known.as_of(day(3)).described() == {"B": "about B", "C": "about A"}
    assert known.described() == {"D": "about B about A", "A": "about A"}
    assert read(added(1, "A"), retired(2, "A")).described() == {}
    assert read(added(1, "A"), merged(2, "B", "A", into="A")).described() == {"A": "about A"}


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ((retired(5, "A"), renamed(6, "A", "B")), "was retired"),
        ((renamed(6, "A", "B"), retired(5, "A")), "was retired"),
        ((renamed(5, "A", "B"), split(6, "A", "C", "D")), "was renamed"),
        ((added(5, "A"), added(6, "A")), "two of one name"),
        ((added(5, "A"), renamed(6, "B", "A")), "two of one name"),
        ((renamed(5, "A", "B"), renamed(5, "B", "A")), "two records of one moment"),
        ((retired(5, "A"), retired(6, "B", "A")), "can take over from none"),
        ((merged(5, "A", "B", into="C"), retired(6, "B")), "was merged"),
    ],
)
def test_records_that_contradict_each_other_are_refused(records: tuple[Record, ...], words: str) -> None:
    with pytest.raises(SettingError, match=words) as refused:
        read_taxonomy(taxonomy_json(Taxonomy(records)))
    assert refused.value.field.startswith("records.")


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], ""),
        ({"records": {}}, ""),
        ({"records": [], "more": 1}, ""),
        ({"records": [1]}, "records.0"),
        ({"records": [{"at": "2026-01-01T00:00:00Z", "kind": "closed"}]}, "records.0.kind"),
        ({"records": [{"at": "2026-01-01", "kind": "retired", "queues": ["A"]}]}, "records.0.at"),
        ({"records": [{"at": 5, "kind": "retired", "queues": ["A"]}]}, "records.0.at"),
        ({"records": [{"at": "2026-01-01T00:00:00Z", "kind": "retired", "queues": "A"}]}, "records.0.queues"),
        ({"records": [{"at": "2026-01-01T00:00:00Z", "kind": "retired", "queues": [" A"]}]}, "records.0.queues.0"),
        ({"records": [{"at": "2026-01-01T00:00:00Z", "kind": "retired", "queues": []}]}, "records.0.queues"),
        ({"records": [{"at": "2026-01-01T00:00:00Z", "kind": "retired", "queues": ["A"], "who": 1}]}, "records.0.who"),
        (
            {"records": [{"at": "2026-01-01T00:00:00Z", "kind": "renamed", "queues": ["A"], "into": ["A"]}]},
            "records.0.queues",
        ),
        (
            {"records": [{"at": "2026-01-01T00:00:00Z", "kind": "renamed", "queues": ["A"], "into": []}]},
            "records.0.into",
        ),
        (
            {"records": [{"at": "2026-01-01T00:00:00Z", "kind": "merged", "queues": ["A", "A"], "into": ["B"]}]},
            "records.0.queues",
        ),
        (
            {"records": [{"at": "2026-01-01T00:00:00Z", "kind": "split", "queues": ["A"], "into": ["B"]}]},
            "records.0.into",
        ),
        (
            {"records": [{"at": "2026-01-01T00:00:00Z", "kind": "added", "into": ["B"]}]},
            "records.0.descriptions",
        ),
        (
            {"records": [{"at": "2026-01-01T00:00:00Z", "kind": "added", "into": ["B"], "descriptions": {"C": "x"}}]},
            "records.0.descriptions.C",
        ),
        (
            {"records": [{"at": "2026-01-01T00:00:00Z", "kind": "added", "into": ["B"], "descriptions": {"B": " "}}]},
            "records.0.descriptions.B",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_by_field(value: object, field: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_taxonomy(value)
    assert refused.value.field == field


def test_one_more_record_falls_into_its_place() -> None:
    known = with_record(read(renamed(9, "B", "C")), renamed(5, "A", "B"))
    assert known.today("A", day(0)) == "C"
    with pytest.raises(SettingError, match="was renamed"):
        with_record(known, retired(10, "A"))


names = st.sampled_from(NAMES)
moments = st.integers(0, 40).map(lambda half: START + timedelta(hours=12 * half))


@st.composite
def records(draw: st.DrawFn) -> Record:
    number = draw(st.integers(0, 20))
    queues = draw(st.lists(names, min_size=4, max_size=4, unique=True))
    match draw(st.sampled_from(["renamed", "merged", "split", "retired", "added"])):
        case "renamed":
            return renamed(number, queues[0], queues[1])
        case "merged":
            return merged(number, *queues[: draw(st.integers(1, 3))], into=draw(st.sampled_from(queues[1:])))
        case "split":
            return split(number, queues[0], *draw(st.sampled_from([queues[1:3], [queues[0], queues[1]]])))
        case "retired":
            return retired(number, queues[0], *queues[1 : 1 + draw(st.integers(0, 1))])
        case _:
            return added(number, queues[0])


@st.composite
def taxonomies(draw: st.DrawFn) -> Taxonomy:
    """Records that make sense together: those that do not are left out one by one."""
    known = NO_CHANGES
    for record in draw(st.lists(records(), max_size=7)):
        try:
            known = with_record(known, record)
        except SettingError:
            continue
    return known


@given(taxonomies(), names, st.none() | moments)
def test_no_label_ever_means_a_queue_that_is_gone(known: Taxonomy, label: str, said_at: datetime | None) -> None:
    meant = known.today(label, said_at)
    assert meant is None or known.is_live(meant)
    latest = known.latest(label)
    assert latest is None or known.is_live(latest)
    assert all(known.is_live(queue) for queue in known.described())


@given(taxonomies(), names, moments)
def test_what_was_read_once_reads_as_the_same_again(known: Taxonomy, label: str, said_at: datetime) -> None:
    """The names of today are said today."""
    meant = known.today(label, said_at)
    assume(meant is not None and known.records)
    assert meant is not None
    for moment in (known.records[-1].at, day(100)):
        assert known.today(meant, moment) == meant
    assert known.latest(meant) == meant


@given(taxonomies(), st.randoms(use_true_random=False), names, moments)
def test_the_order_in_which_records_are_given_does_not_matter(
    known: Taxonomy, chance: object, label: str, said_at: datetime
) -> None:
    given_records = list(known.records)
    chance.shuffle(given_records)  # type: ignore[attr-defined]
    again = read_taxonomy(taxonomy_json(Taxonomy(tuple(given_records))))
    assert again == known
    assert again.today(label, said_at) == known.today(label, said_at)


@given(taxonomies(), names, moments, moments)
def test_reading_in_two_steps_is_reading_at_once(
    known: Taxonomy, label: str, said_at: datetime, then: datetime
) -> None:
    """A history that was kept in the names of one day, and is read again later, says the same."""
    assume(said_at <= then)
    between = known.as_of(then).today(label, said_at)
    at_once = known.today(label, said_at)
    if between is not None:
        assert known.today(between, then) == at_once
    else:
        assert at_once is None


@given(taxonomies())
def test_the_setting_comes_back_as_it_was_written(known: Taxonomy) -> None:
    assert read_taxonomy(taxonomy_json(known)) == known
