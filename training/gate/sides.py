"""What two versions say of the same rows, head by head, in one vocabulary of labels.

Knows neither which rows may judge nor what is made of the answers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from desk.demands import Demands
from desk.heads import RISK_HEADS, Head, label_of
from desk.outcome import ResolvedTicket
from desk.taxonomy import NO_CHANGES, Taxonomy
from desk.taxonomy_setting import demands_today
from features.encoding import encode, read
from models.heads import chosen
from models.queue_names import evidence_today, names_of
from models.scoring import probabilities_of
from models.version import Version
from training.evidence.contracts import HeadContract, applied_by, head_contracts
from training.evidence.slices import groups_of

__all__ = ["Pair", "Side", "Speaker", "pair_of", "speaker_of"]

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Speaker:
    """One version's words on `n` rows: per head its labels and their probabilities, shape (n, labels).

    answers: shape (n,), the columns of the labels that are answered. contracts: from which probability on a label is
    applied by itself.
    """

    labels: Mapping[Head, tuple[str, ...]]
    probabilities: Mapping[Head, Floats]
    answers: Mapping[Head, Codes]
    contracts: Mapping[Head, HeadContract]

    def take(self, places: Sequence[int]) -> "Speaker":
        """The rows at `places`."""
        at = np.array(places, np.int64)
        probabilities = {head: said[at] for head, said in self.probabilities.items()}
        return replace(self, probabilities=probabilities, answers={head: one[at] for head, one in self.answers.items()})

    def sure(self, head: Head) -> Floats:
        """Shape (n,): how probable the labels are that are answered."""
        return np.take_along_axis(self.probabilities[head], self.answers[head][:, np.newaxis], axis=1)[:, 0]

    def answered(self, head: Head, least: float = 0.0) -> list[str | None]:
        """Per row the label that is answered; None where its probability is below `least`, which is an abstention."""
        pairs = zip(self.answers[head], self.sure(head), strict=True)
        return [self.labels[head][column] if one >= least else None for column, one in pairs]


@dataclass(frozen=True, slots=True)
class Side:
    """answered: shape (n,), codes of the labels that are answered. sure: their probabilities. applied: by itself.

    chance: of a risk head the probability that it happens, shape (n,); (0,) of another head.
    """

    answered: Codes
    sure: Floats
    applied: Flags
    chance: Floats

    def take(self, places: Sequence[int]) -> "Side":
        """The rows at `places`."""
        at = np.array(places, np.int64)
        chance = self.chance[at] if len(self.chance) else self.chance
        return Side(self.answered[at], self.sure[at], self.applied[at], chance)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both versions on the `n` rows that have a label of `head` and may judge it.

    labels: of both and of the truth; truth: shape (n,), their codes. groups: by dimension what each row belongs to.
    demand: that contracts are held to, None for a head without. applied: by champion and challenger, of all rows that
    both were asked about, whether or not they have a label.
    """

    head: Head
    labels: tuple[str, ...]
    truth: Codes
    champion: Side
    challenger: Side
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    demand: float | None = None
    applied: tuple[Flags, Flags] = field(default_factory=lambda: (np.empty(0, np.bool_), np.empty(0, np.bool_)))


def speaker_of(
    version: Version,
    rows: Sequence[ResolvedTicket],
    demands: Demands,
    tick: Callable[[], object] = lambda: None,
    *,
    taxonomy: Taxonomy = NO_CHANGES,
) -> Speaker:
    """What a version says of rows, in the names that queues have by `taxonomy`; `tick` is called after each."""
    names = names_of(version, taxonomy)
    said: dict[Head, list[Floats]] = {head: [] for head in version.heads}
    for row in rows:
        for head, probabilities in probabilities_of(version, encode(version.encoder, read(row.ticket))).items():
            said[head].append(probabilities)
        tick()
    labels = {head: model.labels for head, model in version.heads.items()}
    stacked = {head: np.array(found).reshape(len(rows), len(labels[head])) for head, found in said.items()}
    favour = {head: model.favour for head, model in version.heads.items()}
    if names is not None:
        labels["queue"], favour["queue"] = names.queues, names.favour
        stacked["queue"] = names.columns(stacked["queue"])
    answers = {head: chosen(probabilities, favour[head]) for head, probabilities in stacked.items()}
    evidence = evidence_today(version, names)
    return Speaker(labels, stacked, answers, head_contracts(evidence, demands_today(demands, taxonomy)))


def pair_of(
    head: Head,
    rows: Sequence[ResolvedTicket],
    champion: Speaker,
    challenger: Speaker,
    *,
    fair: Mapping[str, str | None] | None = None,
) -> Pair | None:
    """Both on the rows with a label of `head`; None where there is no such row, or where one of them lacks the head.

    champion, challenger: of `rows`, in their order. fair: by ticket, the label that judges instead of the row's own;
    None: none does.
    """
    if head not in champion.labels or head not in challenger.labels:
        return None
    fair = fair or {}
    given = [fair.get(row.ticket.id, label_of(row.outcome, head)) for row in rows]
    places = [place for place, label in enumerate(given) if label is not None]
    if not places:
        return None
    truth = [str(given[place]) for place in places]
    labels = tuple(sorted({*truth, *champion.labels[head], *challenger.labels[head]}))
    code = {label: place for place, label in enumerate(labels)}
    groups = groups_of([rows[place].ticket for place in places])
    queues = truth if head == "queue" else [rows[place].outcome.queue or "unknown" for place in places]
    sliced = {"queue": queues}
    sliced |= {by: groups[by] for by in ("language", "customer tier")}
    contract = champion.contracts.get(head)
    first, second = _side(head, champion, code), _side(head, challenger, code)
    return Pair(
        head,
        labels,
        np.array([code[label] for label in truth], np.int64),
        first.take(places),
        second.take(places),
        sliced,
        None if contract is None else contract.demand,
        (first.applied, second.applied),
    )


def _side(head: Head, said: Speaker, code: Mapping[str, int]) -> Side:
    labels, answers, sure = said.labels[head], said.answers[head], said.sure(head)
    contract = said.contracts.get(head)
    return Side(
        np.array([code[label] for label in labels], np.int64)[answers],
        sure,
        np.zeros(len(sure), np.bool_) if contract is None else applied_by(contract, labels, answers, sure),
        said.probabilities[head][:, 1] if head in RISK_HEADS else np.empty(0),
    )
