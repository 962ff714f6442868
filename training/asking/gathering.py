"""The tickets that people may be asked about: answered lately, and of which nobody has settled the queue.

Reads the journal; what counts as settled is `desk.settled`. Knows nothing of what an answer is worth.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from desk.asking_policy import ASKING_SETTING, AskingPolicy, read_asking
from desk.outcome_reports import merged
from desk.settled import settled
from desk.taxonomy import Taxonomy
from journal.recent_answers import RecentAnswer, recent_answers
from journal.settings import get_setting
from models.version import Version
from training.gathering.said import Said, said_of

__all__ = ["MOST", "asking_policy", "resolved_in", "suggested_queue", "unlabelled"]

MOST: Final = 20_000
"""Tickets, the last, that are looked at."""


def asking_policy(engine: Engine, tenant: str) -> AskingPolicy:
    """The policy that holds. Raises `SettingError` where the setting is none."""
    setting = get_setting(engine, ASKING_SETTING, tenant)
    return read_asking(None if setting is None else setting.value)


def unlabelled(
    engine: Engine,
    policy: AskingPolicy,
    taxonomy: Taxonomy,
    *,
    known: Collection[str],
    resolved: Collection[str],
    at: datetime,
    tenant: str,
) -> list[RecentAnswer]:
    """The newest answer to each ticket of the policy's window that a version gave, and that has no label of a queue.

    The newest first. known: queues that anybody may name; a vote for another one waits and settles nothing. resolved:
    ids of tickets whose queue is known from elsewhere. Raises `JournalUnavailableError`, `SettingError`.
    """
    since = at - timedelta(days=policy.window_days)
    found = [one for one in recent_answers(engine, since, at, MOST, tenant) if one.ticket_id not in resolved]
    said = said_of(engine, tenant, (), taxonomy, only={one.ticket_id for one in found})
    done = _settled(said, known)
    return [one for one in found if one.ticket_id not in done and _is_answered(one)]


def _is_answered(one: RecentAnswer) -> bool:
    """Whether a version suggested a queue: who is asked about a default would confirm what nobody said."""
    return bool(one.answer["queue"].get("why") != "head_missing")


def suggested_queue(one: RecentAnswer, taxonomy: Taxonomy) -> str | None:
    """The queue that was answered, as it is called today; None where it is the default one, or is no more."""
    queue = one.answer.get("queue", {})
    if queue.get("label") is None or queue.get("probability") is None:
        return None
    return taxonomy.today(str(queue["label"]), one.at)


def resolved_in(version: Version) -> frozenset[str]:
    """Ids of the tickets whose queue the version learned, of the newest that it has by heart."""
    similar = version.similar
    if similar is None:
        return frozenset()
    return frozenset(similar.ids[row] for row in range(len(similar)) if similar.facts[row, 0] >= 0)


def _settled(said: Said, known: Collection[str]) -> set[str]:
    votes = said.votes({"queue": {*known, *said.labels("queue")}})
    return {
        name
        for name, one in said.tickets.items()
        if settled("queue", merged(one.reports), one.answers, votes.get(name, ()), said.policy).label is not None
    }
