"""A journaled answer made again: the same ticket, the version that answered, the settings that held then.

What is taken from the record: the ticket, what was asked for, the default queue, the cuts of escalation, the heads that
had too little history, the share of tickets kept from automation, and which records of the taxonomy had come about.
What is made again: every number of the version, the thresholds of contracts from the version's evidence and the
recorded revisions of the demands and of the labels in breach, the score from the recorded revision of its weights, the
names of queues from the recorded revision of the taxonomy, and the modes that follow. Knows no HTTP.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from pydantic import ValidationError
from sqlalchemy import Engine

from desk.demands import SETTING
from desk.errors import ReplayError
from desk.factors import FACTOR_SETTING
from desk.fallbacks import FALLBACKS_SETTING
from desk.modes import NO_TERMS, Terms
from desk.prediction import Extras
from desk.taxonomy import Taxonomy
from desk.taxonomy_setting import TAXONOMY_SETTING
from desk.ticket import Ticket
from journal.predictions import RecordedPrediction
from journal.settings import Setting, get_revision
from models.queue_names import names_of
from models.terms import version_terms
from models.version import Version
from serving.basis import Basis, read_basis
from serving.holding import Champion
from serving.journaling import demands_in, fallbacks_in, policy_in, taxonomy_in
from serving.ticket_body import TicketBody, ticket_of
from serving.triage import answer_by

__all__ = ["Replay", "differences_of", "replay"]

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer made again, and the paths at which it is not the one that was given, such as `queue.top[1].label`."""

    answer: dict[str, Any]
    differences: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As the API and `pointsman replay --json` say it."""
        return {"same": not self.differences, "answer": self.answer, "differences": list(self.differences)}


def replay(engine: Engine, found: RecordedPrediction, version_of: Callable[[str], Version]) -> Replay:
    """Make the answer again; `version_of` gives a version by name, which may take seconds, and so does this.

    Raises `ReplayError` where the row or the journal's settings do not say enough, `JournalUnavailableError`, and what
    `version_of` raises.
    """
    basis = read_basis(found.basis)
    champion = _champion(engine, found, basis, version_of)
    given = answer_by(champion, _ticket(found), _extras(found), found.prediction_id)
    answer = orjson.loads(orjson.dumps(given))
    return Replay(answer, tuple(differences_of(found.answer, answer)))


def differences_of(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """The paths at which two JSON values are not the same to the bit; 1 is not 1.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            below = f"{path}.{name}" if path else name
            yield from differences_of(one.get(name, _ABSENT), other.get(name, _ABSENT), below)
    elif isinstance(one, list) and isinstance(other, list):
        for place in range(max(len(one), len(other))):
            was, now = (found[place] if place < len(found) else _ABSENT for found in (one, other))
            yield from differences_of(was, now, f"{path}[{place}]")
    elif _ABSENT in (one, other) or orjson.dumps(one) != orjson.dumps(other):
        yield path


def _champion(
    engine: Engine, found: RecordedPrediction, basis: Basis, version_of: Callable[[str], Version]
) -> Champion:
    """What answered then, as far as it is known."""
    factors = _revision(engine, FACTOR_SETTING, basis.priority_factors, found.tenant)
    policy = policy_in(factors)
    if policy is None:
        raise ReplayError(f"Revision {basis.priority_factors} of {FACTOR_SETTING!r} cannot be read by this build.")
    version = None if found.version is None else version_of(found.version)
    taxonomy = _taxonomy(engine, found, basis)
    terms = _terms(engine, found, basis, version, taxonomy)
    names = None if version is None else names_of(version, taxonomy)
    revisions = basis.contracts, basis.priority_factors
    default, changes = basis.default_queue, (basis.taxonomy, basis.fallbacks)
    return Champion(version, None, default, terms, policy, *revisions, names, *changes)


def _taxonomy(engine: Engine, found: RecordedPrediction, basis: Basis) -> Taxonomy:
    """The records that had come about."""
    revision, count = basis.taxonomy
    taxonomy = taxonomy_in(_revision(engine, TAXONOMY_SETTING, revision, found.tenant))
    if taxonomy is None:
        raise ReplayError(f"Revision {revision} of {TAXONOMY_SETTING!r} cannot be read by this build.")
    return taxonomy.first(count)


def _terms(
    engine: Engine, found: RecordedPrediction, basis: Basis, version: Version | None, taxonomy: Taxonomy
) -> Terms:
    known = NO_TERMS
    if version is not None and basis.contracts is not None:
        demands = demands_in(_revision(engine, SETTING, basis.contracts, found.tenant))
        if demands is None:
            raise ReplayError(f"Revision {basis.contracts} of {SETTING!r} cannot be read by this build.")
        fallbacks = fallbacks_in(_revision(engine, FALLBACKS_SETTING, basis.fallbacks, found.tenant))
        if fallbacks is None:
            raise ReplayError(f"Revision {basis.fallbacks} of {FALLBACKS_SETTING!r} cannot be read by this build.")
        known = version_terms(version, demands, taxonomy=taxonomy, fallbacks=fallbacks)
    return replace(known, cuts=basis.cuts, too_little=basis.too_little, holdback=basis.holdback)


def _revision(engine: Engine, name: str, number: int, tenant: str) -> Setting | None:
    """The revision that held; None for number 0, before the first."""
    setting = None if number == 0 else get_revision(engine, name, number, tenant)
    if setting is None and number != 0:
        raise ReplayError(f"Which {name!r} held when this was answered is not known any more.")
    return setting


def _ticket(found: RecordedPrediction) -> Ticket:
    try:
        return ticket_of(TicketBody.model_validate(found.ticket))
    except ValidationError:
        raise ReplayError("The ticket as it was journaled is none that this build takes.") from None


def _extras(found: RecordedPrediction) -> Extras:
    asked = found.asked or {}
    similar, explain = asked.get("similar", 0), asked.get("explain", False)
    if not (isinstance(similar, int) and isinstance(explain, bool)):
        raise ReplayError("What was asked for beside the answer was not kept in a form that this build reads.")
    return Extras(similar, explain)
