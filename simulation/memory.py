"""What the desk knows of its own past while a history is lived through: open tickets, recent escalations, the load.

Forgets what no later ticket can ask for. Knows nothing of texts and labels.
"""

from collections import defaultdict, deque
from datetime import datetime, timedelta
from heapq import heappop, heappush

from simulation.attributes import Standing
from simulation.chance import stream
from simulation.handling import Handling

__all__ = ["USUAL_DAYS", "DeskMemory"]

RECENT = timedelta(days=120)
USUAL_DAYS = 4.0
"""Days that a ticket stays open on average: with the arrivals a day, the usual number of open tickets."""

LEAST_LOAD, MOST_LOAD = 0.6, 2.2
STAFFING_NOISE = 0.16
"""Leave and sickness, by week, as the standard deviation of the logarithm."""


class DeskMemory:
    """Asked in the order of the openings; a moment of the past cannot be asked again."""

    def __init__(self, tickets_a_day: float, seed: int) -> None:
        self.usual = tickets_a_day * USUAL_DAYS
        self.seed = seed
        self.absences: dict[tuple[int, int], float] = {}
        self.open: list[datetime] = []
        self.account_open: dict[str, list[datetime]] = defaultdict(list)
        self.escalations: dict[str, deque[datetime]] = defaultdict(deque)

    def standing(self, at: datetime, account: str) -> Standing:
        """What the desk can say at this moment; an escalation counts from the moment when it happened."""
        while self.open and self.open[0] <= at:
            heappop(self.open)
        self.account_open[account] = [end for end in self.account_open[account] if end > at]
        past = self.escalations[account]
        while past and past[0] < at - RECENT:
            past.popleft()
        return Standing(len(self.open), len(self.account_open[account]), sum(moment <= at for moment in past))

    def load(self, at: datetime) -> float:
        """Open tickets relative to the usual number, with the week's staffing; about 1."""
        share = (len(self.open) + 5.0) / (self.usual + 5.0)
        return min(MOST_LOAD, max(LEAST_LOAD, share)) * self._absence(*at.isocalendar()[:2])

    def _absence(self, year: int, week: int) -> float:
        if (year, week) not in self.absences:
            absence = stream(self.seed, "week", year, week).lognormvariate(0.0, STAFFING_NOISE)
            self.absences[year, week] = absence
        return self.absences[year, week]

    def remember(self, account: str, handling: Handling) -> None:
        """Take in how a ticket went; nothing of it is told before its time."""
        heappush(self.open, handling.resolved_at)
        self.account_open[account].append(handling.resolved_at)
        if handling.escalated:
            self.escalations[account].append(handling.events[-1].at)
            self.escalations[account] = deque(sorted(self.escalations[account]))
