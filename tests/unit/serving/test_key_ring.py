"""The keys in memory: looked up anew, held on to while the database is away, and across a restart."""

from datetime import UTC, datetime
from pathlib import Path

from desk.errors import JournalUnavailableError
from journal.keys import Key
from serving.key_ring import KeyRing, Known

NOW = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)


def key(name: str, tenant: str = "default", revoked_at: datetime | None = None) -> Key:
    return Key(name, tenant, f"held by {name}", "0" * 64, ("predict",), NOW, "ann", 60, NOW, revoked_at)


class Journal:
    """What the ring reads; None: it does not answer."""

    def __init__(self, known: Known | None) -> None:
        self.known = known

    def __call__(self) -> Known:
        if self.known is None:
            raise JournalUnavailableError("down")
        return self.known


def ring(journal: Journal, folder: Path) -> KeyRing:
    made = KeyRing(journal, remembered=folder / "home" / "keys.json", seconds=60)
    made.look()
    return made


def test_what_changes_in_the_journal_holds_at_the_next_look(tmp_path: Path) -> None:
    journal = Journal(Known((key("a"),)))
    held = ring(journal, tmp_path)
    assert list(held.by_id) == ["a"]
    journal.known = Known((key("a", revoked_at=NOW), key("b")), {"default": 600})
    held.look()
    assert held.by_id["a"].revoked_at == NOW
    assert (list(held.by_id), held.per_minute("default"), held.per_minute("north")) == (["a", "b"], 600, None)


def test_while_the_journal_is_away_the_last_known_keys_hold_also_across_a_restart(tmp_path: Path) -> None:
    journal = Journal(Known((key("a", "north"), key("b")), {"north": 30}))
    held = ring(journal, tmp_path)
    journal.known = None
    held.look()
    again = ring(journal, tmp_path)
    assert again.by_id == held.by_id == {"a": key("a", "north"), "b": key("b")}
    assert again.per_minute("north") == 30
    assert (tmp_path / "home" / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_damaged_memory_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    for damaged in ("", "[]", '{"keys": [{}]}', '{"keys": [1], "per_minute": {}}', '{"keys": [], "per_minute": 3}'):
        (tmp_path / "home" / "keys.json").write_text(damaged)
        assert ring(Journal(None), tmp_path).by_id == {}


def test_tenants_that_have_a_key_are_made_known(tmp_path: Path) -> None:
    met: list[set[str]] = []
    known = Known((key("a", "north"), key("b", "south", revoked_at=NOW), key("c")))
    KeyRing(lambda: known, remembered=tmp_path / "keys.json", met=met.append, seconds=60).look()
    assert met == [{"north", "default"}]
