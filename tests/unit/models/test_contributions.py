"""What the parts of a ticket add up to: the score that they explain."""

from dataclasses import replace

import numpy as np
import pytest

from desk.ticket import Customer, Ticket
from features.encoding import encode, read
from features.meaning.static_table import StaticTable
from features.meaning.tokens import parse_tokenizer
from models.contributions import Parts, Told, begin_shares, parts_of, tell
from models.linear import linear_scores
from models.scoring import said_of
from models.sense import Sense
from models.tree_shares import tree_shares
from models.version import Version

ROUNDING = 1e-5  # linear scores are sums of single precision
TICKET = Ticket(
    id="1",
    subject="VPN drops, VPN drops again!!!",
    body="This is a complete outage: e-mail -> dead. 断线了",
    channel="email",
    customer=Customer("c1", "vip"),
    attributes={"site": "site 1"},
    tags=("mobile",),
)


def told(version: Version, ticket: Ticket = TICKET) -> Told:
    reading = read(ticket)
    encoded = encode(version.encoder, reading)
    linear = linear_scores(version.linear, encoded)
    said = said_of(version, encoded, linear)
    return tell(version, reading, encoded, linear, said, begin_shares(version, encoded, linear, said, None))


def total(parts: Parts) -> float:
    return float(parts.words.sum() + sum(parts.facts.values()) + sum(parts.measures.values()) + parts.whole)


@pytest.fixture
def linear_version(trained_version: Version) -> Version:
    """The same heads without their trees."""
    return replace(
        trained_version, heads={head: replace(one, trees=None) for head, one in trained_version.heads.items()}
    )


@pytest.mark.parametrize("head", ["escalation", "breach"])
def test_the_parts_of_a_linear_risk_add_up_to_its_score_but_for_what_it_says_of_every_ticket(
    linear_version: Version, head: str
) -> None:
    about = told(linear_version)
    model = linear_version.heads[head]
    (intercept,) = linear_version.linear.intercepts[model.columns]
    (bias,) = model.blend.bias
    score = about.scores[head][1] - about.scores[head][0]
    assert total(parts_of(about)[head]) == pytest.approx(score - bias - model.blend.linear * intercept, abs=ROUNDING)


@pytest.mark.parametrize("head", ["queue", "priority"])
def test_the_parts_of_a_choice_add_up_to_what_the_ticket_adds_for_it_against_the_others(
    linear_version: Version, head: str
) -> None:
    about = told(linear_version)
    model = linear_version.heads[head]
    empty = np.asarray(linear_version.linear.intercepts[model.columns])
    curve = [
        -np.log1p(np.exp(-(model.blend.slope * at + model.blend.offset)))
        for at in (about.linear.whole[model.columns], empty)
    ]
    gained = model.blend.linear * (curve[0] - curve[1])
    odds = np.exp(about.scores[head])
    best = int(odds.argmax())
    others = np.arange(len(odds)) != best
    expected = gained[best] - (odds[others] / odds[others].sum()) @ gained[others]
    assert total(parts_of(about)[head]) == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize("head", ["escalation", "priority"])
def test_trees_add_their_own_contributions_and_no_more(
    trained_version: Version, linear_version: Version, head: str
) -> None:
    model = trained_version.heads[head]
    about = told(trained_version)
    best = 0 if head == "escalation" else int(about.scores[head].argmax())
    row = np.concatenate((about.encoded.numbers, about.linear.text[model.columns]))
    whole, bare = parts_of(about)[head], parts_of(replace(about, version=linear_version))[head]
    shares = model.blend.trees * tree_shares(model.trees.booster, best, row)
    assert total(whole) - total(bare) == pytest.approx(shares.sum(), abs=ROUNDING)
    assert whole.measures["words"] == pytest.approx(shares[trained_version.encoder.number_names.index("words")])


def test_a_word_of_a_token_table_gets_what_its_absence_changes(trained_version: Version) -> None:
    chance = np.random.default_rng(1)
    words = {"[UNK]": 0, "vpn": 1, "drops": 2, "again": 3}
    tokenizer = parse_tokenizer(
        '{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": '
        '{"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null, '
        '"model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "vpn": 1, "drops": 2, "again": 3}, "unk_token": "[UNK]"}}'
    )
    rows = chance.integers(-99, 99, (len(words), 8)).astype(np.int8)
    table = StaticTable("t", rows, np.array([0, 0.1, 0.2, 0.3], np.float32), tokenizer)
    columns = trained_version.linear.weights.shape[1]
    sense = Sense(chance.normal(size=(8, columns)).astype(np.float32), np.zeros(columns))
    heads = {
        head: replace(one, trees=None, blend=replace(one.blend, linear=0.0, meaning=2.0))
        for head, one in trained_version.heads.items()
    }
    version = replace(
        trained_version, encoder=replace(trained_version.encoder, meaning=table), sense=sense, heads=heads
    )
    ticket = Ticket(id="1", subject="VPN drops again", body="VPN!")
    about = told(version, ticket)
    without = told(version, replace(ticket, subject="drops again", body="!"))
    lost = about.scores["escalation"][1] - without.scores["escalation"][1]
    parts = parts_of(about)["escalation"]
    assert parts.words[about.origins.words["vpn"]] == pytest.approx(lost, abs=1e-6)
    assert about.origins.spelled[about.origins.words["vpn"]] == "VPN"


@pytest.mark.parametrize(
    "ticket",
    [
        Ticket(id="1"),
        Ticket(id="1", subject="!!!"),
        Ticket(id="1", subject="VPN"),
        Ticket(id="1", body="\ud800 İstanbul İİ ﬁ\u0000 " * 3),
        Ticket(id="1", attributes={"site": "never seen"}, tags=("new",)),
        Ticket(id="1", body="word " * 30_000),
    ],
)
def test_whatever_the_ticket_says_its_words_take_all_that_the_text_adds(
    linear_version: Version, ticket: Ticket
) -> None:
    about = told(linear_version, ticket)
    model = linear_version.heads["breach"]
    text = linear_scores(linear_version.linear, about.encoded).text[model.columns]
    words = parts_of(about)["breach"].words
    assert words.sum() == pytest.approx(model.blend.linear * float(text[0]), abs=ROUNDING)
