"""Whether questions are to be prepared anew: something that they follow from has changed since.

Reads a few numbers of the journal, so that it may be asked every half minute. Prepares nothing itself.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from desk.asking_policy import ASKING_SETTING
from desk.shadow import SHADOW_SETTING
from desk.taxonomy_setting import TAXONOMY_SETTING
from journal.promotions import champion
from journal.questions import waiting
from journal.recent_answers import count_answers
from journal.settings import last_settings
from journal.spoken import new_statements

__all__ = ["BETWEEN", "ENOUGH", "reason_to_prepare"]

BETWEEN: Final = timedelta(hours=1)
"""Between two rounds, if anything came in meanwhile."""

ENOUGH: Final = 200
"""Tickets answered since the last round that are reason for the next before its time."""

_SOONEST: Final = timedelta(minutes=5)
_FOLLOWED: Final = (ASKING_SETTING, TAXONOMY_SETTING, SHADOW_SETTING)


def reason_to_prepare(engine: Engine, *, at: datetime, tried: datetime | None, tenant: str) -> str | None:
    """Why to prepare questions at `at`, in words; None where there is no reason, or no champion.

    tried: when this process last did; None where it has not. Raises `JournalUnavailableError`.
    """
    standing = champion(engine, tenant)
    if standing is None:
        return None
    prepared = waiting(engine, at=at, tenant=tenant).prepared_at
    last = max((moment for moment in (prepared, tried) if moment is not None), default=None)
    if last is None:
        return "nothing was ever prepared"
    if standing.since > last:
        return f"version {standing.version} answers since"
    settings = last_settings(engine, tenant)
    changed = [name for name in _FOLLOWED if name in settings and settings[name].at > last]
    if changed:
        return f"the setting {changed[0]} has changed"
    if at - last < _SOONEST:
        return None
    answers = count_answers(engine, last, tenant)
    if answers >= ENOUGH:
        return f"{answers:,} tickets were answered since"
    if at - last >= BETWEEN and (answers or new_statements(engine, last, tenant)):
        return "an hour has passed"
    return None
