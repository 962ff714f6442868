"""What the next version would be made from, and what of it is new since the champion.

Knows neither how it is learned nor who is better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import Engine

from desk.outcome import ResolvedTicket
from desk.taxonomy_setting import taxonomy_json
from desk.votes import Vote
from desk.waiting import Waiting, waiting_in
from journal.decided import taxonomy_in
from journal.environment import Environment
from journal.histories import History as RegisteredHistory
from journal.histories import histories
from training.gathering.gathering import Gathered, gathered, known_labels, nothing_given
from training.gathering.said import said_of
from training.golden_set import read_golden_rule
from training.histories.desk_config import DeskConfig
from training.histories.read_through import through
from training.histories.store import load_history
from training.histories.unerased import without_erased
from training.lots import lot
from training.taught import Taught, newest_rows

__all__ = ["Material", "material", "waiting"]

FEWEST_JUDGED: Final = 50
"""New rows, below which they tell nobody which of two versions is better."""

MOST_JUDGED: Final = 5_000
"""New rows, the last: of more a proof is no surer, and each is asked about twice."""

PARTS: Final = 3
"""Into which the new rows are dealt. Who speaks of one part has learned from the others, so knows most that is new."""

_FORMAT: Final = b"pointsman retraining 1\n"


@dataclass(frozen=True, slots=True)
class Material:
    """found: the rows. config: of the desk. given: the history they rest on, None where none was ever given.

    subject: digest of all that the next version would follow from, and would be judged by.
    """

    found: Gathered
    config: DeskConfig
    given: RegisteredHistory | None
    subject: str

    @property
    def rows(self) -> Sequence[ResolvedTicket]:
        """The rows that teach."""
        return self.found.history.rows

    def dealt(self, taught: Taught) -> list[list[ResolvedTicket]]:
        """The rows that judge, those that the champion never learned from, dealt by lot; copies fall into one part.

        None where they are too few to tell two versions apart.
        """
        judging = newest_rows(self.rows, taught)[-MOST_JUDGED:]
        if len(judging) < FEWEST_JUDGED:
            return []
        parts: list[list[ResolvedTicket]] = [[] for _ in range(PARTS)]
        for row in judging:
            parts[lot(row.ticket, PARTS, "judging")].append(row)
        return [rows for rows in parts if rows]


def material(environment: Environment, engine: Engine, at: datetime) -> Material:
    """Put together what is known at `at`: the history that was last given to `train`, outcomes, votes that count.

    Raises `HistoryError` where the kept history cannot be read, `SettingError`, `JournalUnavailableError`.
    """
    return _put_together(environment, engine, at)[0]


def waiting(environment: Environment, engine: Engine, at: datetime) -> list[Waiting]:
    """The verdicts that wait for a second person, or for a final word. Raises as `material` does."""
    found, votes = _put_together(environment, engine, at)
    return waiting_in(votes, found.found.contested)


def _put_together(
    environment: Environment, engine: Engine, at: datetime
) -> tuple[Material, Mapping[str, Sequence[Vote]]]:
    given = max(
        (one for one in histories(engine, environment.tenant) if one.source == "given"),
        key=lambda one: (one.given_at, one.digest),
        default=None,
    )
    config = DeskConfig.from_json(given.desk_config) if given and given.desk_config else DeskConfig()
    history = nothing_given() if given is None else load_history(environment.home / given.path)
    history = without_erased(history, environment, engine)
    taxonomy = taxonomy_in(engine, environment.tenant).as_of(at)
    history = through(history, taxonomy, config.columns.get("queue"))
    said = said_of(engine, environment.tenant, (row.ticket.id for row in history.rows), taxonomy)
    rule = read_golden_rule(given.golden if given else None)
    found = gathered(history, config, said, rule, given_at=given.given_at if given else None, at=at)
    votes = said.votes(known_labels(history, config, said))
    return Material(found, config, given, _subject(found, config, given)), votes


def _subject(found: Gathered, config: DeskConfig, given: RegisteredHistory | None) -> str:
    what: dict[str, Any] = {
        "rows": found.history.digest,
        "golden": [row.ticket.id for row in found.golden],
        "hearsay": {head: sorted(names) for head, names in found.hearsay.items()},
        "standing": found.standing,
        "fair": found.fair,
        "config": config.to_json(),
        "order": list(found.history.known_priority_order),
        "given": None if given is None else given.digest,
        "taxonomy": taxonomy_json(found.history.read_through),
    }
    return sha256(_FORMAT + orjson.dumps(what, option=orjson.OPT_SORT_KEYS)).hexdigest()
