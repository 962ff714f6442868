"""How much was said since a moment: verdicts and reports of outcomes. Knows nothing of what they say."""

from datetime import datetime

from sqlalchemy import Engine, func, select

from journal.database import reading
from journal.tables import DEFAULT_TENANT, outcomes, verdicts

__all__ = ["new_statements"]


def new_statements(engine: Engine, since: datetime | None, tenant: str = DEFAULT_TENANT) -> int:
    """Verdicts and reports that were received after `since`; all of them where it is None.

    Raises `JournalUnavailableError`.
    """
    count = 0
    with reading(engine) as connection:
        for table in (verdicts, outcomes):
            query = select(func.count()).where(table.c.tenant == tenant)
            if since is not None:
                query = query.where(table.c.received_at > since)
            count += connection.scalar(query) or 0
    return count
