"""`GET /console/search`: tickets by what they say, by id or by queue. Knows not how they are found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from journal.answered import Scored
from journal.questions import find_questions
from journal.searching import AMONG, search
from journal.verdicts import verdicts_on
from serving.console.visit import Visit
from serving.replying import asked_of_journal

__all__ = ["answer_search"]

MOST: Final = 50
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that was found. queue: as suggested, None where that is hidden from whoever is asked about it."""

    prediction_id: str
    ticket_id: str
    subject: str
    at: datetime
    queue: str | None
    said: str | None


async def answer_search(visit: Visit) -> Response:
    """`GET /console/search`."""
    text = visit.asked("q")[:LONGEST]
    hits = await asked_of_journal(_hits, visit, text) if text else []
    return visit.page("search.html", text=text, hits=hits, most=MOST, among=AMONG)


def _hits(visit: Visit, text: str) -> list[Hit]:
    found = search(visit.engine, text, most=MOST, tenant=visit.tenant)
    names = [one.prediction_id for one in found]
    asked = find_questions(visit.engine, names, visit.tenant)
    hidden = {name for name, one in asked.items() if one.is_unaided}
    said = {
        one.verdict.prediction_id: None if one.verdict.withdraws else one.verdict.queue
        for one in verdicts_on(visit.engine, names, visit.tenant)
        if one.verdict.who == visit.person
    }
    return [_hit(one, hidden, said) for one in found]


def _hit(one: Scored, hidden: set[str], said: dict[str, Any]) -> Hit:
    ticket, name = one.ticket, one.prediction_id
    subject = str(ticket.get("subject") or ticket.get("body") or "")[:200]
    queue = None if name in hidden else str(one.answer["queue"]["label"])
    return Hit(name, str(ticket["id"]), subject, one.at, queue, said.get(name))
