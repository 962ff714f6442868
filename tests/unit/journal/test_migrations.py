"""A journal that an older build made is brought up to date with what it holds."""

from datetime import UTC, datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text

from desk.feedback import Verdict
from journal.database import MIGRATIONS, connect, migrate, revision, writing
from journal.keys import keys, make_key
from journal.label_decisions import decisions
from journal.suspects import open_suspects
from journal.verdicts import verdicts

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


def at_revision(url: str, number: str) -> Engine:
    """A journal as the build of that revision left it."""
    engine, config = connect(url), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, number)
    return engine


def test_keys_and_verdicts_of_before_the_console_are_as_they_were(database_url: str) -> None:
    engine = at_revision(database_url, "0007")
    said = '{"queue":"Billing","priority":null,"escalation":null,"comment":null,"saw_suggestion":true,"is_final":false}'
    with writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO keys (key_id, tenant, name, digest, scopes, created_at, created_by) "
                "VALUES ('4fGh7KpQx2Zt', 'default', 'helpdesk', 'd', '[\"feedback\"]', :at, 'carl')"
            ),
            {"at": AT},
        )
        connection.execute(
            text(
                "INSERT INTO verdicts "
                "(tenant, verdict_id, prediction_id, ticket_id, who, at, received_at, content, via) "
                "VALUES ('default', 'v', 'p', 't', 'ann', :at, :at, :said, 'file')"
            ),
            {"at": AT, "said": said},
        )
    migrate(engine)
    assert revision(engine) == "0010"
    (key,) = keys(engine)
    assert (key.name, key.scopes, key.person) == ("helpdesk", ("feedback",), None)
    (kept,) = verdicts(engine)
    assert (kept.who, kept.queue, kept.withdraws) == ("ann", "Billing", False)
    assert open_suspects(engine, most=1) == []
    assert "ix_verdicts_tenant_who_at" in {one["name"] for one in inspect(engine).get_indexes("verdicts")}
    made, _ = make_key(engine, b"x" * 16, "ann", ["feedback"], who="a test", at=AT, person=" Ann ")
    assert (made.person, Verdict("p", "ann", AT).withdraws) == ("Ann", False)
    engine.dispose()


def test_suspect_labels_of_before_stay_listed_and_decided(database_url: str) -> None:
    engine = at_revision(database_url, "0008")
    row = (
        "INSERT INTO suspects (tenant, head, ticket_id, version, given, likely, given_probability, likely_probability, "
        "quality, decision, decided_at, decided_by) VALUES "
        "('default', 'queue', :ticket, '3', 'Orders', 'Access', 0.1, 0.9, 0.2, :decision, :at, :who)"
    )
    with writing(engine) as connection:
        for ticket, decision in (("a", None), ("b", "kept"), ("c", "wrong")):
            told = {"ticket": ticket, "decision": decision, "at": decision and AT, "who": decision and "lena"}
            connection.execute(text(row), told)
    migrate(engine)
    (left,) = open_suspects(engine, most=9)
    assert (left.ticket_id, left.given, left.likely, left.shown) == ("a", "Orders", "Access", None)
    told_of = [(one.ticket_id, one.label, one.words, one.decided_at, one.decided_by) for one in decisions(engine)]
    assert told_of == [("b", "Orders", None, AT, "lena"), ("c", "Access", None, AT, "lena")]
    engine.dispose()
