"""What vectors teach: against scikit-learn's own kernel ridge, with hints alone, and several heads side by side."""

import numpy as np
import pytest

from models.sense import SHARPNESS, sense_scores
from training.learning.hints import NO_HINTS, Hints, hints_of
from training.learning.sense import fit_sense, sense_member_scores, side_by_side

DIMENSIONS = 6


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def drawn(count: int, labels: int = 3, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Vectors around one direction a label, and their codes."""
    chance = np.random.default_rng(seed)
    codes = np.arange(count) % labels
    return unit(np.eye(DIMENSIONS)[codes] + 0.3 * chance.normal(size=(count, DIMENSIONS))), codes


def test_voices_are_kernel_ridge_regression() -> None:
    from sklearn.kernel_ridge import KernelRidge

    vectors, codes = drawn(40)
    asked, _ = drawn(10, seed=2)

    def gram(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.exp(SHARPNESS * (left.astype(np.float64) @ right.T - 1))

    wanted = np.eye(3)[codes]
    shares = wanted.mean(axis=0)
    ridge = KernelRidge(alpha=0.1, kernel="precomputed").fit(gram(vectors, vectors), wanted - shares)
    kernel = fit_sense("queue", vectors, codes, 3, voices=True).kernel
    assert kernel is not None
    found = kernel.silence + gram(asked, kernel.vectors) @ kernel.voices
    assert found == pytest.approx(shares + ridge.predict(gram(asked, vectors)), abs=1e-5)


@pytest.mark.parametrize("voices", [True, False])
@pytest.mark.parametrize("head", ["queue", "escalation"])
def test_what_is_scored_together_is_scored_alike_alone(head: str, voices: bool) -> None:
    vectors, codes = drawn(30, labels=2)
    sense = fit_sense(head, vectors, codes, 2, voices=voices and head == "queue")  # type: ignore[arg-type]
    together = sense_member_scores(sense, vectors)
    alone = np.array([sense_scores(sense, vector) for vector in vectors])
    assert together == pytest.approx(alone, abs=1e-5)
    column = together[:, -1]
    assert column[codes == 1].mean() > column[codes == 0].mean()


def test_a_label_of_hints_alone_is_answered() -> None:
    vectors, codes = drawn(40, labels=3)
    hints = Hints(("invoices",), np.array([3]), unit(np.eye(DIMENSIONS)[[3]]), NO_HINTS.named)
    for voices in (True, False):
        sense = fit_sense("queue", vectors, codes, 4, hints, voices=voices)
        new = unit(np.eye(DIMENSIONS)[[3]] + 0.1)
        assert sense_member_scores(sense, new).argmax(axis=1).tolist() == [3]
        assert (sense_member_scores(sense, vectors).argmax(axis=1) == codes).mean() > 0.9


def test_a_label_without_a_row_or_a_hint_is_never_the_answer() -> None:
    vectors, codes = drawn(20, labels=2)
    for voices in (True, False):
        sense = fit_sense("queue", vectors, codes, 3, voices=voices)
        assert (sense_member_scores(sense, vectors).argmax(axis=1) < 2).all()


def test_hints_that_mean_nothing_teach_nothing() -> None:
    vectors, codes = drawn(20)
    nothing = Hints(("?", "!"), np.array([0, 1]), np.zeros((2, DIMENSIONS), np.float32), np.zeros_like(vectors))
    for voices in (True, False):
        with_them = sense_member_scores(fit_sense("queue", vectors, codes, 3, nothing, voices=voices), vectors)
        assert (
            with_them.tolist()
            == sense_member_scores(fit_sense("queue", vectors, codes, 3, voices=voices), vectors).tolist()
        )


def test_a_row_with_its_labels_name_has_a_voice_of_its_own() -> None:
    vectors, codes = drawn(12)
    named, _ = drawn(12, seed=3)
    hints = Hints((), np.empty(0, np.int64), NO_HINTS.vectors, named)
    kernel = fit_sense("queue", vectors, codes, 3, hints, voices=True).kernel
    assert kernel is not None
    assert kernel.vectors.tolist() == np.concatenate((vectors, named)).tolist()
    places = np.array([0, 5])
    assert hints.take(places).named.tolist() == named[places].tolist()
    assert NO_HINTS.take(places) is NO_HINTS


def test_several_heads_stand_side_by_side_and_share_the_rows_that_speak_in_both() -> None:
    vectors, codes = drawn(24)
    first = fit_sense("queue", vectors[:16], codes[:16], 3, voices=True)
    second = fit_sense("escalation", vectors, codes % 2, 2)
    third = fit_sense("priority", vectors[8:], codes[8:] % 2, 2, voices=True)
    both = side_by_side([first, second, third])
    assert both.kernel is not None
    assert len(both.kernel.vectors) == 24
    wanted = np.concatenate([sense_member_scores(one, vectors) for one in (first, second, third)], axis=1)
    assert sense_member_scores(both, vectors) == pytest.approx(wanted, abs=1e-6)
    assert side_by_side([second, second]).kernel is None


def test_one_label_alone_or_none_at_all_is_no_trouble() -> None:
    vectors, _ = drawn(6)
    for voices in (True, False):
        found = sense_member_scores(fit_sense("queue", vectors, np.ones(6, np.int64), 3, voices=voices), vectors)
        assert np.isfinite(found).all()
        assert (found.argmax(axis=1) == 1).all()


def test_a_description_speaks_for_itself_and_after_the_name() -> None:
    hints = hints_of(["GRP_8", "card_arrival", "X1"], {"card_arrival": "a new card is late", "X1": "access badges"})
    assert dict(zip(hints.texts, hints.codes.tolist(), strict=True)) == {
        "GRP 8": 0,
        "card arrival": 1,
        "a new card is late": 1,
        "card arrival: a new card is late": 1,
        "access badges": 2,
    }
