"""A version's queues under the names of today: what was renamed or merged since it was trained, and what is no more.

Made once, when a version or the taxonomy changes; per ticket it is a sum over labels, and nothing where no queue of the
version changed. A version is left as it was trained. Knows neither clocks nor journals.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from desk.errors import SettingError
from desk.evidence import Answered, Evidence
from desk.likeness import SimilarTicket
from desk.prediction import Candidate, Choice
from desk.taxonomy import Fate, Record, Taxonomy
from desk.taxonomy_setting import read_taxonomy
from models.answering import Said
from models.version import Version

__all__ = ["QueueNames", "effect_json", "evidence_today", "labels_today", "names_of"]

Floats = NDArray[np.float64]

_SPLIT: Final = -2  # no longer answered, and its probability left alone: its tickets come, and nobody knows where to
_RETIRED: Final = -1  # no longer answered, and its probability dealt out: no ticket is its any more


@dataclass(frozen=True)
class QueueNames:
    """What the labels of a version's queue head are called today.

    queues: the queues that it can answer. places: of each of the head's labels, which of `queues` it is; negative where
    it is none. favours: of each of the head's labels, by how much its odds count more where one is chosen. unproven:
    queues of which the version's evidence says nothing: more than one label became them, or parts were split off.
    similar: queue of a resolved ticket -> what it is called today, None where that is not known; the others stay.
    """

    queues: tuple[str, ...]
    places: tuple[int, ...]
    favours: tuple[float, ...]
    unproven: frozenset[str]
    similar: Mapping[str, str | None]
    _slots: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _odds: Floats = field(init=False, repr=False, compare=False)
    _is_plain: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready to add up."""
        object.__setattr__(self, "_slots", np.array(self.places, dtype=np.int64) - _SPLIT)
        object.__setattr__(self, "_odds", np.exp(np.array(self.favours, dtype=np.float64)))
        object.__setattr__(self, "_is_plain", sorted(self.places) == list(range(len(self.places))))

    def answer(self, said: Said, top: int) -> tuple[Said, Choice | None]:
        """What the head says in the names of today, and of its own labels the likeliest of each queue that is named.

        None where none of its queues is left. A rename changes no number. Where the head would have answered a queue
        that is no more, the choice says so.
        """
        if self._is_plain:
            top_of_all = [(self.places[place], float(said.probabilities[place])) for place in said.places]
            return said, Choice(tuple([Candidate(self.queues[at], one) for at, one in top_of_all]))
        if not self.queues:
            return said, None
        count = len(self.queues) - _SPLIT
        sums = np.asarray(np.bincount(self._slots, said.probabilities, count), dtype=np.float64)
        shares, own = _dealt_out(sums), sums[-_SPLIT:]
        first = int(np.bincount(self._slots, said.probabilities * self._odds, count)[-_SPLIT:].argmax())
        others = [at for at in np.argsort(-shares, kind="stable").tolist() if at != first]
        named = [first, *others][:top]
        chosen = Choice(
            tuple([Candidate(self.queues[at], float(shares[at])) for at in named]),
            gone=self.places[said.places[0]] < 0,
            own=float(own[first]) if sums[_RETIRED - _SPLIT] > 0 else None,
        )
        return replace(said, places=[self._likeliest(said, at) for at in named]), chosen

    def columns(self, probabilities: Floats) -> Floats:
        """What the head says of many rows, shape (rows, labels), by the queues of today, shape (rows, queues).

        Rows sum to 1, whatever became of the queues that are no more: for judging, where every row has an answer.
        """
        sums = np.zeros((len(probabilities), len(self.queues)))
        for label, queue in enumerate(self.places):
            if queue >= 0:
                sums[:, queue] += probabilities[:, label]
        total = sums.sum(axis=1, keepdims=True)
        return np.where(total > 0, sums / np.where(total > 0, total, 1.0), 1.0 / max(len(self.queues), 1))

    @property
    def favour(self) -> Floats:
        """What is added to the log of each queue's probability before one is chosen, shape (queues,).

        Of several labels that became one, their mean.
        """
        mine = [
            [one for one, at in zip(self.favours, self.places, strict=True) if at == queue]
            for queue in range(len(self.queues))
        ]
        return np.array([sum(some) / len(some) for some in mine])

    def told(self, found: tuple[SimilarTicket, ...]) -> tuple[SimilarTicket, ...]:
        """Similar tickets with their queues as they are called today."""
        return tuple(one if one.queue is None else replace(one, queue=self._now(one.queue)) for one in found)

    def _now(self, queue: str) -> str | None:
        return self.similar.get(queue, queue)

    def _likeliest(self, said: Said, queue: int) -> int:
        mine = np.flatnonzero(self._slots == queue - _SPLIT)
        return int(mine[said.probabilities[mine].argmax()])


def names_of(version: Version, taxonomy: Taxonomy) -> QueueNames | None:
    """The version's queues after the records of `taxonomy`, all of which have come about; None where all is as it was.

    Labels count as said when the version was trained. One whose parts were split off goes on under its name until the
    next training, unproven.
    """
    head = version.heads.get("queue")
    if not taxonomy.records or head is None:
        return None
    fates = {label: _fate(version, label, taxonomy) for label in head.labels}
    queues = tuple(dict.fromkeys(fate.queue for fate in fates.values() if fate.queue is not None))
    became = [fate.queue for fate in fates.values()]
    names = QueueNames(
        queues,
        tuple(_place(fate, queues) for fate in fates.values()),
        tuple(head.favour.tolist()) if head.favour.ndim == 1 and head.favour.size else (0.0,) * len(head.labels),
        frozenset(fate.queue for fate in fates.values() if fate.queue and fate.parted)
        | frozenset(queue for queue in queues if became.count(queue) > 1)
        | (_parted_unread(version, taxonomy) & frozenset(queues)),
        _similar(version, taxonomy),
    )
    is_as_it_was = queues == head.labels and not names.unproven and not names.similar
    return None if is_as_it_was else names


def evidence_today(version: Version, names: QueueNames | None) -> Evidence:
    """The version's evidence by the names of today; nothing of a queue that it proves nothing of."""
    if names is None or "queue" not in version.evidence:
        return version.evidence
    held = version.evidence["queue"]
    became = dict(zip(version.heads["queue"].labels, names.places, strict=True))
    proven: dict[str, Answered] = {}
    for label, answered in held.items():
        place = became.get(label, _RETIRED)
        if place >= 0 and names.queues[place] not in names.unproven:
            proven[names.queues[place]] = answered
    return {**version.evidence, "queue": proven}


def effect_json(version: Version | None, taxonomy: Taxonomy) -> dict[str, Any]:
    """What a version makes of records that have come about.

    gone: queues that it learned and that are never answered now, under any name. unproven: queues that are not applied
    by themselves until the next training. unknown: queues of today that are described and that it cannot answer.
    strange: old names that it should have learned and did not: perhaps they are misspelt.
    """
    if version is None or "queue" not in version.heads:
        return {"version": None, "gone": [], "unproven": [], "unknown": [], "strange": []}
    names, learned = names_of(version, taxonomy), version.heads["queue"].labels
    places = range(len(learned)) if names is None else names.places
    today = labels_today(version, names)
    unread, brought = _unread(version, taxonomy), {queue for one in taxonomy.records for queue in one.into}
    return {
        "version": version.name,
        "gone": [label for label, place in zip(learned, places, strict=True) if place < 0],
        "unproven": [] if names is None else sorted(names.unproven),
        "unknown": sorted(set(taxonomy.described()) - set(today)),
        "strange": sorted({queue for one in unread for queue in one.queues} - {*learned, *brought}),
    }


def labels_today(version: Version, names: QueueNames | None) -> tuple[str, ...]:
    """The queues that the version can answer; nothing for a version without a queue head."""
    if names is not None:
        return names.queues
    return version.heads["queue"].labels if "queue" in version.heads else ()


def _dealt_out(sums: Floats) -> Floats:
    """The queues' probabilities once that of retired ones is shared among whatever else there is."""
    kept = sums[-_SPLIT:]
    if sums[_RETIRED - _SPLIT] <= 0:
        return np.minimum(kept, 1.0)  # a sum of parts may be one too many in the last bit
    rest = float(kept.sum() + sums[0])
    return np.minimum(kept / rest, 1.0) if rest > 0 else np.full(len(kept), 1 / len(kept))


def _place(fate: Fate, queues: tuple[str, ...]) -> int:
    if fate.queue is not None:
        return queues.index(fate.queue)
    return _SPLIT if fate.ended is not None and fate.ended.kind == "split" else _RETIRED


def _fate(version: Version, label: str, taxonomy: Taxonomy) -> Fate:
    moment = _trained_at(version)
    return Fate(taxonomy.latest(label)) if moment is None else taxonomy.fate(label, moment)


def _trained_at(version: Version) -> datetime | None:
    """When it learned its labels; None for a version that does not say."""
    try:
        moment = datetime.fromisoformat(str(version.about["trained_at"]))
    except (KeyError, ValueError):
        return None
    return None if moment.utcoffset() is None else moment


def _parted_unread(version: Version, taxonomy: Taxonomy) -> frozenset[str]:
    """Queues that parts were split off from by records that the version's training had not read, of whatever date."""
    splits = (one for one in _unread(version, taxonomy) if one.kind == "split")
    return frozenset(queue for one in splits for queue in one.queues if queue in one.into)


def _unread(version: Version, taxonomy: Taxonomy) -> list[Record]:
    try:
        read = read_taxonomy(version.about.get("taxonomy")).records
    except SettingError:
        read = ()
    return [one for one in taxonomy.records if one not in read]


def _similar(version: Version, taxonomy: Taxonomy) -> dict[str, str | None]:
    """What the queues of resolved tickets are called today, of those that are called otherwise."""
    if version.similar is None:
        return {}
    fates = {queue: _fate(version, queue, taxonomy) for queue in version.similar.queues}
    today = {queue: None if fate.parted else fate.queue for queue, fate in fates.items()}
    return {queue: now for queue, now in today.items() if now != queue}
