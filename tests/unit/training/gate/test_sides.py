"""Two versions on the same rows, in one vocabulary."""

import numpy as np

from desk.gate_evidence import Figure
from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Customer, Ticket
from training.evidence.contracts import HeadContract
from training.gate.figures import figures_of
from training.gate.sides import Pair, Speaker, pair_of


def rows(truth: str) -> list[ResolvedTicket]:
    return [
        ResolvedTicket(Ticket(id=str(place), language="en", customer=Customer(tier="vip")), Outcome(queue=label))
        for place, label in enumerate(truth)
    ]


def says(answers: str, labels: str, sure: float = 0.9) -> Speaker:
    """Answers each row with a letter of `labels`."""
    rest = (1 - sure) / max(len(labels) - 1, 1)
    probabilities = np.full((len(answers), len(labels)), rest)
    for place, answer in enumerate(answers):
        probabilities[place, labels.index(answer)] = sure
    columns = np.array([labels.index(answer) for answer in answers], np.int64)
    contract = HeadContract(0.8, dict.fromkeys(labels, 0.85))
    return Speaker({"queue": tuple(labels)}, {"queue": probabilities}, {"queue": columns}, {"queue": contract})


def compared(truth: str, champion: str, challenger: str, labels: str = "AB", new: str = "AB") -> Pair:
    pair = pair_of("queue", rows(truth), says(champion, labels), says(challenger, new))
    assert pair is not None
    return pair


def figure(pair: Pair, name: str, where: str = "") -> Figure:
    (found,) = (one for one in figures_of(pair, "golden") if (one.name, one.where) == (name, where))
    return found


def test_a_label_that_one_of_them_lacks_is_a_miss_of_it_alone() -> None:
    pair = compared("AABBCC", "AABBAA", "AABBCC", new="ABC")
    assert pair.labels == ("A", "B", "C")
    found = figure(pair, "accuracy")
    assert (found.champion, found.challenger) == (4 / 6, 1.0)


def test_each_draw_of_the_bootstrap_takes_the_same_rows_for_both() -> None:
    """Two versions that make the same mistakes do not differ by chance."""
    truth = "AB" * 100
    same = "AABB" * 50
    found = figure(compared(truth, same, same), "accuracy")
    assert (found.low, found.high) == (0.0, 0.0)
    better = figure(compared(truth, same, "AABB" * 25 + truth[100:]), "accuracy")
    assert better.is_better
    assert better.low > 0.1


def test_a_slice_has_thirty_rows_or_is_not_told() -> None:
    truth = "A" * 40 + "B" * 20
    told = {one.where for one in figures_of(compared(truth, truth, truth), "golden")}
    assert told == {"", "queue A"}
    worse = figure(compared(truth, truth, "B" * 40 + "B" * 20), "accuracy", "queue A")
    assert worse.is_worse


def test_rows_that_must_not_judge_and_rows_without_a_label_are_left_out() -> None:
    some = [*rows("AB"), ResolvedTicket(Ticket(id="9"), Outcome())]
    pair = pair_of("queue", some, says("ABA", "AB"), says("ABA", "AB"), fair={"0": None})
    assert pair is not None
    assert len(pair.truth) == 1
    assert pair_of("priority", some, says("ABA", "AB"), says("ABA", "AB")) is None


def test_a_row_judges_by_its_fair_label_where_that_is_another_than_its_own() -> None:
    some = [*rows("AB"), ResolvedTicket(Ticket(id="9"), Outcome())]
    pair = pair_of("queue", some, says("ABA", "AB"), says("ABA", "AB"), fair={"0": "B", "9": "A"})
    assert pair is not None
    assert [pair.labels[code] for code in pair.truth] == ["B", "B", "A"]
    assert pair.groups["queue"] == ["B", "B", "A"]


def test_coverage_is_told_where_the_champion_keeps_its_contract() -> None:
    truth = "AB" * 50
    assert figure(compared(truth, truth, truth), "coverage").champion == 1.0
    broken = compared(truth, "A" * 100, truth)
    assert "coverage" not in {one.name for one in figures_of(broken, "golden")}


def test_who_abstains_gives_no_answer() -> None:
    assert says("AB", "AB", sure=0.6).answered("queue", 0.7) == [None, None]
    assert says("AB", "AB", sure=0.8).answered("queue", 0.7) == ["A", "B"]
