"""Whose word on a label counts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.feedback import Verdict
from desk.feedback_policy import FeedbackPolicy
from desk.heads import Head
from desk.past_answers import PastAnswer, PastHead
from desk.votes import Vote, person_of, votes_of

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
POLICY = FeedbackPolicy()


def answer(prediction_id: str, queue: float = 0.8, escalation: float = 0.3, mode: str = "suggest") -> PastAnswer:
    """Billing, P2 and no escalation."""
    heads: dict[Head, PastHead] = {
        "queue": PastHead("Billing", queue, mode),
        "priority": PastHead("P2", 0.6, "suggest"),
        "escalation": PastHead("false", escalation, "none"),
    }
    return PastAnswer(prediction_id, f"ticket {prediction_id}", NOON - timedelta(hours=1), heads)


ANSWERS = {one: answer(one, queue) for one, queue in (("a", 0.8), ("b", 0.97), ("c", 0.95), ("d", 0.5))}


def verdict(who: str, prediction_id: str = "a", minute: int = 0, **said: Any) -> Verdict:
    return Verdict(prediction_id, who, NOON + timedelta(minutes=minute), **said)


def standings(*verdicts: Verdict, **more: Any) -> list[tuple[str, str, str]]:
    """Who said what and how it stands, of every vote in order."""
    return [(one.verdict.who, one.label, one.standing) for one in votes_of(verdicts, ANSWERS, POLICY, **more)]


def test_a_verdict_is_a_vote_on_each_head_that_it_speaks_of() -> None:
    said = verdict("ann", queue="Orders", escalation=True)
    assert votes_of([said], ANSWERS, POLICY) == [
        Vote(said, "queue", "Orders", "counts", "corrected"),
        Vote(said, "escalation", "true", "counts", "corrected"),
    ]
    assert votes_of([verdict("ann", comment="thanks")], ANSWERS, POLICY) == []


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        ({"queue": "Billing"}, "confirmed"),
        ({"queue": "Billing", "saw_suggestion": False}, "unaided"),
        ({"queue": "Orders"}, "corrected"),
        ({"queue": "Orders", "saw_suggestion": False}, "unaided"),
        ({"escalation": False}, "confirmed"),
        ({"escalation": True}, "corrected"),
    ],
)
def test_a_vote_says_where_its_label_came_from(said: dict[str, Any], origin: str) -> None:
    assert [one.origin for one in votes_of([verdict("ann", **said)], ANSWERS, POLICY)] == [origin]


def test_nobody_was_aided_by_an_answer_that_said_nothing() -> None:
    silent = replace(answer("a"), heads={"queue": PastHead(None, None, "abstain", "head_missing")})
    votes = votes_of([verdict("ann", queue="Orders", priority="P1")], {"a": silent}, POLICY)
    assert [(one.standing, one.origin) for one in votes] == [("counts", "unaided")] * 2


def test_a_verdict_on_an_answer_that_is_not_there_amounts_to_nothing() -> None:
    assert standings(verdict("ann", "erased", queue="Orders")) == []


def test_a_persons_last_word_on_a_head_counts() -> None:
    first = verdict("ann", minute=1, queue="Orders", priority="P1")
    second = verdict("ann", minute=2, queue="Access")
    assert standings(second, first) == [
        ("ann", "Orders", "superseded"),
        ("ann", "Access", "counts"),
        ("ann", "P1", "counts"),
    ]


def test_of_two_words_of_one_moment_one_counts_whichever_came_first() -> None:
    one, other = verdict("ann", queue="Orders"), verdict("ann", queue="Access")
    assert standings(one, other) == standings(other, one)
    assert sorted(standing for *_, standing in standings(one, other)) == ["counts", "superseded"]


@pytest.mark.parametrize(
    ("loser", "winner"),
    [
        ({"queue": "Access"}, {"queue": "Orders"}),
        ({"saw_suggestion": False}, {"saw_suggestion": True}),
        ({"who": "Ann"}, {"who": "ann"}),
        ({"comment": "a"}, {"comment": "b"}),
        ({"comment": None}, {"comment": "None"}),
        ({"priority": None}, {"priority": "None"}),
        ({"escalation": False}, {"escalation": True}),
    ],
)
def test_it_is_told_by_what_they_say_which_one(loser: dict[str, Any], winner: dict[str, Any]) -> None:
    """Never by the order of a set, which is another in each process."""
    one, other = (verdict(**{"who": "ann", "queue": "Billing"} | said) for said in (loser, winner))
    stays = [vote.verdict for vote in votes_of([one, other], ANSWERS, POLICY) if vote.standing == "counts"]
    assert stays[0] == other


def test_a_name_spelled_otherwise_is_the_same_person() -> None:
    assert person_of(" Ann@Desk.example ") == "ann@desk.example"
    said = standings(verdict("ann", "b", 1, queue="Orders"), verdict("Ann ", "b", 2, queue="Orders"))
    assert said == [("ann", "Orders", "superseded"), ("Ann ", "Orders", "quarantined")]


def test_contradicting_a_sure_answer_takes_two() -> None:
    bold = verdict("ann", "b", queue="Orders")
    assert standings(bold) == [("ann", "Orders", "quarantined")]
    assert standings(bold, verdict("bob", "b", queue="Orders")) == [
        ("ann", "Orders", "counts"),
        ("bob", "Orders", "counts"),
    ]
    # Neither another prediction nor another head is agreement.
    assert standings(bold, verdict("bob", queue="Orders"), verdict("bob", "b", priority="P1")) == [
        ("bob", "Orders", "counts"),
        ("ann", "Orders", "quarantined"),
        ("bob", "P1", "counts"),
    ]


def test_sure_is_from_the_policys_probability_on() -> None:
    assert standings(verdict("ann", "c", queue="Orders")) == [("ann", "Orders", "quarantined")]
    just_below = {"c": answer("c", 0.949999)}
    assert [one.standing for one in votes_of([verdict("ann", "c", queue="Orders")], just_below, POLICY)] == ["counts"]


def test_a_desk_may_ask_for_three() -> None:
    said = [verdict(who, "b", queue="Orders") for who in ("ann", "bob", "cid")]
    strict = replace(POLICY, agreeing=3)
    assert {one.standing for one in votes_of(said[:2], ANSWERS, strict)} == {"quarantined"}
    assert {one.standing for one in votes_of(said, ANSWERS, strict)} == {"counts"}


@pytest.mark.parametrize(
    ("probability", "mode", "said", "standing"),
    [
        (0.96, "escalate", False, "quarantined"),
        (0.94, "escalate", False, "counts"),
        (0.05, "none", True, "quarantined"),
        (0.06, "none", True, "counts"),
        # What is reviewed follows from the desk's capacity; how sure the answer was is its probability alone.
        (0.3, "escalate", False, "counts"),
        (0.05, "escalate", True, "quarantined"),
        (0.05, "none", False, "counts"),
    ],
)
def test_escalation_is_sure_on_either_side(probability: float, mode: str, said: bool, standing: str) -> None:
    heads: dict[Head, PastHead] = {"escalation": PastHead(str(mode == "escalate").lower(), probability, mode)}
    given_ = {"a": replace(ANSWERS["a"], heads=heads)}
    assert [one.standing for one in votes_of([verdict("ann", escalation=said)], given_, POLICY)] == [standing]


def test_a_label_that_nobody_knows_takes_two_too() -> None:
    known: Mapping[Head, set[str]] = {"queue": {"Billing", "Orders"}, "escalation": set()}
    odd = verdict("ann", queue="Oders", priority="P9", escalation=True)
    assert standings(odd, labels=known) == [
        ("ann", "Oders", "quarantined"),
        ("ann", "P9", "counts"),
        ("ann", "true", "counts"),
    ]
    assert standings(odd)[0] == ("ann", "Oders", "counts")
    agreed = standings(odd, verdict("bob", queue="Oders"), labels=known)
    assert agreed[:2] == [("ann", "Oders", "counts"), ("bob", "Oders", "counts")]


def test_persons_who_contradict_each_other_are_all_disputed() -> None:
    said = [verdict("ann", queue="Billing"), verdict("bob", queue="Orders"), verdict("cid", queue="Orders")]
    assert {standing for *_, standing in standings(*said)} == {"disputed"}
    sure = [verdict("ann", "b", queue="Billing"), verdict("bob", "b", queue="Orders")]
    assert {standing for *_, standing in standings(*sure)} == {"disputed"}


def test_who_takes_it_back_disputes_no_more() -> None:
    said = standings(
        verdict("ann", queue="Billing"), verdict("bob", queue="Orders"), verdict("bob", minute=1, queue="Billing")
    )
    assert said == [("ann", "Billing", "counts"), ("bob", "Orders", "superseded"), ("bob", "Billing", "counts")]


def test_a_final_word_settles_it() -> None:
    said = [verdict("ann", "b", queue="Billing"), verdict("bob", "b", queue="Orders"), verdict("cid", "b", queue="IT")]
    final = verdict("lead", "b", queue="Orders", is_final=True)
    assert standings(*said, final, labels={"queue": {"Billing"}}) == [
        ("ann", "Billing", "overruled"),
        ("bob", "Orders", "counts"),
        ("cid", "IT", "overruled"),
        ("lead", "Orders", "counts"),
    ]
    assert standings(final) == [("lead", "Orders", "counts")]


def test_only_a_final_word_takes_the_place_of_one() -> None:
    first = verdict("lead", minute=1, queue="Orders", is_final=True)
    borrowed = verdict("lead", minute=2, queue="Access")
    assert standings(first, borrowed) == [("lead", "Access", "superseded"), ("lead", "Orders", "counts")]
    second = verdict("boss", minute=3, queue="Access", is_final=True)
    assert standings(first, second) == [("boss", "Access", "counts"), ("lead", "Orders", "overruled")]


def many(who: str, count: int, label: str, prefix: str = "x") -> list[Verdict]:
    return [verdict(who, f"{prefix}{number:04}", number, queue=label) for number in range(count)]


def counted(verdicts: Iterable[Verdict], answers: Mapping[str, PastAnswer], who: str) -> int:
    return sum(one.standing == "counts" and one.verdict.who == who for one in votes_of(verdicts, answers, POLICY))


def answers_to(verdicts: Iterable[Verdict], queue: float = 0.8) -> dict[str, PastAnswer]:
    return {one.prediction_id: answer(one.prediction_id, queue) for one in verdicts}


def test_who_says_a_label_a_thousand_times_is_heard_fifty_times_and_the_oldest_are() -> None:
    flood = many("eve", 1000, "Orders")
    votes = votes_of(flood, answers_to(flood), POLICY)
    assert [one.standing for one in votes] == ["counts"] * 50 + ["capped"] * 950
    # Beside 297 votes of three others 99 more make a quarter: 99 of 396.
    others = [one for who in ("ann", "bob", "cid") for one in many(who, 99, "Orders", who)]
    assert counted(flood + others, answers_to(flood + others), "eve") == 99
    assert counted(flood + others, answers_to(flood + others), "ann") == 99


def test_the_oldest_are_heard_whatever_they_speak_of() -> None:
    flood = [replace(one, at=NOON - (one.at - NOON)) for one in many("eve", 60, "Orders")]
    votes = votes_of(flood, answers_to(flood), POLICY)
    assert [one.standing for one in votes] == ["capped"] * 10 + ["counts"] * 50


def test_who_confirms_a_label_all_day_is_still_heard_when_they_correct_others_to_it() -> None:
    confirmed, corrected = many("ann", 80, "Billing"), many("ann", 80, "Billing", "y")
    orders: dict[Head, PastHead] = {"queue": PastHead("Orders", 0.6, "suggest")}
    wrong = {name: replace(one, heads=orders) for name, one in answers_to(corrected).items()}
    votes = votes_of(confirmed + corrected, answers_to(confirmed) | wrong, POLICY)
    assert [one.origin for one in votes if one.standing == "counts"] == ["confirmed"] * 50 + ["corrected"] * 50


def test_beyond_the_cap_nobody_disputes() -> None:
    flood, honest = many("eve", 1000, "Orders"), many("ann", 40, "Billing") + many("bob", 40, "Access", "x1")
    honest += [verdict("cid", f"x{number:04}", queue="Billing") for number in range(100, 140)]
    votes = votes_of(flood + honest, answers_to(flood), POLICY)
    assert sum(one.standing == "disputed" and one.verdict.who != "eve" for one in votes) == 40
    assert sum(one.standing == "counts" and one.verdict.who == "cid" for one in votes) == 40


def test_beyond_the_cap_nobody_lifts_a_quarantine() -> None:
    flood = many("eve", 1000, "Orders")
    second = [verdict("mal", one.prediction_id, queue="Orders") for one in flood]
    votes = votes_of(flood + second, answers_to(flood, 0.99), POLICY)
    assert sum(one.standing == "counts" for one in votes) == 2 * 50
    assert sum(one.standing == "quarantined" for one in votes) == 0


def test_a_final_word_needs_no_room_under_the_cap() -> None:
    finals = [replace(one, is_final=True) for one in many("lead", 200, "Orders")]
    assert counted(finals, answers_to(finals), "lead") == 200


def test_what_a_final_word_agrees_with_takes_no_room_under_the_cap() -> None:
    said = many("ann", 80, "Orders")
    finals = [replace(one, who="lead", is_final=True) for one in said[:30]]
    assert counted(said, answers_to(said), "ann") == 50
    assert counted(said + finals, answers_to(said), "ann") == 80


def test_twenty_accounts_that_are_wrong_in_three_verdicts_of_a_hundred_stay_below_that() -> None:
    """10,000 verdicts: 485 right ones of each of 20, and 15 wrong ones, of which 10 contradict a sure answer."""
    accounts = [f"account {number}" for number in range(20)]
    right = [one for who in accounts for one in many(who, 485, "Billing", who)]
    bold = [one for who in accounts for one in many(who, 10, "Orders", f"sure {who}")]
    wrong = [one for who in accounts for one in many(who, 5, "Orders", f"unsure {who}")]
    answers = answers_to(right) | answers_to(bold, 0.97) | answers_to(wrong)
    votes = [one for one in votes_of(right + bold + wrong, answers, POLICY) if one.standing == "counts"]
    assert len(votes) == 9_700 + 100
    assert sum(one.label == "Orders" for one in votes) == 100


verdicts = st.lists(
    st.builds(
        verdict,
        who=st.sampled_from(["ann", "bob", "cid", "eve", "Eve"]),
        prediction_id=st.sampled_from(["a", "b", "c", "d", "gone"]),
        minute=st.integers(0, 3),
        queue=st.sampled_from([None, "Billing", "Orders", "odd"]),
        priority=st.sampled_from([None, "P2", "P1"]),
        escalation=st.sampled_from([None, True, False]),
        comment=st.sampled_from([None, "None", ""]),
        saw_suggestion=st.booleans(),
        is_final=st.sampled_from([False, False, False, True]),
    ),
    max_size=25,
)
policies = st.builds(
    FeedbackPolicy,
    agreeing=st.integers(2, 3),
    most_of_a_label=st.sampled_from([0.25, 0.5, 1.0]),
    always_allowed=st.integers(1, 3),
)
KNOWN: Mapping[Head, set[str]] = {"queue": {"Billing", "Orders"}}


@given(verdicts, policies, st.randoms(use_true_random=False))
def test_neither_order_nor_repeats_change_anything(said: list[Verdict], policy: FeedbackPolicy, chance: Any) -> None:
    elsewhere = timezone(timedelta(hours=5))
    again = [replace(one, at=one.at.astimezone(elsewhere)) for one in said if chance.random() < 0.5]
    shuffled = chance.sample([*said, *again], len(said) + len(again))
    assert votes_of(shuffled, ANSWERS, policy, KNOWN) == votes_of(said, ANSWERS, policy, KNOWN)


@given(verdicts, verdicts, policies, st.sampled_from(["ann", "bob", "eve"]))
def test_who_is_left_out_has_never_spoken(
    others: list[Verdict], own: list[Verdict], policy: FeedbackPolicy, person: str
) -> None:
    others = [one for one in others if person_of(one.who) != person]
    said = others + [replace(one, who=person) for one in own]
    votes_of(said, ANSWERS, policy, KNOWN)
    left = [one for one in said if one.who != person]
    assert votes_of(left, ANSWERS, policy, KNOWN) == votes_of(others, ANSWERS, policy, KNOWN)


@given(verdicts, verdicts, policies)
def test_who_speaks_of_other_predictions_costs_nobody_a_vote(
    said: list[Verdict], more: list[Verdict], policy: FeedbackPolicy
) -> None:
    """Flooding elsewhere caps nobody: an allowance only grows with what others say."""
    elsewhere = [replace(one, who="flood", prediction_id=f"{one.prediction_id}2", is_final=False) for one in more]
    answers = ANSWERS | {f"{name}2": replace(one, prediction_id=f"{name}2") for name, one in ANSWERS.items()}
    before = {one for one in votes_of(said, answers, policy) if one.standing == "capped"}
    after = {one for one in votes_of([*said, *elsewhere], answers, policy) if one.standing == "capped"}
    assert {one for one in after if one.verdict.who != "flood"} <= before


@given(verdicts)
def test_votes_stand_as_the_rules_say_read_one_by_one(said: list[Verdict]) -> None:
    """Without caps a vote's standing follows from the others on its prediction and head, told here in other words."""
    votes = votes_of(said, ANSWERS, FeedbackPolicy(always_allowed=1000), KNOWN)
    for vote in votes:
        assert vote.standing == _as_told(vote, votes)


def _as_told(vote: Vote, votes: list[Vote]) -> str:
    beside = [one for one in votes if (one.verdict.prediction_id, one.head) == (vote.verdict.prediction_id, vote.head)]
    own = [one for one in beside if one.verdict.who.lower() == vote.verdict.who.lower()]
    if [one for one in own if one.standing != "superseded"] != [vote]:
        (stays,) = (one for one in own if one.standing != "superseded")
        assert (stays.verdict.is_final, stays.verdict.at) >= (vote.verdict.is_final, vote.verdict.at)
        return "superseded"
    heard = [one for one in beside if one.standing != "superseded"]
    finals = [one for one in heard if one.verdict.is_final]
    if finals:
        newest = max(one.verdict.at for one in finals)
        (settled,) = {one.label for one in finals if one.verdict.at == newest and one.standing == "counts"}
        return "counts" if vote.label == settled else "overruled"
    if len({one.label for one in heard}) > 1:
        return "disputed"
    contradicts = vote.head == "queue" and vote.label != "Billing" and vote.verdict.prediction_id in ("b", "c")
    alone = len(heard) == 1
    return "quarantined" if alone and (contradicts or vote.label == "odd") else "counts"


def test_what_was_taken_back_does_not_count_and_what_is_said_afterwards_does() -> None:
    said, back = verdict("ann", queue="Orders"), verdict("Ann ", minute=5, withdraws=True)
    assert standings(said, back) == [("ann", "Orders", "superseded")]
    again = verdict("ann", minute=6, queue="Billing")
    assert standings(again, back, said) == [("ann", "Orders", "superseded"), ("ann", "Billing", "counts")]


def test_taking_back_is_for_oneself_and_for_one_answer_and_for_all_heads_of_it() -> None:
    said = verdict("ann", queue="Orders", priority="P1", escalation=True)
    others = verdict("bob", queue="Orders"), verdict("ann", "d", queue="Orders")
    found = standings(said, *others, verdict("ann", minute=5, withdraws=True))
    assert [standing for who, label, standing in found if who == "ann"] == ["superseded"] * 3 + ["counts"]
    assert ("bob", "Orders", "counts") in found


def test_a_final_word_can_be_taken_back_too() -> None:
    final, back = verdict("lena", queue="Orders", is_final=True), verdict("lena", minute=5, withdraws=True)
    assert standings(verdict("ann", queue="Billing"), final)[0][2] == "overruled"
    assert standings(verdict("ann", queue="Billing"), final, back)[0][2] == "counts"


def test_what_was_quarantined_by_a_word_that_was_taken_back_is_free() -> None:
    first, second = verdict("ann", queue="Orders"), verdict("bob", queue="Access")
    assert {one for _, _, one in standings(first, second)} == {"disputed"}
    assert standings(first, second, verdict("bob", minute=1, withdraws=True)) == [
        ("ann", "Orders", "counts"),
        ("bob", "Access", "superseded"),
    ]
