"""The version itself asked about tickets that taught nobody and proved nothing: the golden set of its history.

The evidence of a version also fixed from when on it is sure enough; these tickets did not even do that. They are also
the ones of which it is known whether they are like anything that was learned. Knows neither files nor pages.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from desk.modes import Terms, choice_mode
from desk.outcome import ResolvedTicket
from models.queue_names import QueueNames
from models.scoring import predict
from models.version import Version
from training.evidence.intervals import Interval
from training.story.routing import Band, wrong_per_thousand

__all__ = ["SecondLook", "second_look"]


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What became of the queues of so many tickets.

    left: why -> those left alone, as `desk.modes.Mode` names the reasons.
    """

    tickets: int
    sent: Band
    suggested: Band
    left: Mapping[str, int]

    @property
    def unlike_anything(self) -> int:
        """Those that are like nothing that was learned."""
        return self.left.get("unknown_topic", 0)

    def wrong_between(self) -> Interval | None:
        """The 95 % interval of the wrong ones among a thousand tickets; None where none was sent."""
        return wrong_per_thousand(self.sent, self.tickets)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        between = self.wrong_between()
        return {**asdict(self), "wrong_between": None if between is None else asdict(between)}


def second_look(
    version: Version, rows: Sequence[ResolvedTicket], terms: Terms, names: QueueNames | None = None
) -> SecondLook | None:
    """What the version would do with the queue of each row; None where no row has one, or the version answers none.

    terms: of the version, without tickets that are held back. names: what its queues are called today.
    """
    labelled = [row for row in rows if row.outcome.queue is not None]
    if not labelled or "queue" not in version.heads:
        return None
    tickets: Counter[str] = Counter()
    right: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for row in labelled:
        choice = predict(version, row.ticket, names=names).choices.get("queue")
        mode = None if choice is None else choice_mode(terms, "queue", choice)
        if choice is None or mode is None or mode.mode == "abstain":
            left["queue_gone" if mode is None or mode.why is None else mode.why] += 1
            continue
        tickets[mode.mode] += 1
        right[mode.mode] += choice.label == row.outcome.queue
    sent, suggested = (Band(tickets[mode], right[mode]) for mode in ("auto", "suggest"))
    return SecondLook(len(labelled), sent, suggested, dict(left))
