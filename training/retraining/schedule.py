"""Whether the next version is due: by the clock, by what came in, by what the watch found.

Reads the journal and computes when a cron expression is due. Makes nothing itself and knows no loop.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from desk.errors import SettingError
from desk.retraining_policy import (
    NEVER,
    RETRAINING_SETTING,
    Circumstances,
    RetrainingPolicy,
    read_retraining_policy,
    reason_to_decide,
    reason_to_retrain,
)
from journal.environment import Environment
from journal.jobs import last_job
from journal.promotions import champion
from journal.settings import get_setting
from journal.spoken import new_statements
from training.retraining.retraining import KIND
from training.run_off.tallying import told_since

__all__ = ["next_due", "reason_now", "retraining_policy", "run_off_due"]


def retraining_policy(environment: Environment, engine: Engine) -> RetrainingPolicy:
    """The policy that holds. Raises `SettingError` where the setting is none."""
    setting = get_setting(engine, RETRAINING_SETTING, environment.tenant)
    return read_retraining_policy(None if setting is None else setting.value)


def next_due(policy: RetrainingPolicy, after: datetime) -> datetime | None:
    """When the clock says so next, later than `after`; None where it never does. Raises `SettingError`."""
    if policy.cron == NEVER:
        return None
    from apscheduler.triggers.cron import CronTrigger

    try:
        trigger = CronTrigger.from_crontab(policy.cron, timezone=ZoneInfo(policy.timezone))
    except ValueError as error:
        expected = f"cannot be read as a cron expression ({error})"
        raise SettingError(
            f"'cron' in {RETRAINING_SETTING!r} {expected}: {policy.cron!r}.", field="cron", expected=expected
        ) from None
    due: datetime | None = trigger.get_next_fire_time(after, after)
    return due


def reason_now(
    environment: Environment,
    engine: Engine,
    *,
    now: datetime,
    tried: datetime | None,
    began: datetime,
    found: Sequence[str] = (),
) -> str | None:
    """Why to make the next version now, or None.

    tried: when this process last tried; None where it has not. began: when it began to look, from which on the clock
    counts where nothing was ever made. found: what the watch last found, in words. Raises `SettingError`,
    `JournalUnavailableError`.
    """
    policy = retraining_policy(environment, engine)
    job, standing = last_job(engine, KIND, environment.tenant), champion(engine, environment.tenant)
    moments = [moment for moment in (job and job.began_at, standing and standing.since, tried) if moment]
    last = max(moments, default=None)
    return reason_to_retrain(
        policy,
        Circumstances(
            now=now,
            last_attempt=last,
            clock_due=next_due(policy, last or began),
            new_labels=new_statements(engine, last, environment.tenant),
            found=found,
        ),
    )


def run_off_due(environment: Environment, engine: Engine, *, tried: datetime | None) -> str | None:
    """Why to judge an undecided challenger now, or None. tried: when this process last did.

    Raises `SettingError`, `JournalUnavailableError`.
    """
    told = told_since(engine, tried, environment.tenant)
    return reason_to_decide(retraining_policy(environment, engine), told)
