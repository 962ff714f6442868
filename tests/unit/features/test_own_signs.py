"""What a text says of urgency, complexity, sentiment and language by its own signs, without any history."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.complexity import complexity_signs
from features.language import detected_language, is_english
from features.sentiment import lexicon_sentiment, load_lexicon
from features.urgency import urgency_signs

TRACE = "java.lang.NullPointerException: null\n\tat com.example.Invoice.total(Invoice.java:42)"
PYTHON_TRACE = 'Traceback (most recent call last):\n  File "job.py", line 3, in <module>\nKeyError: 7'
WORDS = [
    *("good", "terrible", "GREAT", "not", "isn't", "but", "very", "kind", "of", "least", "at", "no", "or", "never"),
    *(
        "so",
        "this",
        "without",
        "doubt",
        "bad",
        "ass",
        "yeah",
        "right",
        "the",
        "bomb",
        "ticket",
        "hate!!",
        "love?",
        ":)",
    ),
]


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("the printer has no paper", 45),
        ("this is urgent", 70),
        ("Bitte dringend helfen", 70),
        ("hace falta lo antes posible", 70),
        ("needed by tomorrow", 55),
        ("the shop is down", 60),
        ("the shop is down!", 65),
        ("PLEASE look at it", 50),
        ("URGENT!!! the shop is down, deadline today", 100),
        ("", None),
        ("12 34", None),
    ],
)
def test_urgency_adds_up_as_it_says(text: str, signs: float | None) -> None:
    assert urgency_signs(text) == signs


@pytest.mark.parametrize(
    ("text", "signs", "expert"),
    [
        ("word " * 30, 30 + 25 * 0.1, False),
        ("word " * 900, 30 + 25, False),
        ("a? b? c?", 30 + 25 * 3 / 300 + 2 * 5, False),
        ("error 5001", 30 + 25 * 2 / 300 + 10, False),
        ("error 5001 and ERR-77", 30 + 25 * 4 / 300 + 20, True),
        (" \n", None, False),
    ],
)
def test_complexity_adds_up_as_it_says(text: str, signs: float | None, expert: bool) -> None:
    assert complexity_signs(text) == (None if signs is None else pytest.approx(signs), expert)


@pytest.mark.parametrize("trace", [TRACE, PYTHON_TRACE, "Caused by: no route", "#0 0x00007f in main ()"])
def test_a_stack_trace_raises_complexity_and_takes_an_expert(trace: str) -> None:
    plain, _ = complexity_signs("the export fails")
    traced, expert = complexity_signs(f"the export fails\n{trace}")
    assert plain is not None
    assert traced is not None
    assert traced >= plain + 30
    assert expert


@pytest.mark.parametrize("text", ["we met at the office (second floor)", "an Error of mine", "no stack of paper left"])
def test_plain_words_are_no_stack_trace(text: str) -> None:
    assert complexity_signs(text)[1] is False


@settings(deadline=None)  # the first call reads the lexicon
@given(st.text(max_size=400))
def test_signs_of_any_text_lie_between_nought_and_a_hundred(text: str) -> None:
    for signs in (urgency_signs(text), complexity_signs(text)[0]):
        assert signs is None or 0 <= signs <= 100
    assert 0 <= lexicon_sentiment(text) <= 100


def test_an_angry_text_is_more_dissatisfied_than_a_calm_one() -> None:
    angry = lexicon_sentiment("This is terrible, I am furious. The worst service ever!")
    calm = lexicon_sentiment("Please change the address on our account.")
    pleased = lexicon_sentiment("Thank you, great help, we love it!")
    assert pleased < 50 <= calm + 20 < angry


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14) | st.lists(st.text(max_size=8), max_size=6))
def test_the_lexicon_scores_as_its_library_does(words: list[str]) -> None:
    text = " ".join(words)
    assert lexicon_sentiment(text) == 50.0 * (1.0 - load_lexicon().polarity_scores(text)["compound"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I cannot log in to my account since this morning", "en"),
        ("Seit heute Morgen kann ich mich nicht anmelden", "de"),
        ("No puedo entrar en mi cuenta desde esta mañana", "es"),
        ("Je ne peux plus me connecter à mon compte", "fr"),
        ("Não consigo entrar na minha conta desde hoje", "pt"),
        ("今朝からアカウントにログインできません", "ja"),
        ("", None),
        ("4711", None),
    ],
)
def test_the_language_is_told_from_the_text(text: str, code: str | None) -> None:
    assert detected_language(text) == code


@pytest.mark.parametrize(
    ("language", "english"), [("en", True), ("en-GB", True), ("EN_us", True), ("English", True), ("de", False)]
)
def test_a_ticket_that_names_its_language_is_believed(language: str, english: bool) -> None:
    assert is_english(language, "Der Drucker ist kaputt") is english


def test_a_long_text_costs_no_more_than_a_short_one_many_times_over() -> None:
    def seconds(work: Callable[[str], object], text: str) -> float:
        began = time.perf_counter()
        work(text)
        return time.perf_counter() - began

    long = "(at Error 1.2. a.b.c.d 0x x.y.z? " * 3_000
    for work in (urgency_signs, complexity_signs, lexicon_sentiment, detected_language):
        assert min(seconds(work, long) for _ in range(3)) < 0.1
