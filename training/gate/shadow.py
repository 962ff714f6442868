"""What a version said in shadow beside the one that answered: how often they agree, and how often each was right.

Right is what the desk's labels say by which versions may be compared, as at the gate: outcomes and votes that count, of
people who saw neither answer. Knows neither how shadows come about nor who may promote.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Engine

from desk.heads import Head, label_of
from desk.past_answers import PastAnswer, past_answer
from desk.taxonomy import Taxonomy
from journal.decided import taxonomy_in
from journal.histories import histories
from journal.shadow import ShadowPair, shadow_pairs
from journal.tables import DEFAULT_TENANT
from training.evidence.reliability import wilson
from training.gathering.gathering import gathered, nothing_given
from training.gathering.said import said_of
from training.golden_set import GoldenRule
from training.histories.desk_config import DeskConfig

__all__ = ["InShadow", "ShadowHead", "Share", "in_shadow"]

_HEADS: Final[tuple[Head, ...]] = ("queue", "priority", "escalation")

Labels = Mapping[Head, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Share:
    """count of `of`, as a share between 0 and 1 with its 95 % interval."""

    count: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ShadowHead:
    """One head. agreed: of the tickets to which both answered; of escalation, whether both or neither would escalate.

    champion, challenger: right, of the tickets with such a label; None where there are none. only_champion,
    only_challenger: tickets of which one of the two alone was right.
    """

    agreed: Share
    champion: Share | None
    challenger: Share | None
    only_champion: int
    only_challenger: int


@dataclass(frozen=True, slots=True)
class InShadow:
    """version: in shadow; champion: that it stood beside last, None where nothing was scored yet.

    scored: answers in shadow; failed: those of them that were none. tickets: compared, each by its last answer. other:
    tickets that stood beside another version than `champion`, and are left out.
    """

    version: str
    champion: str | None
    scored: int
    failed: int
    tickets: int
    other: int
    heads: Mapping[Head, ShadowHead]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def in_shadow(engine: Engine, version: str, at: datetime, tenant: str = DEFAULT_TENANT) -> InShadow:
    """What the journal knows of `version` in shadow, in the queues' names of `at`.

    Raises `JournalUnavailableError`, `SettingError` where a setting that it needs cannot be read.
    """
    taxonomy = taxonomy_in(engine, tenant).as_of(at)
    last: dict[str, ShadowPair] = {}
    scored = failed = 0
    for pair in shadow_pairs(engine, version, tenant):
        scored += 1
        if pair.shadow["version"] is None:
            failed += 1
        elif pair.champion is not None:
            last[pair.ticket_id] = pair
    champion = max(last.values(), key=lambda pair: pair.at).champion if last else None
    compared = {name: pair for name, pair in last.items() if pair.champion == champion}
    sides = {name: _sides(pair, taxonomy) for name, pair in compared.items()}
    labels = _labels(engine, tenant, taxonomy) if sides else {}
    heads = {head: one for head in _HEADS if (one := _head(head, sides, labels.get(head, {}))) is not None}
    return InShadow(version, champion, scored, failed, len(compared), len(last) - len(compared), heads)


def _sides(pair: ShadowPair, taxonomy: Taxonomy) -> tuple[Mapping[Head, str], Mapping[Head, str]]:
    """What either said, by head."""
    answers = (past_answer(one, pair.at) for one in (pair.answer, pair.shadow))
    champion, challenger = (_said(one, taxonomy) for one in answers)
    return champion, challenger


def _said(answer: PastAnswer, taxonomy: Taxonomy) -> dict[Head, str]:
    said = {
        head: one.label for head, one in answer.heads.items() if one.label is not None and one.probability is not None
    }
    if "queue" in said:
        said["queue"] = taxonomy.today(said["queue"], answer.at) or said["queue"]
    return said


def _labels(engine: Engine, tenant: str, taxonomy: Taxonomy) -> Labels:
    """Of each head the labels by which versions may be compared, by ticket."""
    given = max(
        (one for one in histories(engine, tenant) if one.source == "given"), key=lambda one: one.given_at, default=None
    )
    config = DeskConfig.from_json(given.desk_config) if given and given.desk_config else DeskConfig()
    found = gathered(nothing_given(), config, said_of(engine, tenant, (), taxonomy), GoldenRule())
    labels: dict[Head, dict[str, str]] = {head: {} for head in _HEADS}
    for row in found.history.rows:
        for head in _HEADS:
            name = row.ticket.id
            label = found.fair.get(head, {}).get(name, label_of(row.outcome, head))
            if label is not None:
                labels[head][name] = label
    return labels


def _head(
    head: Head, sides: Mapping[str, tuple[Mapping[Head, str], Mapping[Head, str]]], labels: Mapping[str, str]
) -> ShadowHead | None:
    """None where there is no ticket to which both answered."""
    both = {name: (one[head], other[head]) for name, (one, other) in sides.items() if head in one and head in other}
    if not both:
        return None
    agreed = _share([one == other for one, other in both.values()])
    known = ((labels[name], *said) for name, said in both.items() if name in labels)
    right = Counter((one == label, other == label) for label, one, other in known)
    if not right:
        return ShadowHead(agreed, None, None, 0, 0)
    champion, challenger = ([pair[side] for pair in right.elements()] for side in (0, 1))
    return ShadowHead(agreed, _share(champion), _share(challenger), right[True, False], right[False, True])


def _share(hits: Sequence[bool]) -> Share:
    count, of = sum(hits), len(hits)
    low, high = wilson(np.array([count / of]), np.array([of]))
    return Share(count, of, count / of, max(float(low[0]), 0.0), min(float(high[0]), 1.0))
