"""Reasons are the reasons: a ticket without what they name is answered less surely than one without anything else."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from desk.heads import HEADS, RISK_HEADS, Head
from desk.prediction import Extras
from desk.reasons import NOTHING_KNOWN, fact_words
from desk.ticket import Ticket
from features.encoding import encode, read
from features.facts import facts_of
from models.scoring import predict, probabilities_of
from models.version import Version
from training.histories.desk_config import DeskConfig
from training.histories.labels import head_readiness
from training.histories.reading import read_history
from training.learning.version import learn
from training.progress import Unwatched

DATA = Path(os.environ.get("POINTSMAN_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
REMOVED = 3
Change = Callable[[Ticket], Ticket]
"""One thing of a ticket that can be taken out."""


def without_words(words: Sequence[str]) -> Change:
    pattern = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words), re.IGNORECASE)
    return lambda ticket: replace(ticket, subject=pattern.sub("", ticket.subject), body=pattern.sub("", ticket.body))


def without_fact(name: str) -> Change:
    if name in ("hour", "weekday"):
        return lambda ticket: replace(ticket, created_at=None)
    if name.startswith("customer"):
        part = "id" if name == "customer" else "tier"
        return lambda ticket: replace(ticket, customer=replace(ticket.customer, **{part: None}))
    if name.startswith("tag "):
        return lambda ticket: replace(ticket, tags=tuple(tag for tag in ticket.tags if f"tag {tag}" != name))
    if name.startswith("attributes."):
        return lambda ticket: replace(
            ticket, attributes={k: v for k, v in ticket.attributes.items() if f"attributes.{k}" != name}
        )
    return lambda ticket: replace(ticket, **{name: None})


def named(ticket: Ticket, texts: Iterable[str], chance: Random) -> list[tuple[Change, Change]]:
    """For each of the first reasons that name what can be taken out: without it, and without another of its kind."""
    words = re.findall(r"\w+", f"{ticket.subject}\n{ticket.body}")
    facts = {fact_words(name, value): name for name, value in facts_of(ticket).items()}
    changes = []
    for text in texts:
        if text.startswith("mentions"):
            phrase = re.findall(r"\w+", text.removeprefix("mentions"))
            start = chance.randrange(max(len(words) - len(phrase), 0) + 1)
            changes.append((without_words(phrase), without_words(words[start : start + len(phrase)])))
        elif text in facts:
            changes.append((without_fact(facts[text]), without_fact(chance.choice(list(facts.values())))))
    return changes[:REMOVED]


def lost(version: Version, tickets: Sequence[Ticket], head: Head) -> tuple[float, float]:
    """Medians of what the answered label's probability loses: without its three first reasons, without three others."""
    chance = Random(7)
    losses = []
    for ticket in tickets:
        prediction = predict(version, ticket, extras=Extras(explain=True))
        assert prediction.reasons is not None
        changes = named(ticket, (one.text for one in prediction.reasons[head]), chance)
        if len(changes) == REMOVED:
            label = "true" if head in RISK_HEADS else prediction.choices[head].label
            place = version.heads[head].labels.index(label)
            pair = []
            for side in (0, 1):
                left = ticket
                for change in changes:
                    left = change[side](left)
                pair.append(probability(version, ticket, head, place) - probability(version, left, head, place))
            losses.append(pair)
    assert len(losses) > 0.5 * len(tickets)
    reasons, others = np.median(losses, axis=0).tolist()
    return reasons, others


def probability(version: Version, ticket: Ticket, head: Head, place: int) -> float:
    return float(probabilities_of(version, encode(version.encoder, read(ticket)))[head][place])


@pytest.mark.parametrize("head", HEADS)
def test_without_its_reasons_an_answer_loses_twice_what_it_loses_without_other_words_and_facts(
    trained_version: Version, write_sample: Callable[..., Path], head: Head
) -> None:
    unseen = [row.ticket for row in read_history(write_sample(150, seed=2), DeskConfig()).rows]
    reasons, others = lost(trained_version, unseen, head)
    assert reasons > 0
    assert reasons >= 2 * others


@pytest.mark.long
@pytest.mark.parametrize("name", ["it47", "banking77"])
def test_reasons_of_public_tables_are_reasons_too(name: str) -> None:
    folder = DATA / name
    if not (folder / "train.csv.gz").is_file():
        pytest.skip(f"There is no {name} in {DATA}; set POINTSMAN_DATA to the folder that holds it.")
    history = read_history(folder / "train.csv.gz", DeskConfig())
    ready = [head for head, reason in head_readiness(history).items() if reason is None]
    version = replace(learn(history.rows[-4_000:], ready, Unwatched()).version, name="1")
    asked = [row.ticket for row in read_history(folder / "test.csv.gz", DeskConfig()).rows]
    for head in ready:
        reasons, others = lost(version, Random(5).sample(asked, 200), head)
        assert reasons >= 2 * others
        assert reasons > 0


def test_every_head_has_three_reasons_for_a_ticket_that_says_something(
    trained_version: Version, write_sample: Callable[..., Path]
) -> None:
    for row in read_history(write_sample(50, seed=3), DeskConfig()).rows:
        reasons = predict(trained_version, row.ticket, extras=Extras(explain=True)).reasons
        assert reasons is not None
        assert set(reasons) == set(HEADS)
        few = {head: [reason.text for reason in one] for head, one in reasons.items() if len(one) < 3}
        assert not few, row.ticket
        for one in reasons.values():
            speaking = [reason.weight for reason in one if reason.weight > 0]
            assert speaking == sorted(speaking, reverse=True)


def test_a_ticket_that_says_nothing_has_no_reason_to_give(trained_version: Version) -> None:
    reasons = predict(trained_version, Ticket(id="1"), extras=Extras(explain=True)).reasons
    assert reasons is not None
    assert not any(reason.text.startswith("mentions") for one in reasons.values() for reason in one)


@pytest.mark.parametrize("body", ["😡😡😡", "? !", ""])
def test_where_nothing_is_known_one_reason_says_so(write_sample: Callable[..., Path], body: str) -> None:
    def texts_alone(row: dict[str, object]) -> dict[str, object]:
        return {name: row[name] for name in ("id", "subject", "body", "queue", "escalated")}

    history = read_history(write_sample(150, change=texts_alone), DeskConfig())
    version = replace(learn(history.rows, ["queue", "escalation"], Unwatched(), trees=False).version, name="1")
    prediction = predict(version, Ticket(id="1", body=body), extras=Extras(explain=True))
    assert prediction.reasons is not None
    sure = {"queue": prediction.choices["queue"].probability, "escalation": prediction.risks["escalation"].probability}
    for head, said in prediction.reasons.items():
        assert [reason.text for reason in said] == [NOTHING_KNOWN]
        assert said[0].weight == pytest.approx(np.log(sure[head] / (1 - sure[head])))


def test_words_of_the_answer_are_the_first_to_be_named(trained_version: Version) -> None:
    ticket = Ticket(id="1", subject="Refund", body="Please refund the duplicate charge, whenever you have time.")
    prediction = predict(trained_version, ticket, extras=Extras(explain=True))
    assert prediction.choices["queue"].label == "Billing"
    assert prediction.reasons is not None
    named_first = " ".join(reason.text for reason in prediction.reasons["queue"][:2])
    assert any(word in named_first for word in ("Refund", "duplicate", "charge"))
    assert predict(trained_version, ticket).reasons is None
