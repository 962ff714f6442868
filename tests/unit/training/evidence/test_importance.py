"""What carries a head, taken from the reasons of a version that was trained on a small desk."""

import io
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from desk.ticket import Customer
from journal.environment import Environment
from models.storage import load_version
from models.version import Version
from training.evidence.importance import FEWEST_REQUESTERS, Carrier, Importance, TellingWord, importance_of
from training.evidence.importance_pictures import importance_picture
from training.histories.history import History


@pytest.fixture(scope="module")
def version(trained_home: Environment) -> Version:
    return load_version(trained_home.versions / "1")


def test_every_head_is_carried_by_what_its_reasons_name(version: Version, sample_history: History) -> None:
    found = importance_of(version, [row.ticket for row in sample_history.rows], most=120)
    assert set(found) == set(version.heads)
    queue = found["queue"]
    assert queue.tickets == 120
    assert queue.carriers[0].kind == "words"  # the texts of the sample name their queue
    assert [one.weight for one in queue.carriers] == sorted((one.weight for one in queue.carriers), reverse=True)
    assert {"words", "attribute"} <= {one.kind for one in queue.carriers}
    assert set(queue.answered) <= set(version.heads["queue"].labels)
    assert all(one.weight > 0 for one in queue.words)
    assert any(one.weight < 0 for one in found["escalation"].words)


def test_a_word_that_few_requesters_wrote_is_never_named(version: Version, sample_history: History) -> None:
    few = [Customer(id=f"c{number}") for number in range(FEWEST_REQUESTERS - 1)]
    asked = [replace(row.ticket, customer=few[place % len(few)]) for place, row in enumerate(sample_history.rows[:60])]
    assert all(not one.words for one in importance_of(version, asked).values())


def test_without_tickets_nothing_is_known(version: Version) -> None:
    assert importance_of(version, []) == {}


ODD = ("a $x_1$ b$", "多语言 队列", "😀 two\nlines", "x" * 90, "", "%s {0} \\")


def drawn(figure: Figure) -> str:
    figure.savefig(io.BytesIO(), dpi=40)
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts + axes.get_yticklabels())


def test_the_picture_draws_labels_and_words_that_could_break_it() -> None:
    words = tuple(TellingWord(label, word, 9, 0.5) for label in ODD for word in ODD)
    carriers = tuple(Carrier("attribute", f"attributes.{name}", 1.0) for name in ODD)
    assert "two lines" in drawn(importance_picture("queue", Importance(60, carriers, words)))
    both = (*words, TellingWord("true", "reset", 9, -0.5))
    assert "reset" in drawn(importance_picture("escalation", Importance(60, carriers, both)))
    drawn(importance_picture("queue", Importance(60, (), ())))


def test_of_many_labels_the_most_frequent_are_shown() -> None:
    words = tuple(TellingWord(f"Queue {number}", "word", 9, 0.5) for number in range(75))
    shown = drawn(importance_picture("queue", Importance(60, (), words)))
    assert "Queue 19" in shown
    assert "Queue 20" not in shown
