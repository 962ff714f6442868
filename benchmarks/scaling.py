"""One desk at one size: trained, asked, and others beside it. Knows neither arguments nor pages."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.picks import Pick, learn_meanings, learn_words
from benchmarks.timing import Spent, medians, run
from cli.progress import Bars
from desk.outcome import ResolvedTicket
from desk.prediction import Extras
from desk.ticket import Ticket
from features.meaning.meaning import Meaning
from features.meaning.static_table import StaticTable
from features.wording import wording_of
from journal.environment import read_environment
from models.scoring import predict
from models.storage import load_version
from models.version import Version
from simulation.export import new_tickets, write_history, write_tickets
from simulation.sample import SampleDesk, generate
from training.meaning.preparing import onnx, prepare
from training.meaning.teacher import Teacher, available

__all__ = ["ENCODER", "FEW", "LINEAR", "MANY", "SCORED", "TREES", "WHOLE_FILE", "WITHOUT_START", "WITH_ENCODER"]
__all__ += ["Measured", "measure"]

_Found = TypeVar("_Found")

ROOT: Final = Path(__file__).resolve().parent.parent

SCORED: Final = "scored"
LINEAR: Final = "with linear reasons"
TREES: Final = "with tree reasons and 5 similar tickets"
ENCODER: Final = "the encoder alone"
WITH_ENCODER: Final = "with the encoder instead of its table"
WHOLE_FILE: Final = "`pointsman score`, start and all"
WITHOUT_START: Final = "`pointsman score`, without its start"

ASKED: Final = 300
"""New tickets that are scored one by one."""

FEW, MANY = 6_000, 30_000
"""Tickets in the files that `pointsman score` answers: what the larger takes longer is without the start."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run found; seconds, medians of one ticket in seconds, and tickets a second, each by what was asked.

    load: of the machine over the last minute before. encoder: to make it ready, once an encoder; None without one.
    has_table: whether the version's meanings come from a table. stages: of the training, as it says itself. learned:
    seconds of the others; rows: how many they learned from.
    """

    tickets: int
    queues: int
    cores: int
    load: float
    drawn: float
    encoder: float | None
    has_table: bool
    training: float
    gigabytes: float
    stages: Mapping[str, float]
    ones: Mapping[str, float]
    rates: Mapping[str, float]
    learned: Mapping[str, float]
    rows: Mapping[str, int]


def measure(desk: SampleDesk, home: Path, shown: Bars) -> Measured:
    """Train `desk` in `home` and ask its version and the others."""
    load = os.getloadavg()[0]
    environment = read_environment({**os.environ, "POINTSMAN_HOME": str(home)})
    rows, drawn = _timed(lambda: _drawn(desk, home, shown))
    teacher = available(environment)
    prepared = None if teacher is None else _timed(lambda: prepare(teacher, home, shown))[1]
    shown.stage("Training", 1)
    spent = _pointsman(home, "train", "history.jsonl.gz", "--json")
    trained = json.loads(spent.said)
    version = load_version(environment.versions / trained["version"])
    new = new_tickets(desk, MANY)
    with threadpool_limits(1):
        picks = _picks(rows, teacher, shown)
        ones = _ones(version, new[:ASKED], picks, None if teacher is None else onnx(teacher, home, shown), shown)
        batches = _batches(picks, new, shown)
    return Measured(
        tickets=desk.tickets,
        queues=desk.queues,
        cores=os.cpu_count() or 1,
        load=load,
        drawn=drawn,
        encoder=prepared,
        has_table=isinstance(version.encoder.meaning, StaticTable),
        training=spent.seconds,
        gigabytes=spent.gigabytes,
        stages=trained["seconds"],
        ones=ones,
        rates=_files(home, new, shown) | batches,
        learned={pick.name: pick.seconds for pick in picks},
        rows={pick.name: pick.rows for pick in picks},
    )


def _drawn(desk: SampleDesk, home: Path, shown: Bars) -> list[ResolvedTicket]:
    shown.stage("Drawing the desk", desk.tickets)
    rows = []
    for row in generate(desk):
        rows.append(row)
        shown.step()
    write_history(rows, home / "history.jsonl.gz")
    return rows


def _picks(rows: Sequence[ResolvedTicket], teacher: Teacher | None, shown: Bars) -> list[Pick]:
    shown.stage("Learning the others", 2)
    texts = [wording_of(row.ticket) for row in rows]
    picks = [learn_words(rows, texts)]
    shown.step()
    if teacher is not None:
        picks.append(learn_meanings(rows, texts, teacher))
        shown.step()
    return picks


def _ones(
    version: Version, tickets: Sequence[Ticket], picks: Sequence[Pick], encoder: Meaning | None, shown: Bars
) -> dict[str, float]:
    """Medians of one ticket, by what was asked."""
    texts = [wording_of(ticket) for ticket in tickets]
    bare = replace(version, heads={head: replace(model, trees=None) for head, model in version.heads.items()})
    systems: dict[str, Callable[[int], object]] = {
        SCORED: lambda place: predict(version, tickets[place]),
        LINEAR: lambda place: predict(bare, tickets[place], extras=Extras(0, explain=True)),
        TREES: lambda place: predict(version, tickets[place], extras=Extras(5, explain=True)),
    }
    if encoder is not None and version.sense is not None:
        meant = _meaning_by(version, encoder)
        systems[ENCODER] = lambda place: encoder.embed(texts[place])
        systems[WITH_ENCODER] = lambda place: predict(meant, tickets[place])
    for pick in picks:
        systems[pick.name] = lambda place, pick=pick: pick.answer([texts[place]])  # type: ignore[misc]  # its default
    shown.stage("Asking one by one", len(tickets))
    return medians(systems, len(tickets), shown.step)


def _meaning_by(version: Version, encoder: Meaning) -> Version:
    """`version` as if its meanings came from `encoder`: other numbers, of the shapes that they would have."""
    sense, novelty = version.sense, version.novelty
    if sense is not None:
        sense = replace(sense, weights=np.ascontiguousarray(_noughts(encoder, sense.weights.shape[1]).T))
        if sense.kernel is not None:
            sense = replace(sense, kernel=replace(sense.kernel, vectors=_noughts(encoder, len(sense.kernel.vectors))))
    if novelty is not None:
        novelty = replace(novelty, centres=_noughts(encoder, len(novelty.centres)))
    whole = replace(version.encoder, meaning=encoder)
    return replace(version, encoder=whole, sense=sense, novelty=novelty)


def _noughts(encoder: Meaning, vectors: int) -> NDArray[np.float32]:
    return np.zeros((vectors, encoder.dimensions), np.float32)


def _batches(picks: Sequence[Pick], tickets: Sequence[Ticket], shown: Bars) -> dict[str, float]:
    """Tickets a second of each of the others, as many in one call as take it some seconds."""
    shown.stage("Asking the others in one go", len(picks))
    rates = {}
    for pick in picks:
        texts = [wording_of(ticket) for ticket in tickets[: min(FEW, pick.rows // 2)]]
        rates[pick.name] = len(texts) / _timed(lambda pick=pick, texts=texts: pick.answer(texts))[1]  # type: ignore[misc]
        shown.step()
    return rates


def _files(home: Path, tickets: Sequence[Ticket], shown: Bars) -> dict[str, float]:
    """Tickets a second of `pointsman score`."""
    shown.stage("Scoring files", 2)
    seconds = {}
    for count in (FEW, MANY):
        write_tickets(tickets[:count], home / "new.jsonl")
        seconds[count] = _pointsman(home, "score", "new.jsonl", "--output", "answers.jsonl", "--json").seconds
        shown.step()
    return {WHOLE_FILE: MANY / seconds[MANY], WITHOUT_START: (MANY - FEW) / (seconds[MANY] - seconds[FEW])}


def _pointsman(home: Path, *arguments: str) -> Spent:
    variables = {"POINTSMAN_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return run([sys.executable, "-m", "cli.main", *arguments], home, variables)


def _timed(call: Callable[[], _Found]) -> tuple[_Found, float]:
    began = time.perf_counter()
    found = call()
    return found, time.perf_counter() - began
