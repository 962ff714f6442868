"""Learning from end to end: no row judges what it taught, odd histories teach something, the same teaches the same."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from desk.errors import HistoryError
from desk.heads import HEADS, Head
from desk.outcome import Outcome, ResolvedTicket
from desk.ticket import Ticket
from features.encoding import encode, read
from journal.environment import Environment
from models.scoring import predict, probabilities_of
from training.learning.version import Learned, learn

ROOT = Path(__file__).resolve().parents[4]
START = datetime(2026, 1, 1, tzinfo=UTC)
TOPICS = {"A": "printer paper jam", "B": "vpn tunnel drops", "C": "refund double charge"}


class Counted:
    """Progress that counts: steps announced, and steps taken."""

    def __init__(self) -> None:
        self.announced = self.taken = 0

    def stage(self, name: str, steps: int) -> None:
        assert self.taken == self.announced, f"{name!r} began before the stage before it was done"
        self.announced += steps

    def step(self) -> None:
        self.taken += 1


def row(number: int, label: str, **ticket: object) -> ResolvedTicket:
    """A ticket whose text tells its label, an hour after the one before; whatever is given stands instead."""
    known = {"subject": f"{TOPICS.get(label, 'hello')} {number % 4}", "created_at": START + timedelta(hours=number)}
    outcome = Outcome(queue=label, priority=label, escalated=label == "A", sla_breached=label == "B")
    return ResolvedTicket(Ticket(id=str(number), **{**known, **ticket}), outcome)  # type: ignore[arg-type]


def taught(rows: Sequence[ResolvedTicket], *heads: Head) -> Learned:
    progress = Counted()
    learned = learn(rows, heads or HEADS, progress)
    assert progress.taken == progress.announced
    return learned


def labels(count: int = 60) -> list[str]:
    return ["ABC"[number % 3] for number in range(count)]


def answers(learned: Learned, head: Head, tickets: Sequence[Ticket]) -> np.ndarray:
    encoder = learned.version.encoder
    return np.array([probabilities_of(learned.version, encode(encoder, read(one)))[head] for one in tickets])


def check_answers(learned: Learned, rows: Sequence[ResolvedTicket]) -> None:
    odd = [Ticket(id="odd"), Ticket(id="odd", subject="never seen", attributes={"new": "1"}), rows[0].ticket]
    for head, model in learned.version.heads.items():
        for found in (answers(learned, head, odd), learned.held_out[head].probabilities):
            assert found.shape[1] == len(model.labels)
            assert np.isfinite(found).all()
            assert np.allclose(found.sum(axis=1), 1)


ODD_HISTORIES: dict[str, Callable[[], list[ResolvedTicket]]] = {
    "fifty rows": lambda: [row(n, label) for n, label in enumerate(labels(50))],
    "no text": lambda: [row(n, label, subject="", attributes={"site": label}) for n, label in enumerate(labels())],
    "no attributes and no times": lambda: [row(n, label, created_at=None) for n, label in enumerate(labels())],
    "nothing but an id": lambda: [row(n, label, subject="", created_at=None) for n, label in enumerate(labels())],
    "a text of its own each": lambda: [
        row(n, label, subject=f"w{n}", created_at=None) for n, label in enumerate(labels())
    ],
    "constant text": lambda: [row(n, label, subject="help") for n, label in enumerate(labels())],
    "times for some": lambda: [row(n, label, created_at=START if n % 2 else None) for n, label in enumerate(labels())],
    "one moment": lambda: [row(n, label, created_at=START) for n, label in enumerate(labels())],
    "labels of a single row": lambda: [row(n, label if n % 10 else f"once {n}") for n, label in enumerate(labels())],
    "one label nearly throughout": lambda: [row(n, "B" if n % 12 == 5 else "A") for n in range(60)],
    "a label of the last week alone": lambda: [row(n, "C" if n > 52 else "AB"[n % 2]) for n in range(60)],
    "awkward text": lambda: [
        row(n, label, subject=f"\0\ud800 {TOPICS[label]} 🙂" * (1 if n % 7 else 300))
        for n, label in enumerate(labels())
    ],
}


@pytest.mark.parametrize("name", ODD_HISTORIES)
def test_an_odd_history_teaches_probabilities(name: str) -> None:
    rows = ODD_HISTORIES[name]()
    learned = taught(rows, "priority", "escalation")  # linear members and both kinds of trees
    assert set(learned.version.heads) == {"priority", "escalation"}
    check_answers(learned, rows)


@pytest.mark.parametrize("head", HEADS)
def test_one_head_alone_can_be_learned(head: Head) -> None:
    rows = [row(n, label) for n, label in enumerate(labels())]
    learned = taught(rows, head)
    assert set(learned.version.heads) == set(learned.held_out) == {head}
    check_answers(learned, rows)


def test_what_the_text_says_is_learned_and_a_label_of_one_row_is_still_named() -> None:
    rows = [row(n, label) for n, label in enumerate(labels(120))] + [row(120, "D")]
    learned = taught(rows, "queue")
    assert learned.version.heads["queue"].labels == ("A", "B", "C", "D")
    choice = predict(learned.version, Ticket(id="x", subject="the VPN tunnel drops")).choices["queue"]
    assert choice.label == "B"
    assert choice.probability > 0.7


def test_a_head_whose_labels_stand_only_where_they_judge_is_skipped_with_the_reason() -> None:
    rows = [row(n, label) for n, label in enumerate(labels(300))]
    rows = [
        replace(one, outcome=replace(one.outcome, sla_breached=None)) if n < 240 else one for n, one in enumerate(rows)
    ]
    learned = taught(rows)
    assert set(learned.version.heads) == {"queue", "priority", "escalation"}
    assert set(learned.skipped) == {"breach"}
    assert "0 have a label; two labels with 3 rows each are needed" in learned.skipped["breach"]


def test_where_no_head_is_left_the_reason_is_raised() -> None:
    rows = [replace(row(n, label), outcome=Outcome()) for n, label in enumerate(labels(240))]
    rows += [row(240 + n, label) for n, label in enumerate(labels())]
    with pytest.raises(HistoryError, match=r"queue: of the 240 rows to learn from .* 0 have a label"):
        taught(rows, "queue")


def test_a_head_without_labels_where_it_would_be_judged_is_learned_and_has_nothing_to_show() -> None:
    rows = [row(n, label) for n, label in enumerate(labels(120))]
    rows = [replace(one, outcome=replace(one.outcome, priority=None)) if n >= 90 else one for n, one in enumerate(rows)]
    learned = taught(rows)
    assert len(learned.held_out["priority"].truth) == 0
    check_answers(learned, rows)


def noisy(count: int, **more: object) -> list[ResolvedTicket]:
    """Tickets whose labels are coins, each with words of its own beside common ones."""
    chance = Random(4)
    words = [f"common{number}" for number in range(30)]
    return [
        row(n, chance.choice("AB"), subject=" ".join([*chance.sample(words, 6), f"unique{n}"]), **more)
        for n in range(count)
    ]


def beats_chance(learned: Learned, head: Head) -> bool:
    """By more than chance would in one of ten thousand cases: 3.7 standard deviations of a fair coin."""
    held_out = learned.held_out[head]
    return float(held_out.hit.mean()) > 0.5 + 3.7 * 0.5 / len(held_out.hit) ** 0.5


def test_labels_of_pure_chance_are_not_guessed_and_not_believed_in() -> None:
    for rows in (noisy(400), noisy(400, created_at=None)):
        learned = taught(rows, "queue", "escalation")
        for head in ("queue", "escalation"):
            assert not beats_chance(learned, head)
            assert learned.held_out[head].confidence.mean() < 0.65
        assert answers(learned, "queue", [one.ticket for one in rows[-50:]]).max(axis=1).mean() < 0.65


def test_copies_of_a_ticket_do_not_betray_its_label_to_who_judges_it() -> None:
    once = noisy(200, created_at=None)
    again = [replace(one, ticket=replace(one.ticket, id=f"copy {one.ticket.id}")) for one in once]
    learned = taught([*once, *again], "queue", "escalation")
    assert not beats_chance(learned, "queue")
    assert not beats_chance(learned, "escalation")
    # Nor to the folds that calibrate: they would believe in what they had seen before.
    assert learned.held_out["queue"].confidence.mean() < 0.65


def test_who_judges_has_taught_nothing_before() -> None:
    # Old tickets are coins; in the newest fifth a word tells the label. Only who had seen those could know.
    rows = noisy(400)
    rows = [
        one
        if n < 320
        else replace(one, ticket=replace(one.ticket, subject=f"{one.ticket.subject} tell{one.outcome.queue}"))
        for n, one in enumerate(rows)
    ]
    learned = taught(rows, "queue")
    assert not beats_chance(learned, "queue")
    told = answers(learned, "queue", [Ticket(id="x", subject="tella"), Ticket(id="y", subject="tellb")])
    assert told[0, 0] > told[1, 0] + 0.03  # the version that goes out has learned from them


def test_held_out_rows_are_the_judged_ones_with_their_true_labels() -> None:
    rows = [row(n, label) for n, label in enumerate(labels(100))]
    learned = taught(rows, "queue", "escalation")
    assert learned.split.judged.tolist() == list(range(80, 100))
    assert learned.held_out["queue"].truth.tolist() == ["ABC".index(one.outcome.queue or "") for one in rows[80:]]
    assert learned.held_out["escalation"].truth.tolist() == [int(bool(one.outcome.escalated)) for one in rows[80:]]
    assert Counter(learned.held_out["queue"].hit.tolist())[True] >= 18


def test_the_same_history_gives_the_same_files_in_another_process(trained_home: Environment, tmp_path: Path) -> None:
    script = (
        "import sys; from dataclasses import replace; from pathlib import Path"
        "\nfrom features.encoding import encode, read; from models.golden import golden_rows"
        "\nfrom models.storage import write_version"
        "\nfrom training.histories.store import load_history; from training.learning.version import learn"
        "\nfrom training.learning.factors import learn_factors; from training.learning.similar import fit_similar"
        "\nclass Silent: stage = step = lambda *_: None"
        "\nrows = load_history(Path(sys.argv[1])).rows"
        "\norder = ('P1', 'P2', 'P3', 'P4')"
        "\nlearned = learn(rows, ('queue', 'priority', 'escalation', 'breach'), Silent(), priority_order=order)"
        "\nversion = learned.version"
        "\nfactors = learn_factors(rows, version.encoder, order)"
        "\nsimilar = fit_similar(rows, learned.readings, version.encoder.words, learned.vectors, Silent())"
        "\nversion = replace(version, factors=factors, similar=similar)"
        "\ngolden = golden_rows(version, [encode(version.encoder, read(one.ticket)) for one in rows[-50:]])"
        "\nwrite_version(version, Path(sys.argv[2]), golden)"
    )
    (history,) = trained_home.histories.glob("*.parquet")
    subprocess.run(
        [sys.executable, "-c", script, str(history), str(tmp_path / "again")],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        cwd=ROOT,
        check=True,
    )
    first, again = (
        json.loads((folder / "manifest.json").read_text())["files"]
        for folder in (trained_home.versions / "1", tmp_path / "again")
    )
    assert again == first


def test_trees_can_be_left_out_to_see_what_they_are_worth() -> None:
    rows = [row(number, label) for number, label in enumerate(labels())]
    whole = taught(rows, "queue", "escalation")
    bare = learn(rows, ["queue", "escalation"], Counted(), trees=False)
    assert whole.version.heads["escalation"].trees is not None
    assert bare.version.heads["escalation"].trees is None


def test_sums_are_learned_on_one_thread_each_and_have_theirs_back_afterwards() -> None:
    def most() -> int:
        return max(int(one["num_threads"]) for one in threadpool_info() if one["user_api"] == "blas")

    threads: dict[str, int] = {}

    class Watching(Counted):
        def stage(self, name: str, steps: int) -> None:
            super().stage(name, steps)
            threads[name] = most()

    with threadpool_limits(2, user_api="blas"):
        before = most()
        learn([row(n, label) for n, label in enumerate(labels())], ["queue"], Watching())
        assert most() == before
    assert {name: count for name, count in threads.items() if name.startswith("Learning")} == {
        "Learning queue": 1,
        "Learning from every row": 1,
    }


PRIVACY = {"Privacy": "erase or export the personal data of a customer"}


def bare(count: int) -> list[ResolvedTicket]:
    """Tickets of two labels without facts or times."""
    return [row(n, "AB"[n % 2], created_at=None) for n in range(count)]


@pytest.mark.parametrize("count", [2, 3, 7, 49])
def test_a_few_rows_teach_a_queue_and_none_of_them_judges(count: int) -> None:
    learned = taught(bare(count), "queue")
    assert len(learned.split.judged) == 0
    assert len(learned.held_out["queue"].truth) == 0
    assert learned.split.how == f"no ticket, for of {count} too few would judge; 50 are needed"
    choice = predict(learned.version, Ticket(id="x", subject="the VPN tunnel drops")).choices["queue"]
    assert choice.label == "B"
    assert choice.probability < 0.995


def test_a_row_a_label_is_not_claimed_to_be_certain() -> None:
    subjects = ["printer jams", "vpn drops", "refund a charge", "reset a password", "order a laptop", "door is locked"]
    rows = [row(n, f"queue {n}", subject=subject, created_at=None) for n, subject in enumerate(subjects)]
    found = answers(taught(rows, "queue"), "queue", [one.ticket for one in rows])
    assert found.argmax(axis=1).tolist() == list(range(6))
    assert found.max() < 0.9


def test_one_label_and_a_described_queue_are_two() -> None:
    rows = [row(n, "A", created_at=None) for n in range(6)]
    with pytest.raises(HistoryError, match="two labels with a row each are needed, not 1"):
        taught(rows, "queue")
    assert taught_of_described(rows).version.heads["queue"].labels == ("A", "Privacy")


def taught_of_described(rows: Sequence[ResolvedTicket]) -> Learned:
    return learn(rows, ["queue"], Counted(), described=PRIVACY)


def test_a_queue_is_answered_from_its_description_before_any_ticket() -> None:
    rows = bare(300)
    learned, before = taught_of_described(rows), taught(rows, "queue")
    asked = Ticket(id="x", subject="please erase the personal data that you keep of me")
    choice = predict(learned.version, asked).choices["queue"]
    assert choice.label == "Privacy"
    assert not choice.novel
    assert learned.version.heads["queue"].trees is None
    # Nothing proves anything of it, so that it is never applied by itself.
    assert "Privacy" not in learned.evidence["queue"]
    assert "Privacy" not in learned.version.evidence["queue"]
    # The others are answered as before.
    tickets = [one.ticket for one in rows[:60]]
    others = answers(learned, "queue", tickets)
    assert (others[:, :2].argmax(axis=1) == answers(before, "queue", tickets).argmax(axis=1)).all()
    assert (others.argmax(axis=1) < 2).all()
    assert learned.held_out["queue"].hit.mean() == before.held_out["queue"].hit.mean()


def test_a_description_of_a_queue_with_tickets_adds_no_label() -> None:
    learned = learn(bare(60), ["queue"], Counted(), described={"A": "holidays and sick leave"})
    assert learned.version.heads["queue"].labels == ("A", "B")
    asked = Ticket(id="x", subject="when is sick leave paid, and are holidays?")
    assert predict(learned.version, asked).choices["queue"].label == "A"


def test_a_known_order_of_priorities_is_learned_with_and_judged_with() -> None:
    rows = [row(number, label) for number, label in enumerate(labels(90))]
    learned = learn(rows, ["queue", "priority"], Counted(), priority_order=("C", "A", "never there", "B"))
    heads = learned.version.heads
    assert heads["queue"].favour.shape == (3,)
    assert heads["priority"].favour.shape == learned.held_out["priority"].favour.shape == (4, 3)


def test_an_order_that_lacks_a_label_is_none() -> None:
    rows = [row(number, label) for number, label in enumerate(labels(90))]
    assert learn(rows, ["priority"], Counted(), priority_order=("C", "A")).version.heads["priority"].favour.shape == (
        3,
    )
