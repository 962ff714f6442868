"""A ticket to numbers: one path, and no ticket's numbers depend on another's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from desk.ticket import Customer, Ticket
from features.encoding import RUN_SCALE, Encoded, Encoder, encode, fit_encoder, is_legible, read, read_all
from features.facts import MEASURES
from features.meaning.meaning import Vector
from features.ngrams import Hashes, grams_of, words_in
from features.vocabulary import Vocabulary, at_length_one, places_in, weigh

START = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def tickets() -> list[Ticket]:
    subjects = ["VPN down", "printer jam", "refund please", "", "VPN slow \ud800", "🙂 thanks"]
    return [
        Ticket(
            id=str(number),
            created_at=START + timedelta(hours=number) if number % 3 else None,
            subject=subjects[number % len(subjects)],
            body="please help" if number % 2 else "",
            customer=Customer(tier=("vip", "basic")[number % 2]),
            attributes={"site": f"site {number % 4}", "amount": f"{number}.25"},
        )
        for number in range(48)
    ]


@pytest.fixture(scope="module")
def encoder(tickets: list[Ticket]) -> Encoder:
    return fit_encoder([read(ticket) for ticket in tickets])


def to_the_bit(encoded: Encoded) -> tuple[object, ...]:
    return encoded.places.tolist(), encoded.weights.tobytes(), encoded.numbers.tobytes(), encoded.text


def alone(vocabulary: Vocabulary, asked: Hashes) -> tuple[np.ndarray, np.ndarray]:
    places = places_in(vocabulary, asked)
    distinct, weights = weigh(vocabulary.weights, places[places >= 0])
    return distinct, at_length_one(weights)


def test_words_runs_and_facts_stand_one_after_the_other(encoder: Encoder) -> None:
    ticket = Ticket(id="x", subject="VPN down", customer=Customer(tier="vip"), attributes={"site": "site 2"})
    encoded = encode(encoder, read(ticket))
    grams = grams_of("VPN down")
    words, word_weights = alone(encoder.words, grams.words)
    runs, run_weights = alone(encoder.runs, grams.runs)
    facts = encoded.places[encoded.text :] - len(encoder.words) - len(encoder.runs)
    assert encoded.places[: len(words)].tolist() == words.tolist()
    assert encoded.places[len(words) : encoded.text].tolist() == (runs + len(encoder.words)).tolist()
    named = dict(map(encoder.columns.name_of, facts.tolist()))
    assert named == {"attributes.site": "site 2", "customer tier": "vip", "hour": "", "weekday": ""}
    assert encoded.weights.tolist() == [
        *word_weights,
        *(run_weights * RUN_SCALE),
        *[np.float32(encoder.fact_weight)] * len(facts),
    ]


def test_places_ascend_within_the_width_and_types_are_those_of_the_matrices(
    encoder: Encoder, tickets: list[Ticket]
) -> None:
    for ticket in tickets:
        encoded = encode(encoder, read(ticket))
        assert np.all(np.diff(encoded.places) > 0)
        assert encoded.places.max(initial=0) < encoder.width
        assert (encoded.places.dtype, encoded.weights.dtype) == (np.int64, np.float32)
        assert encoded.numbers.dtype == np.float64
        assert encoded.numbers.shape == (len(encoder.number_names),)


def test_a_ticket_is_encoded_as_itself_whatever_comes_with_it(encoder: Encoder, tickets: list[Ticket]) -> None:
    backwards = [encode(encoder, read(ticket)) for ticket in reversed(tickets)]
    for ticket, other in zip(tickets, reversed(backwards), strict=True):
        assert to_the_bit(encode(encoder, read(ticket))) == to_the_bit(other)


def test_the_trees_numbers_are_codes_then_amounts_then_measures(encoder: Encoder, tickets: list[Ticket]) -> None:
    names = encoder.number_names
    assert names[encoder.coded : encoder.coded + 1] == ["attributes.amount (number)"]
    assert names[-len(MEASURES) :] == list(MEASURES)
    numbers = encode(encoder, read(tickets[7])).numbers  # opened at 07:00, on a Monday
    assert numbers[encoder.coded] == 7.25
    assert numbers[-len(MEASURES) :][:2].tolist() == [7.0, 0.0]
    assert numbers[names.index("customer tier")] == 0.0  # both tiers are as frequent, and "basic" comes first


@pytest.mark.parametrize(
    "ticket",
    [
        Ticket(id="1"),
        Ticket(id="1", subject="   \n"),
        Ticket(id="1", subject="\0\ud800🙂e\u0301"),
        Ticket(id="1", body="never seen words only"),
        Ticket(id="1", attributes={"site": "nowhere", "unknown": "x", "amount": "much"}),
    ],
)
def test_whatever_a_ticket_holds_it_can_be_encoded(encoder: Encoder, ticket: Ticket) -> None:
    encoded = encode(encoder, read(ticket))
    assert np.isfinite(encoded.weights).all()
    assert len(encoded.numbers) == len(encoder.number_names)


def test_a_history_without_words_or_facts_has_an_encoder_without_width() -> None:
    encoder = fit_encoder([read(Ticket(id=str(number))) for number in range(5)])
    assert encoder.width == 0
    assert encode(encoder, read(Ticket(id="1", subject="hello"))).places.tolist() == []


def test_no_label_is_looked_at_and_reading_many_is_reading_each(tickets: list[Ticket]) -> None:
    ticks: list[int] = []
    readings = read_all(tickets, lambda: ticks.append(1))
    assert len(ticks) == len(tickets)
    for reading, ticket in zip(readings, tickets, strict=True):
        alone = read(ticket)
        assert reading.facts == alone.facts
        assert words_in(reading.chunks).tolist() == words_in(alone.chunks).tolist()
        assert list(reading.measures) == pytest.approx(alone.measures, nan_ok=True)


def test_a_ticket_in_words_of_another_language_cannot_be_read_by_words_alone() -> None:
    said = ["the printer is broken", "the vpn is down", "my printer is down", "is my vpn broken"]
    encoder = fit_encoder([read(Ticket(id="1", body=said[number % 4])) for number in range(200)])
    assert encoder.least_known == 0.5  # every word stands in other tickets too, and half of that is asked for

    def legible(body: str, read_by: Encoder = encoder) -> bool:
        return is_legible(read_by, read(Ticket(id="1", body=body)))

    assert legible("my printer is weird, please help")  # half
    assert not legible("mein Drucker is kaputt")
    assert legible("😡!!!")  # no word says that it is another language
    assert legible("mein Drucker is kaputt", replace(encoder, meaning=Speaks()))


class Speaks:
    """A meaning that knows all languages."""

    name, dimensions = "all", 1

    def embed(self, text: str) -> Vector:
        return np.full(1, float(bool(text)), np.float32)


def test_what_tickets_share_is_kept_once(tickets: list[Ticket]) -> None:
    readings = read_all(tickets)
    shared: dict[str, str] = {}
    for reading in readings:
        for text in (*reading.chunks, *reading.facts, *reading.facts.values()):
            assert shared.setdefault(text, text) is text
