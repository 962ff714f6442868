"""What verdicts amount to: whose word on a label counts, whose has to wait for others, and where each came from.

Always a fold over all verdicts, in any order, never a sum that is kept: to leave a person out is to leave out what they
said, and nothing of it lingers. Knows neither the journal nor what is learned from a vote. A person is a name here:
whether the one who speaks is who they say is for those who let them in.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, Literal, TypeAlias

from desk.allowance import allowance_of
from desk.feedback import Origin, Verdict
from desk.feedback_policy import FeedbackPolicy
from desk.heads import Head
from desk.past_answers import PastAnswer, PastHead

__all__ = ["VOTED_HEADS", "Standing", "Vote", "person_of", "votes_of"]

Standing: TypeAlias = Literal["counts", "quarantined", "disputed", "capped", "superseded", "overruled"]
"""counts: it is evidence. quarantined: it contradicts a sure answer, or names a label that nobody knows, and too few
others say so. disputed: others say something else. capped: its person has said this label too often. superseded: the
same person spoke again, or took it back. overruled: a final word says something else."""

VOTED_HEADS: Final[tuple[Head, ...]] = ("queue", "priority", "escalation")
"""What a verdict may speak of."""

_SILENT: Final = PastHead(None, None, "abstain")


@dataclass(frozen=True, slots=True)
class Vote:
    """What one verdict says of one head. label: of escalation "true" (it is justified) or "false"."""

    verdict: Verdict
    head: Head
    label: str
    standing: Standing
    origin: Origin


@dataclass(frozen=True, slots=True, eq=False)
class _Word:
    """A vote before anybody else was heard; no other is equal to it. agrees: whether the answer said the same label."""

    verdict: Verdict
    head: Head
    label: str
    answered: PastHead

    @property
    def person(self) -> str:
        return person_of(self.verdict.who)

    @property
    def agrees(self) -> bool:
        return self.label == self.answered.label

    @property
    def rank(self) -> tuple[object, ...]:
        """The later, the greater, and no two alike; a final word gives way to none but a final one."""
        said = self.verdict
        rest = (said.saw_suggestion, said.who, *_spelled(said.queue, said.priority, said.escalation, said.comment))
        return (said.is_final, said.at, self.label, *rest)


def votes_of(
    verdicts: Iterable[Verdict],
    answers: Mapping[str, PastAnswer],
    policy: FeedbackPolicy,
    labels: Mapping[Head, Collection[str]] | None = None,
) -> list[Vote]:
    """Every vote that the verdicts amount to, sorted by prediction, head, person and time.

    verdicts: all of them, in any order; one that is there twice counts once. answers: by prediction id; a verdict on
    one that is not there amounts to nothing. labels: what is known of a head, such as by any version; a head that is
    not there is not held against it. A prediction's votes on a head that count all say the same.
    """
    said = set(verdicts)
    words = sorted(_words(said, answers), key=_place)
    standing = _standing_words(words, said)
    last = {(word.verdict.prediction_id, word.head, word.person): word for word in standing}
    current = [word for word in standing if word is last[word.verdict.prediction_id, word.head, word.person]]
    standings = _standings(current, policy, labels or {})
    return [_vote(word, standings.get(word, "superseded")) for word in words]


def person_of(who: str) -> str:
    """Who is meant, however the name is spelled: neither case nor blanks around it make it two persons."""
    return who.strip().casefold()


def _standing_words(words: Sequence[_Word], verdicts: Iterable[Verdict]) -> list[_Word]:
    """Those that their person did not take back."""
    taken_back: dict[tuple[str, str], datetime] = {}
    for one in verdicts:
        if one.withdraws:
            place = (one.prediction_id, person_of(one.who))
            taken_back[place] = max(one.at, taken_back.get(place, one.at))
    if not taken_back:
        return list(words)
    until = ((word, taken_back.get((word.verdict.prediction_id, word.person))) for word in words)
    return [word for word, at in until if at is None or word.verdict.at > at]


def _words(verdicts: Iterable[Verdict], answers: Mapping[str, PastAnswer]) -> Iterator[_Word]:
    for verdict in verdicts:
        answer = answers.get(verdict.prediction_id)
        escalation = None if verdict.escalation is None else str(verdict.escalation).lower()
        for head, label in zip(VOTED_HEADS, (verdict.queue, verdict.priority, escalation), strict=True):
            if answer is not None and label is not None:
                yield _Word(verdict, head, label, answer.heads.get(head, _SILENT))


def _place(word: _Word) -> tuple[object, ...]:
    return (*_question(word), word.person, *word.rank)


def _question(word: _Word) -> tuple[str, int]:
    return word.verdict.prediction_id, VOTED_HEADS.index(word.head)


def _standings(
    current: Sequence[_Word], policy: FeedbackPolicy, labels: Mapping[Head, Collection[str]]
) -> dict[_Word, Standing]:
    """current: the last word of each person, in the order of `_place`."""
    questions = [list(words) for _, words in groupby(current, key=_question)]
    open_words = [word for words in questions if _final(words) is None for word in words]
    capped = _capped(open_words, policy)
    standings: dict[_Word, Standing] = dict.fromkeys(capped, "capped")
    for words in questions:
        final = _final(words)
        if final is not None:
            standings |= {word: "counts" if word.label == final.label else "overruled" for word in words}
        else:
            heard = [word for word in words if word not in capped]
            standings |= dict.fromkeys(heard, _standing(heard, policy, labels))
    return standings


def _final(words: Iterable[_Word]) -> _Word | None:
    """The last final word, if there is one."""
    return max((word for word in words if word.verdict.is_final), key=lambda word: word.rank, default=None)


def _capped(words: Iterable[_Word], policy: FeedbackPolicy) -> set[_Word]:
    """Words beyond what their person may say: of each label, and of agreeing apart from differing, the oldest stay."""
    said: dict[tuple[Head, str, bool], dict[str, list[_Word]]] = {}
    for word in words:
        said.setdefault((word.head, word.label, word.agrees), {}).setdefault(word.person, []).append(word)
    capped: set[_Word] = set()
    for persons in said.values():
        allowed = allowance_of([len(own) for own in persons.values()], policy)
        for own in persons.values():
            capped |= set(sorted(own, key=_age)[allowed:])
    return capped


def _age(word: _Word) -> tuple[object, ...]:
    return (word.verdict.at, *_place(word))


def _standing(heard: Sequence[_Word], policy: FeedbackPolicy, labels: Mapping[Head, Collection[str]]) -> Standing:
    """Of all that is heard on one prediction's head, where no word is final."""
    if len({word.label for word in heard}) > 1:
        return "disputed"
    is_bold = any(_is_bold(word, policy, labels) for word in heard)
    return "quarantined" if is_bold and len(heard) < policy.agreeing else "counts"


def _is_bold(word: _Word, policy: FeedbackPolicy, labels: Mapping[Head, Collection[str]]) -> bool:
    is_known = word.head == "escalation" or word.head not in labels or word.label in labels[word.head]
    return not is_known or word.answered.probability_against(word.label) >= policy.sure


def _vote(word: _Word, standing: Standing) -> Vote:
    return Vote(word.verdict, word.head, word.label, standing, _origin(word))


def _origin(word: _Word) -> Origin:
    if word.answered.label is None or not word.verdict.saw_suggestion:
        return "unaided"
    return "confirmed" if word.agrees else "corrected"


def _spelled(*said: str | bool | None) -> tuple[tuple[bool, str], ...]:
    """In an order of their own, also what is not said."""
    return tuple((one is not None, str(one)) for one in said)
