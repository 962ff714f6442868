"""One year of the sample desk, drawn once for all tests of it."""

import pytest

from desk.outcome import ResolvedTicket
from simulation.sample import SampleDesk, generate


@pytest.fixture(scope="session")
def year() -> list[ResolvedTicket]:
    return list(generate(SampleDesk()))
