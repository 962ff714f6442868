"""What people said of tickets that two versions answer otherwise: how many more would be right with one than the other.

On all other tickets both are right or both are wrong, so these alone tell them apart (McNemar, 1947), and a few of
them, drawn by chance, tell more than hundreds of tickets do on which both agree. Knows neither versions nor people.
"""

import math
from dataclasses import dataclass
from typing import Final

__all__ = ["FEWEST_TOLD", "Tally"]

FEWEST_TOLD: Final = 10
"""Tickets of which people told, below which nothing is made of them."""

_Z: Final = 1.959964
"""Of a normal distribution's two-sided interval at 95 %."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One head's count.

    tickets: that both versions answered. differing: those that they answer otherwise. told: of these, drawn by chance,
    those of which people said the label. champion, challenger: of what was told, how often theirs was the label;
    neither may be.
    """

    tickets: int
    differing: int
    told: int
    champion: int
    challenger: int

    @property
    def share(self) -> float:
        """Of all tickets, those that are answered otherwise."""
        return self.differing / self.tickets if self.tickets else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """How many more of all tickets are right with the challenger, as a share, at 95 %; NaN where nothing was told.

        Source: Bonett and Price, "Adjusted Wald confidence interval for a difference of binomial proportions based on
        paired data", Journal of Educational and Behavioral Statistics 37 (2012), on the tickets that were told, times
        the share that differs.
        """
        if not self.told:
            return math.nan, math.nan
        rows = self.told + 2
        mine, theirs = (self.challenger + 1) / rows, (self.champion + 1) / rows
        middle = mine - theirs
        around = _Z * math.sqrt((mine + theirs - middle**2) / rows)
        low, high = max(middle - around, -1.0), min(middle + around, 1.0)
        return self.share * low, self.share * high
