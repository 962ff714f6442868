"""Many tickets to API answers, in their order, on as many processes as pay. Knows neither files nor verbs."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import orjson

from desk.answer import answer_of
from desk.demands import Demands
from desk.factors import DEFAULT_POLICY, FactorPolicy
from desk.modes import Terms
from desk.prediction import Extras
from desk.ticket import Ticket
from models.scoring import NO_EXTRAS, predict
from models.storage import load_version
from models.terms import version_terms
from models.version import Version

__all__ = ["answer_lines"]

CHUNK: Final = 250
WORTH_A_PROCESS: Final = 3_000
"""Tickets for each process: below that a second one costs more to start than it saves."""

_mine: list[tuple[Version, Terms, FactorPolicy, Extras]] = []


def answer_lines(
    folder: Path,
    tickets: Sequence[Ticket],
    demands: Demands,
    traffic: Sequence[float] = (),
    policy: FactorPolicy = DEFAULT_POLICY,
    extras: Extras = NO_EXTRAS,
) -> Iterator[tuple[int, bytes]]:
    """Pieces of the answers, JSON a line, by the version in `folder`: how many tickets, and their lines.

    demands, traffic: what the modes follow from beside the version, as in `models.terms`. policy: what the factors of
    the priority score count. extras: what to say of each beside the answer.
    """
    pieces = [tickets[first : first + CHUNK] for first in range(0, len(tickets), CHUNK)]
    processes = min(os.cpu_count() or 1, len(tickets) // WORTH_A_PROCESS)
    if processes < 2:
        _load(folder, demands, traffic, policy, extras)
        yield from ((len(piece), _answer(piece)) for piece in pieces)
        return
    # A fresh process each: a fork would copy the threads' locks of the libraries that read files.
    context = multiprocessing.get_context("spawn")
    given = (folder, demands, traffic, policy, extras)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_load, initargs=given) as pool:
        for piece, lines in zip(pieces, pool.map(_answer, pieces), strict=True):
            yield len(piece), lines


def _load(folder: Path, demands: Demands, traffic: Sequence[float], policy: FactorPolicy, extras: Extras) -> None:
    version = load_version(folder)
    _mine[:] = [(version, version_terms(version, demands, traffic), policy, extras)]


def _answer(tickets: Sequence[Ticket]) -> bytes:
    ((version, terms, policy, extras),) = _mine
    return b"".join(_line(version, terms, policy, extras, ticket) for ticket in tickets)


def _line(version: Version, terms: Terms, policy: FactorPolicy, extras: Extras, ticket: Ticket) -> bytes:
    prediction = predict(version, ticket, extras=extras)
    answer = answer_of(ticket, prediction, terms, prediction_id=None, journaled=False, policy=policy)
    return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
