"""The gate: champion and challenger on the golden set and on the newest labelled tickets, and what follows.

Gathers what they say, measures what they cost and leaves the judgement to `desk.gate`. Knows neither jobs nor who
promotes.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from desk.demands import Demands
from desk.gate_evidence import Changed, Figure, GateEvidence, RowsName
from desk.heads import CLASS_HEADS, HEADS, Head
from desk.outcome import Outcome, ResolvedTicket
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.ticket import Ticket
from models.scoring import predict
from models.version import Version
from training.gate.figures import figures_of, proof_of
from training.gate.sides import Pair, Speaker, pair_of, speaker_of
from training.gate.understudies import Understudies
from training.gathering.gathering import FairLabels
from training.progress import Progress

__all__ = ["Contest", "Contestant", "contested"]

RECENT: Final = 1_000
"""Tickets, at most, on which it is counted how many answers change."""

_TIMED: Final = 200  # tickets
_TURNS: Final = 3


@dataclass(frozen=True, slots=True)
class Contestant:
    """A version, and the folder that it was read from."""

    version: Version
    folder: Path


@dataclass(frozen=True, slots=True)
class Contest:
    """What the two are judged on.

    golden: rows that taught neither. newest: labelled rows that did not teach the champion, nor the understudy that
    speaks of them for the challenger. fair: by which labels these judge, where it is not by their own. recent: tickets
    that came in last and taught neither, for what a version has learned it answers by heart. priority_order: the most
    urgent first; empty: it is not known.
    taxonomy: the records that rows were read through; both versions speak by the names of today.
    """

    golden: Sequence[ResolvedTicket]
    newest: Sequence[ResolvedTicket]
    recent: Sequence[Ticket]
    demands: Demands
    fair: FairLabels = field(default_factory=dict)
    priority_order: Sequence[str] = ()
    taxonomy: Taxonomy = NO_CHANGES


def contested(
    contest: Contest,
    champion: Contestant,
    challenger: Contestant,
    understudies: Understudies | None,
    progress: Progress,
) -> GateEvidence:
    """What the two are worth on the same rows.

    understudies: speak for the challenger on the newest rows; None where the challenger has not learned from them
    itself, as when two versions are compared by hand. What would be applied by itself follows from the challenger's own
    thresholds: those of an understudy are another draw of luck.
    """
    recent = [ResolvedTicket(ticket, Outcome()) for ticket in contest.recent[:RECENT]]
    steps = 2 * (len(contest.golden) + len(contest.newest) + len(recent))
    progress.stage("Judging champion and challenger on the same tickets", steps)
    figures: list[Figure] = []
    rows: dict[RowsName, int] = {}
    spoken: list[tuple[Speaker, Speaker]] = []
    pairs: dict[Head, list[Pair]] = {}
    newest, said = _spoken_for(contest.newest, understudies)
    kinds: tuple[tuple[RowsName, Sequence[ResolvedTicket]], ...] = (("golden", contest.golden), ("newest", newest))
    for name, judging in kinds:
        first = speaker_of(champion.version, judging, contest.demands, progress.step, taxonomy=contest.taxonomy)
        own = [] if name == "newest" and said is not None else judging
        second = speaker_of(challenger.version, own, contest.demands, progress.step, taxonomy=contest.taxonomy)
        if name == "newest" and said is not None:
            second = replace(said, contracts=second.contracts)
        spoken.append((first, second))
        judged = _pairs(name, judging, first, second, contest)
        for pair in judged:
            pairs.setdefault(pair.head, []).append(pair)
        found = [figure for pair in judged for figure in figures_of(pair, name, contest.priority_order)]
        figures += found
        rows[name] = max((one.rows for one in found if not one.where), default=0)
    figures += [proof_of(some) for some in pairs.values()]
    both = (champion.version, challenger.version)
    first, second = (speaker_of(one, recent, contest.demands, progress.step, taxonomy=contest.taxonomy) for one in both)
    asked = [row.ticket for row in (*recent, *contest.golden, *contest.newest)]
    return GateEvidence(
        rows=rows,
        figures=tuple(figures),
        changed=_changed([*spoken, (first, second)], contest.demands.suggest),
        milliseconds=_milliseconds(asked, champion, challenger),
        megabytes=(_megabytes(champion.folder), _megabytes(challenger.folder)),
        taught=(_taught(champion.version), _taught(challenger.version)),
        missing=_missing(champion.version, challenger.version),
    )


def _spoken_for(
    newest: Sequence[ResolvedTicket], understudies: Understudies | None
) -> tuple[Sequence[ResolvedTicket], Speaker | None]:
    """The newest rows of which the challenger's understudies have spoken, and what they said of them."""
    if understudies is None:
        return newest, None
    place = {name: place for place, name in enumerate(understudies.ids)}
    rows = [row for row in newest if row.ticket.id in place]
    return rows, understudies.said.take([place[row.ticket.id] for row in rows])


def _pairs(
    on: RowsName, rows: Sequence[ResolvedTicket], champion: Speaker, challenger: Speaker, contest: Contest
) -> list[Pair]:
    fair = contest.fair if on == "newest" else {}
    found = (pair_of(head, rows, champion, challenger, fair=fair.get(head, {})) for head in HEADS)
    return [pair for pair in found if pair is not None]


def _changed(spoken: Iterable[tuple[Speaker, Speaker]], suggest: float) -> dict[Head, Changed]:
    """Of all tickets that both were asked about, and that taught neither, how many they answer differently.

    Who abstains gives no answer: a priority that is a coin's toss changes with every training, and nobody is told.
    """
    found: dict[Head, list[bool]] = {}
    for champion, challenger in spoken:
        for head in CLASS_HEADS:
            if head in champion.labels and head in challenger.labels:
                pairs = zip(champion.answered(head, suggest), challenger.answered(head, suggest), strict=True)
                found.setdefault(head, []).extend(None not in pair and len(set(pair)) > 1 for pair in pairs)
    return {head: Changed(len(differ), float(np.mean(differ))) for head, differ in found.items() if differ}


def _milliseconds(tickets: Sequence[Ticket], champion: Contestant, challenger: Contestant) -> tuple[float, float]:
    """Of one ticket, the median over some of them, by turns, so that what else the machine does weighs on both."""
    asked = tickets[:_TIMED]
    if not asked:
        return 0.0, 0.0
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(_TURNS + 1):
        for one, seconds in zip((champion, challenger), taken, strict=True):
            for ticket in asked:
                began = time.perf_counter()
                predict(one.version, ticket)
                if turn:  # the first warms up
                    seconds.append(time.perf_counter() - began)
    before, now = (median(seconds) * 1000 for seconds in taken)
    return before, now


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _taught(version: Version) -> int:
    return int(version.about.get("rows", 0))


def _missing(champion: Version, challenger: Version) -> dict[Head, str]:
    skipped = challenger.about.get("skipped", {})
    return {
        head: str(skipped.get(head, "it was not taught")) for head in champion.heads if head not in challenger.heads
    }
