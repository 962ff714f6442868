"""A version is tried for sense and for speed before it may serve."""

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from desk.errors import DamagedVersionError
from desk.prediction import Candidate, Choice, Prediction, Risk
from models.trial import check_probabilities, in_time, prepare_version, try_tickets

if TYPE_CHECKING:
    from models.version import Version


def test_a_sound_version_passes(trained_version: "Version") -> None:
    prepare_version(trained_version)
    try_tickets(trained_version)


def test_a_version_that_says_what_is_no_probability_is_refused(trained_version: "Version") -> None:
    head = trained_version.heads["escalation"]
    blend = replace(head.blend, bias=np.full_like(head.blend.bias, np.nan))
    broken = replace(trained_version, heads={**trained_version.heads, "escalation": replace(head, blend=blend)})
    with pytest.raises(DamagedVersionError, match="1 of them not finite"):
        try_tickets(broken)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -0.1, 1.1])
def test_whatever_is_no_probability_is_found(wrong: float) -> None:
    sound = Prediction("1", {"queue": Choice((Candidate("a", 0.5),))}, {"breach": Risk(1.0)})
    check_probabilities(sound)
    with pytest.raises(DamagedVersionError):
        check_probabilities(replace(sound, risks={"breach": Risk(wrong)}))
    with pytest.raises(DamagedVersionError):
        check_probabilities(replace(sound, choices={"queue": Choice((Candidate("a", wrong),))}))


def test_what_always_takes_too_long_is_refused() -> None:
    with pytest.raises(DamagedVersionError, match=r"waits for 0\.01 s at most"):
        in_time(lambda: time.sleep(0.02), seconds=0.01)


def test_what_was_held_up_once_is_asked_again() -> None:
    pauses = iter([0.1, 0.1, 0.0])
    assert in_time(lambda: time.sleep(next(pauses)) or "said", seconds=0.05) == "said"


def test_what_is_hopeless_is_not_asked_again() -> None:
    asked = []
    with pytest.raises(DamagedVersionError):
        in_time(lambda: asked.append(1) or time.sleep(2.1), seconds=0.01)
    assert asked == [1]
