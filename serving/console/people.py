"""`GET /console/people`: how far each person agrees, with the suggestions and with others. Knows no formula."""

from starlette.responses import Response

from desk.agreement import FEWEST, Agreement, agreement_of
from serving.console.visit import Visit
from serving.console.waiting import votes_now
from serving.replying import asked_of_journal

__all__ = ["answer_people"]


async def answer_people(visit: Visit) -> Response:
    """`GET /console/people`."""
    return visit.page("people.html", people=await asked_of_journal(_people, visit), fewest=FEWEST)


def _people(visit: Visit) -> list[Agreement]:
    return agreement_of(vote for votes in votes_now(visit).votes.values() for vote in votes)
