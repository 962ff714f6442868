"""Keeps a history beside the journal, which remembers where it is. Knows nothing of what is learned from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from journal.environment import Environment
from journal.histories import History as RegisteredHistory
from journal.histories import register_history
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.store import keep_history

__all__ = ["keep"]


def keep(
    engine: Engine, environment: Environment, history: History, config: DeskConfig, *, at: datetime, **more: Any
) -> None:
    """Keep a history beside the journal, and write down in the journal where it is.

    more: as `journal.histories.History` has it: `source`, `golden`, `allowed_leakage`.
    """
    moments = [row.ticket.created_at for row in history.rows if row.ticket.created_at is not None]
    kept = keep_history(history, environment.home).relative_to(environment.home)
    register_history(
        engine,
        RegisteredHistory(
            digest=history.digest,
            path=kept.as_posix(),
            row_count=len(history.rows),
            given_at=at,
            first_created_at=min(moments, default=None),
            last_created_at=max(moments, default=None),
            label_rule=history.label_rule or None,
            desk_config=config.to_json(),
            **more,
        ),
        environment.tenant,
    )
