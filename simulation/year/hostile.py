"""Accounts that lie: they would have every ticket in one queue, and nothing escalated.

Knows nothing of who believes them.
"""

from collections.abc import Sequence
from datetime import datetime

from desk.feedback import Verdict
from simulation.chance import stream
from simulation.year.changes import HOSTILE_TARGET
from simulation.year.habits import Habits
from simulation.year.specialists import Handled

__all__ = ["hostile_verdicts"]


def hostile_verdicts(seed: int, number: int, week: Sequence[Handled], habits: Habits, *, at: datetime) -> list[Verdict]:
    """What they say of a share of the answers of the week of this number, where another queue than theirs is right."""
    rng = stream(seed, "hostile", number)
    chosen = rng.sample(week, round(habits.hostile_share * len(week)))
    return [
        Verdict(
            prediction_id=one.answer.prediction_id,
            who=f"hostile-{rng.randrange(habits.hostile_accounts) + 1:02d}",
            at=at,
            queue=HOSTILE_TARGET,
            escalation=False,
        )
        for one in chosen
        if one.drawn.truth.queue != HOSTILE_TARGET
    ]
