"""How much was said since a moment: verdicts, reports of outcomes, labels put right. Knows nothing of what they say."""

from datetime import datetime

from sqlalchemy import Engine, func, select

from journal.database import reading
from journal.tables import DEFAULT_TENANT, label_decisions, outcomes, verdicts

__all__ = ["new_statements"]


def new_statements(engine: Engine, since: datetime | None, tenant: str = DEFAULT_TENANT) -> int:
    """Verdicts and reports that were received, and labels that were put right, after `since`; all where it is None.

    Raises `JournalUnavailableError`.
    """
    count = 0
    with reading(engine) as connection:
        for table in (verdicts, outcomes):
            query = select(func.count()).where(table.c.tenant == tenant)
            if since is not None:
                query = query.where(table.c.received_at > since)
            count += connection.scalar(query) or 0
        # Those of tickets that were answered are verdicts as well.
        right = (label_decisions.c.label != label_decisions.c.given) & label_decisions.c.prediction_id.is_(None)
        query = select(func.count()).where(label_decisions.c.tenant == tenant, right)
        if since is not None:
            query = query.where(label_decisions.c.decided_at > since)
        return count + (connection.scalar(query) or 0)
