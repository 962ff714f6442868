import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, func, insert, select

from desk.errors import BackupError
from desk.feedback import OutcomeReport, Verdict
from journal import outcomes, verdicts
from journal.backup.form import TABLES, is_known
from journal.backup.making import make_backup
from journal.backup.opening import check_backup
from journal.backup.restoring import Restored, restore_backup
from journal.columns import Document
from journal.database import connect, migrate, reading, writing
from journal.environment import Environment, read_environment
from journal.erasures import Person, bury
from journal.label_decisions import decide, decisions
from journal.log import Log
from journal.outcomes import GivenReport
from journal.predictions import RecordedPrediction, count, find, record
from journal.promotions import promote, promotions
from journal.secret import installation_secret
from journal.settings import get_setting, put_setting
from journal.shadow import ShadowPrediction, shadow_counts, shadow_pairs
from journal.shadow import record as record_shadows
from journal.suspects import SuspectLabel, open_suspects, put_suspects
from journal.tables import metadata, repeats
from journal.verdicts import GivenVerdict

NOW = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
VERDICTS = [Verdict(f"{number:032x}", "ann", NOW, queue="Billing", comment="naïve \0") for number in range(2)]
REPORTS = [OutcomeReport(f"t{number}", NOW, {"resolved_at": NOW, "satisfaction": 0.1 + 0.2}) for number in range(2)]

SUSPECTS = [
    SuspectLabel("queue", f"h{number}", "Orders", "Access", 0.1, 0.9, 0.1, f"c-{number // 2}", NOW, "w", {"body": "\0"})
    for number in range(4)
]
"""Of tickets that only a history has: two of c-0, two of c-1."""


class Silent:
    def stage(self, name: str, steps: int) -> None: ...

    def step(self, steps: int = 1) -> None: ...


def row(number: int, customer: str = "c-1", at: datetime = NOW) -> RecordedPrediction:
    ticket = {"id": f"t{number}", "body": "naïve \0 \U0001f600", "customer": {"id": customer}}
    answer = {"queue": {"probability": 0.1 + 0.2, "label": "Billing"}}
    return RecordedPrediction(f"{number:032x}", "default", at, "1", ticket, answer, 0.4)


def shadow(number: int) -> ShadowPrediction:
    return ShadowPrediction(row(number).prediction_id, "2", {"said": number + 0.1, "version": "2"}, NOW)


@pytest.fixture
def source(engine: Engine, database_url: str, tmp_path: Path) -> Environment:
    """An installation with rows in every kind of place."""
    home = tmp_path / "source"
    with writing(engine) as connection:
        record(connection, [row(number, f"c-{number % 3}") for number in range(9)])
        record_shadows(connection, [shadow(number) for number in range(9)])
    heard = [GivenVerdict(one, row(number, f"c-{number}")) for number, one in enumerate(VERDICTS)]
    verdicts.record(engine, heard, via="file", received_at=NOW, secret=lambda: b"nobody was erased")
    outcomes.record(engine, [GivenReport(one) for one in REPORTS], via="file", received_at=NOW)
    put_suspects(engine, "1", SUSPECTS, at=NOW, secret=lambda: b"nobody was erased")
    assert all(decide(engine, "queue", one, "Access", who="ann", at=NOW) for one in ("h1", "h2"))
    promote(engine, "1", who="ann", why="first", at=NOW)
    put_setting(engine, "default_queue", "Front desk", who="ann", at=NOW)
    answer = {"answers": [{"prediction_id": row(0).prediction_id}, {"prediction_id": row(1).prediction_id}]}
    with writing(engine) as connection:
        connection.execute(
            insert(repeats).values(tenant="default", name="n", request="r", status=200, answer=answer, at=NOW)
        )
    (home / "versions" / "1").mkdir(parents=True)
    (home / "versions" / "1" / "manifest.json").write_text("{}")
    (home / "histories").mkdir()
    (home / "histories" / "abc.parquet").write_bytes(b"rows")
    (home / "champion.json").write_text('{"version": "1"}')
    with Log(home / "log") as log:
        log.write(row(100, "c-log"))
    return read_environment({"POINTSMAN_HOME": str(home), "POINTSMAN_DATABASE_URL": database_url})


@pytest.fixture
def backup(source: Environment, engine: Engine, tmp_path: Path) -> Path:
    make_backup(source, engine, tmp_path / "b.tar.gz", at=NOW, watching=Silent())
    return tmp_path / "b.tar.gz"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[tuple[Environment, Engine]]:
    environment = read_environment({"POINTSMAN_HOME": str(tmp_path / "target")})
    engine = connect(environment.database_url)
    migrate(engine)
    yield environment, engine
    engine.dispose()


def restored(target: tuple[Environment, Engine], path: Path, *, replace: bool = False) -> Restored:
    return restore_backup(*target, path, replace=replace, watching=Silent())


def test_what_was_backed_up_is_there_again_to_the_bit(
    backup: Path, target: tuple[Environment, Engine], source: Environment
) -> None:
    told = restored(target, backup)
    environment, engine = target
    assert (told.rows["predictions"], told.kept_out, told.made_at) == (9, 0, NOW)
    assert find(engine, row(7).prediction_id) == row(7, "c-1")
    assert find(engine, row(100).prediction_id) == row(100, "c-log")
    assert sorted(verdicts.verdicts(engine), key=lambda one: one.prediction_id) == VERDICTS
    assert sorted(outcomes.outcomes(engine), key=lambda one: one.ticket_id) == REPORTS
    assert [pair.shadow for pair in shadow_pairs(engine, "2")] == [shadow(number).answer for number in range(9)]
    assert [one.version for one in promotions(engine)] == ["1"]
    setting = get_setting(engine, "default_queue")
    assert setting is not None
    assert setting.value == "Front desk"
    assert (environment.versions / "1" / "manifest.json").read_text() == "{}"
    assert (environment.histories / "abc.parquet").read_bytes() == b"rows"
    assert (environment.home / "champion.json").exists()
    assert installation_secret(environment) == installation_secret(source)
    assert [one.name for one in environment.home.glob(".*")] == []


def test_tables_are_append_only_again(backup: Path, target: tuple[Environment, Engine]) -> None:
    from desk.errors import RowRefusedError

    restored(target, backup)
    with pytest.raises(RowRefusedError), writing(target[1]) as connection:
        connection.execute(TABLES["promotions"].delete())


def test_it_is_a_way_from_sqlite_to_postgresql(
    tmp_path: Path, postgres_database_url: str, request: pytest.FixtureRequest
) -> None:
    here = read_environment({"POINTSMAN_HOME": str(tmp_path / "here")})
    engine = connect(here.database_url)
    migrate(engine)
    with writing(engine) as connection:
        record(connection, [row(number) for number in range(1_200)])
    promote(engine, "1", who="ann", why="first", at=NOW)
    make_backup(here, engine, tmp_path / "b.tar", at=NOW, watching=Silent())
    engine.dispose()
    there = read_environment(
        {"POINTSMAN_HOME": str(tmp_path / "there"), "POINTSMAN_DATABASE_URL": postgres_database_url}
    )
    engine = connect(there.database_url)
    migrate(engine)
    restored((there, engine), tmp_path / "b.tar")
    assert count(engine).predictions == 1_200
    assert find(engine, row(1_111).prediction_id) == row(1_111)
    promote(engine, "2", who="ann", why="second", at=LATER)
    restored((there, engine), tmp_path / "b.tar", replace=True)
    assert [one.version for one in promotions(engine)] == ["1"]
    engine.dispose()


def test_a_journal_that_is_not_empty_is_not_replaced_unasked(backup: Path, target: tuple[Environment, Engine]) -> None:
    with writing(target[1]) as connection:
        record(connection, [row(500)])
    with pytest.raises(BackupError, match="is not empty"):
        restored(target, backup)
    assert find(target[1], row(500).prediction_id) == row(500)
    restored(target, backup, replace=True)
    assert find(target[1], row(500).prediction_id) is None
    assert count(target[1]).predictions == 10


def test_whoever_was_erased_since_stays_out(source: Environment, engine: Engine, backup: Path) -> None:
    person = Person.of("c-0", "default", installation_secret(source))
    bury(engine, person, who="ann", at=LATER)
    told = restored((source, engine), backup, replace=True)
    assert told.kept_out == 3
    assert told.buried == {("default", person.name)}
    assert find(engine, row(0).prediction_id) is None
    assert find(engine, row(1).prediction_id) == row(1, "c-1")
    assert (verdicts.verdicts(engine), outcomes.outcomes(engine)) == (VERDICTS[1:], REPORTS[1:])
    assert [one.predictions for one in shadow_counts(engine)] == [6]
    assert open_suspects(engine, most=9) == SUSPECTS[3:]
    assert [one.ticket_id for one in decisions(engine)] == ["h2"]
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(repeats)) == 0
    assert count(engine).tickets == 7


def test_the_file_is_for_its_owner_alone_and_replaces_the_one_before(backup: Path, source: Environment) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in backup.parent.glob(".*.part")] == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw[:3000] + bytes([raw[3000] ^ 1]) + raw[3001:],
        lambda _: b"no tar at all",
        lambda _: b"",
        lambda raw: b"\x1f\x8b" + raw[2:],
    ],
    ids=["cut short", "a bit flipped", "nonsense", "empty", "no gzip"],
)
def test_a_damaged_file_is_refused_and_touches_nothing(
    damage: Callable[[bytes], bytes], backup: Path, target: tuple[Environment, Engine]
) -> None:
    raw = gzip.decompress(backup.read_bytes())
    backup.write_bytes(damage(raw))
    with pytest.raises(BackupError):
        restored(target, backup, replace=True)
    assert count(target[1]).predictions == 0
    assert not target[0].versions.exists()


def crafted(path: Path, change: Callable[[tarfile.TarInfo], None], name: str = "log/x.segment") -> None:
    with tarfile.open(path, "w") as tar:
        about = tarfile.TarInfo(name)
        about.size = 1
        change(about)
        tar.addfile(about, io.BytesIO(b"x"))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "log/../../evil",
        "/etc/passwd",
        "home//x",
        "elsewhere/x",
        "log/.",
        "home/a\\b",
        "log",
        "log/" + "x" * 300,
    ],
)
def test_names_that_lead_elsewhere_are_none_of_a_backups(name: str, tmp_path: Path) -> None:
    assert not is_known(name)
    crafted(tmp_path / "b.tar", lambda _: None, name)
    with pytest.raises(BackupError):
        check_backup(tmp_path / "b.tar")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path) -> None:
    def change(about: tarfile.TarInfo) -> None:
        about.type, about.linkname = kind, "/etc/passwd"

    crafted(tmp_path / "b.tar", change)
    with pytest.raises(BackupError):
        check_backup(tmp_path / "b.tar")


def test_another_format_is_refused_by_its_number(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        manifest = orjson.dumps({"format": 99, "files": {}})
        about = tarfile.TarInfo("manifest.json")
        about.size = len(manifest)
        tar.addfile(about, io.BytesIO(manifest))
    with pytest.raises(BackupError, match="format 99; this build reads 1"):
        check_backup(tmp_path / "b.tar")


def test_every_table_is_in_a_backup_with_every_column() -> None:
    assert TABLES.keys() == metadata.tables.keys()
    for name, table in metadata.tables.items():
        assert TABLES[name].columns.keys() == table.columns.keys()
        assert not any(isinstance(one.type, Document) for one in TABLES[name].columns)


def test_a_tables_rows_come_after_those_that_they_refer_to() -> None:
    order = list(TABLES)
    for name, table in metadata.tables.items():
        for key in table.foreign_keys:
            assert order.index(key.column.table.name) < order.index(name)
