"""Who judges and never teaches."""

from hypothesis import given
from hypothesis import strategies as st

from desk.ticket import Ticket
from training.golden_set import GoldenRule, golden_rule_for, is_golden, read_golden_rule

texts = st.text(max_size=30)


def test_small_histories_have_none_and_large_ones_a_thousand() -> None:
    assert golden_rule_for(1_999) == GoldenRule(0.0)
    assert golden_rule_for(2_000) == GoldenRule(0.05)
    assert golden_rule_for(100_000) == GoldenRule(0.01)


def test_about_the_share_is_golden() -> None:
    count = sum(
        is_golden(Ticket(id=str(number), subject=f"printer {number}"), GoldenRule(0.05)) for number in range(4_000)
    )
    assert 150 < count < 250


@given(texts, texts, texts)
def test_it_follows_from_the_text_alone_however_it_is_spaced_and_cased(name: str, subject: str, body: str) -> None:
    rule = GoldenRule(0.5)
    if not f"{subject}{body}".split():
        return
    one = Ticket(id=name, subject=subject, body=body)
    other = Ticket(id="another", subject=f" {subject}  ", body=body, channel="email")
    assert is_golden(one, rule) == is_golden(other, rule)


@given(st.text(min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_a_greater_share_keeps_whoever_a_smaller_one_does(subject: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    ticket = Ticket(id="1", subject=subject)
    assert not is_golden(ticket, GoldenRule(small)) or is_golden(ticket, GoldenRule(large))


def test_the_rule_is_kept_as_json() -> None:
    assert read_golden_rule(GoldenRule(0.05).to_json()) == GoldenRule(0.05)
    assert GoldenRule().to_json() is None
    assert read_golden_rule(None) == GoldenRule()
