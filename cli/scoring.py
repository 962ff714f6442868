"""Tickets to API answers, JSON a line. Knows neither files nor verbs, nor how many processes share the work."""

from collections.abc import Callable, Sequence

import orjson

from cli.scorers import Asked
from desk.answer import answer_of
from desk.ticket import Ticket
from models.queue_names import names_of
from models.scoring import predict
from models.storage import load_version
from models.terms import version_terms

__all__ = ["answerer", "import_the_rest"]


def import_the_rest() -> None:
    """Import what nearly every version needs when it is loaded: for who has nothing else to do until it is named."""
    import desk.contracts  # noqa: F401 - with SciPy


def answerer(asked: Asked) -> Callable[[Sequence[Ticket]], bytes]:
    """What answers tickets, a line each, by the version that is asked; all of it is made ready now.

    Raises `DamagedVersionError` where the version does not fit together.
    """
    version = load_version(asked.folder, checked=asked.manifest)
    version.forest  # noqa: B018 - made ready when it is first looked at: before there are tickets that wait for it
    terms = version_terms(version, asked.demands, asked.traffic, asked.holdback, asked.taxonomy, asked.fallbacks)
    names = names_of(version, asked.taxonomy)

    def line(ticket: Ticket) -> bytes:
        prediction = predict(version, ticket, extras=asked.extras, names=names)
        answer = answer_of(ticket, prediction, terms, prediction_id=None, journaled=False, policy=asked.policy)
        return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)

    return lambda tickets: b"".join(map(line, tickets))
