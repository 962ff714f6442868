from datetime import UTC, datetime

import orjson
import pytest
from sqlalchemy import Engine

from cli.scorers import Asked
from cli.scoring import answerer
from desk.errors import UnknownVersionError
from desk.prediction import Extras
from desk.ticket import Customer, Ticket
from journal.database import connect, migrate, writing
from journal.decided import demands_in, factor_policy_in, holdback_in
from journal.environment import Environment
from journal.identifiers import is_prediction_id
from journal.predictions import find_all, names, record
from models.manifest import check_hashes
from training.backtest.answering import answering_of, name_of, recorded

AT = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)
TICKETS = [
    Ticket("1", AT, "Printer", "the printer jams on every page, nobody here can work", customer=Customer("c1", "vip")),
    Ticket("2", AT, "", "I was charged twice on my invoice, no hurry", customer=Customer("c2", "standard")),
    Ticket("3", AT, "?", "qwrt zxcv"),
]


@pytest.fixture
def journal(home_copy: Environment) -> Engine:
    engine = connect(home_copy.database_url)
    migrate(engine)
    return engine


def test_answers_are_those_of_pointsman_score(home_copy: Environment, journal: Engine) -> None:
    rows = recorded(answering_of(home_copy, journal, "1", at=AT), [(one, AT) for one in TICKETS])
    folder, tenant = home_copy.versions / "1", home_copy.tenant
    asked = Asked(
        folder,
        check_hashes(folder),
        demands_in(journal, tenant),
        (),
        holdback_in(journal, tenant),
        factor_policy_in(journal, tenant),
        Extras(),
    )
    scored = [orjson.loads(line) for line in answerer(asked)(TICKETS).splitlines()]
    own = {"prediction_id": None, "journaled": False}
    assert [orjson.loads(orjson.dumps({**row.answer, **own})) for row in rows] == scored


def test_rows_are_journaled_under_names_that_come_again(home_copy: Environment, journal: Engine) -> None:
    answering = answering_of(home_copy, journal, "1", at=AT)
    rows = recorded(answering, [(one, AT) for one in TICKETS])
    for _ in range(2):
        with writing(journal) as connection:
            record(connection, recorded(answering, [(one, AT) for one in TICKETS]))
    expected = [name_of(one, AT, "default") for one in TICKETS]
    assert [row.prediction_id for row in rows] == expected
    assert all(is_prediction_id(name) for name in expected)
    found = find_all(journal, expected)
    assert {name: row.answer for name, row in found.items()} == {row.prediction_id: row.answer for row in rows}
    assert all(row.answer["journaled"] and row.version == "1" and row.at == AT for row in found.values())
    assert set(names(journal, datetime(2026, 11, 23, tzinfo=UTC))) == set(expected)
    assert names(journal, AT) == []


def test_a_version_that_there_is_not_is_asked_of_the_registry(home_copy: Environment, journal: Engine) -> None:
    with pytest.raises(UnknownVersionError):
        answering_of(home_copy, journal, "99", at=AT)
