"""What the service counts of itself, and how Prometheus reads it.

Sets of labels are bounded: routes are templates, methods and heads come from short lists, and no label names a queue, a
customer or a tenant. What this knows of an answer is what leaves the house. One thread counts, the loop's.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from desk.feedback import Verdict
from desk.heads import HEADS
from desk.prediction import Extras
from serving.tallies import Series, Tallies

__all__ = ["FAMILIES", "PREFIX", "Metrics"]

PREFIX: Final = "pointsman_"
OTHER: Final = "other"
STATED: Final = "stated"
"""The mode of an answer without one: a breach is stated and decides nothing."""

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
TENTHS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Kind = Literal["counter", "sum", "most", "histogram"]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric. kind: what is counted up, a level (of all processes their sum, or the most of any), or a histogram.

    known: sets of labels that are there from the start, so that the first event is seen as one.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    known: tuple[tuple[str, ...], ...] = ()
    bounds: tuple[float, ...] = ()


ALONE: Final = ((),)
CHOOSING: Final = (("queue",), ("priority",))
CHOICES: Final = ("auto", "suggest", "abstain")
DECISIONS: Final = (
    *((head, mode) for head in ("queue", "priority") for mode in CHOICES),
    *(("escalation", mode) for mode in ("escalate", "watch", "none", "abstain")),
    *(("breach", mode) for mode in (STATED, "abstain")),
)
ABSTAINS: Final = (
    *(("queue", why) for why in ("unknown_topic", "below_suggest", "queue_gone")),
    ("priority", "below_suggest"),
    *((head, why) for head in HEADS for why in ("too_little_history", "head_missing")),
)
VERDICTS: Final = tuple(
    (head, said) for head in ("queue", "priority", "escalation") for said in ("agreed", "differs", "unanswered")
)
REFUSALS: Final = ("overload", "bytes", "backlog", "connections", "deadline", "rate_limit")
SHADOW: Final = (("scored",), ("dropped",), ("failed",))
FALLBACKS: Final = ("no_version", "version_failed", "extras_failed")

FAMILIES: Final = (
    Family("requests_total", "counter", "Requests answered.", ("route", "method", "status")),
    Family("request_seconds", "histogram", "Time from a request's head to its answer.", ("route",), bounds=SECONDS),
    Family("decisions_total", "counter", "Answers of each head by mode.", ("head", "mode"), DECISIONS),
    Family("abstains_total", "counter", "Abstentions of each head by reason.", ("head", "why"), ABSTAINS),
    Family("confidence", "histogram", "Published probabilities.", ("head",), tuple((head,) for head in HEADS), TENTHS),
    Family("not_journaled_total", "counter", "Tickets answered with nothing durable written.", known=ALONE),
    Family(
        "fallbacks_total",
        "counter",
        "Tickets answered without a version, or without the extras asked for.",
        ("reason",),
        tuple((one,) for one in FALLBACKS),
    ),
    Family("texts_cut_total", "counter", "Tickets whose text was too long to be read to its end.", known=ALONE),
    Family("replays_total", "counter", "Requests answered by what was answered before.", known=ALONE),
    Family("verdicts_total", "counter", "What people said of each head's answers.", ("head", "said"), VERDICTS),
    Family("outcomes_total", "counter", "Reports of outcomes.", ("kind",), (("new",), ("known",))),
    Family("rejected_total", "counter", "Requests turned away.", ("reason",), tuple((one,) for one in REFUSALS)),
    Family("shadow_total", "counter", "Tickets for a version in shadow.", ("outcome",), SHADOW),
    Family("cut_off_total", "counter", "Connections ended because the caller was too slow.", known=ALONE),
    Family("swaps_total", "counter", "Versions that began to answer in a process.", known=ALONE),
    Family("set_aside_total", "counter", "Records that the database refused.", known=ALONE),
    Family("damaged_total", "counter", "Records of the local log that could not be read.", known=ALONE),
    Family("erased_total", "counter", "Records dropped since their customer was erased meanwhile.", known=ALONE),
    Family("pending_records", "sum", "Records that the database has not taken yet.", known=ALONE),
    Family("pending_seconds", "most", "At most how old the oldest of them is.", known=ALONE),
    Family("version_trouble", "most", "1 where a promoted version or a setting cannot be used.", known=ALONE),
    Family("version_age_seconds", "most", "Time since the version that answers was promoted.", known=ALONE),
    Family("watch_age_seconds", "most", "Time since the watch looked last; 0 before its first look.", known=ALONE),
    Family("watch_drifted_features", "most", "Features that drifted, at the last look.", known=ALONE),
    Family("watch_drifted_queues", "most", "Queues whose share drifted, at the last look.", known=ALONE),
    Family("watch_contracts_in_breach", "most", "Labels in breach of their contract, at the last look.", known=ALONE),
    Family("watch_expected_accuracy", "most", "By recent probabilities; 0: unknown.", ("head",), CHOOSING),
    Family("watch_measured_accuracy", "most", "By the newest labels; 0: unknown.", ("head",), CHOOSING),
    Family("watch_calibration_error", "most", "Of the newest labelled answers; 0: unknown.", ("head",), CHOOSING),
    Family("processes", "sum", "Processes of the service that answer.", known=ALONE),
    Family("in_work", "sum", "Requests under way.", known=ALONE),
    Family("connections", "sum", "Connections that are open.", known=ALONE),
    Family("resident_bytes", "sum", "Memory of all processes, what they share counted in each.", known=ALONE),
)
"""Every metric but `version_info`, in the order in which they are shown."""

_FAMILY: Final[Mapping[str, Family]] = {one.name: one for one in FAMILIES}


class Metrics:
    """What one process counts.

    folder: where the processes of one service meet. version: the one that answers here.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._tallies = Tallies(folder)
        self._values, self._places = self._tallies.values, self._tallies.places
        self._histograms: dict[tuple[str, ...], Sequence[int]] = {}
        self.version: str | None = None
        for family in FAMILIES:
            for labels in family.known:
                if family.kind == "histogram":
                    self._places_of(family.name, *labels)
                else:
                    self._places[(family.name, *labels)]  # to look it up is to make it

    def count(self, name: str, *labels: str, by: float = 1) -> None:
        """Count a counter of `FAMILIES` up; `labels` are values, in their order, from a short list."""
        self._values[self._places[(name, *labels)]] += by

    def level(self, name: str, value: float, *labels: str) -> None:
        """Say how high a level of `FAMILIES` stands in this process; `labels` as of `count`."""
        self._values[self._places[(name, *labels)]] = value

    def count_request(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """One answered request; `route` is its template, None where no route is meant."""
        places, values = self._places, self._values
        route = route or OTHER
        values[places["requests_total", route, method if method in METHODS else OTHER, str(status)]] += 1
        self._observe("request_seconds", route, SECONDS, seconds)
        if status == 429:
            values[places["rejected_total", "rate_limit"]] += 1

    def count_answers(self, answers: Iterable[Mapping[str, Any]], extras: Extras, *, has_version: bool) -> None:
        """Tickets that were answered: what was decided, how surely, and what had to be done without."""
        for answer in answers:
            self._count_heads(answer)
            if answer["version"] is None:
                self.count("fallbacks_total", "version_failed" if has_version else "no_version")
            elif (extras.similar or extras.explain) and not _has_extras(answer, extras):
                self.count("fallbacks_total", "extras_failed")
            if not answer["journaled"]:
                self.count("not_journaled_total")
            if "notes" in answer:
                self.count("texts_cut_total")

    def count_verdict(self, verdict: Verdict, answer: Mapping[str, Any]) -> None:
        """What a person said of an answer, head by head: the same, something else, or of a head that had no answer."""
        right = {"queue": verdict.queue, "priority": verdict.priority, "escalation": verdict.escalation}
        for head, said in right.items():
            if said is not None:
                answered = _answered(answer.get(head, {}), head)
                words = "unanswered" if answered is None else "agreed" if answered == said else "differs"
                self.count("verdicts_total", head, words)

    def count_outcomes(self, new: int, known: int) -> None:
        """Reports of outcomes that were kept, and that had come before."""
        self.count("outcomes_total", "new", by=new)
        self.count("outcomes_total", "known", by=known)

    def count_shadow(self, found: Mapping[str, int]) -> None:
        """Tickets that a version in shadow scored, failed on, or never came to."""
        for outcome, count in found.items():
            self.count("shadow_total", outcome, by=count)

    def text(self) -> bytes:
        """What `GET /metrics` answers: the numbers of all processes, in Prometheus' text format 0.0.4."""
        return generate_latest(_Found(self._tallies.read(), self.version))

    def close(self) -> None:
        """Leave the numbers to the next process."""
        self._tallies.close()

    def _count_heads(self, answer: Mapping[str, Any]) -> None:
        places, values = self._places, self._values
        for head in HEADS:
            said = answer[head]
            mode = said.get("mode", STATED)
            values[places["decisions_total", head, mode]] += 1
            if mode == "abstain":
                values[places["abstains_total", head, said["why"]]] += 1
            probability = said.get("probability")
            if probability is not None:
                self._observe("confidence", head, TENTHS, probability)

    def _observe(self, name: str, label: str, bounds: Sequence[float], value: float) -> None:
        places = self._histograms.get((name, label)) or self._places_of(name, label)
        self._values[places[bisect_left(bounds, value)]] += 1
        self._values[places[-1]] += value

    def _places_of(self, name: str, *labels: str) -> Sequence[int]:
        """Of a histogram: where the counts up to each bound stand, then the count of what is above, then the sum."""
        parts = [*map(str, _FAMILY[name].bounds), "+Inf", "sum"]
        places = self._histograms[(name, *labels)] = [self._places[(name, *labels, part)] for part in parts]
        return places


def _answered(said: Mapping[str, Any], head: str) -> str | bool | None:
    """The label that a head answered, or whether it said `escalate`; None where it answered nothing."""
    if head != "escalation":
        return said.get("label")
    return None if said.get("mode", "abstain") == "abstain" else said["mode"] == "escalate"


def _has_extras(answer: Mapping[str, Any], extras: Extras) -> bool:
    if extras.similar and "similar" not in answer:
        return False
    return not extras.explain or any("reasons" in answer[head] for head in HEADS)


class _Found(Collector):
    """What the processes have counted, as Prometheus' library wants to be told."""

    def __init__(self, series: Iterable[Series], version: str | None) -> None:
        self._version = version
        self._sums: dict[str, dict[tuple[str, ...], float]] = {}
        for one in series:
            name, labels = one.name[0], one.name[1:]
            family = _FAMILY.get(name)
            if family is None or (family.kind in ("sum", "most") and not one.is_live):
                continue
            known = self._sums.setdefault(name, {})
            before = known.get(labels, 0.0)
            known[labels] = max(before, one.value) if family.kind == "most" else before + one.value

    def collect(self) -> Iterator[Metric]:
        """One family after the other."""
        for family in FAMILIES:
            found = self._sums.get(family.name, {})
            name = PREFIX + family.name
            if family.kind == "histogram":
                yield _histogram(name, family, found)
                continue
            made = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            metric = made(name, family.help, labels=family.labels)
            for labels, value in sorted(found.items()):
                metric.add_metric(labels, value)
            yield metric
        info = GaugeMetricFamily(f"{PREFIX}version_info", "The version that answers here.", labels=("version",))
        info.add_metric((self._version or "",), 0.0 if self._version is None else 1.0)
        yield info


def _histogram(name: str, family: Family, found: Mapping[tuple[str, ...], float]) -> Metric:
    metric = HistogramMetricFamily(name, family.help, labels=family.labels)
    for labels in sorted({key[:-1] for key in found}):
        total, buckets = 0.0, []
        for bound in [*map(str, family.bounds), "+Inf"]:
            total += found.get((*labels, bound), 0.0)
            buckets.append((bound, total))
        metric.add_metric(labels, buckets, found.get((*labels, "sum"), 0.0))
    return metric
