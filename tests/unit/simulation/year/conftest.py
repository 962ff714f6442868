"""A short year in which everything changes within weeks, drawn once for all tests of it."""

from itertools import islice

import pytest

from simulation.year.settings import SampleYear
from simulation.year.world import Week, weeks_of

SHORT = SampleYear(weeks=10, tickets_a_week=300, history_weeks=2, launch=2, new_queue=4, rename=6, hostile=(8, 9))


@pytest.fixture(scope="session")
def short_year() -> SampleYear:
    return SHORT


@pytest.fixture(scope="session")
def weeks() -> dict[int, Week]:
    """Those of the history, numbers -1 and 0, and of the year, 1 to 10."""
    return {week.number: week for week in islice(weeks_of(SHORT), 12)}
