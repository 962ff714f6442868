"""Subject and body of a ticket, as its requester would write them.

Knows the request and its particulars, neither the attributes nor what becomes of the ticket.
"""

from collections.abc import Sequence
from random import Random

from simulation.content import Content, Cue
from simulation.details import Details
from simulation.queues import QueuePlan
from simulation.request import Request
from simulation.template import Template, fill

__all__ = ["write_ticket"]

VAGUE_SUBJECT_SHARE = 0.14
RIVAL_WORDING_SHARE = 0.08
"""Full tickets that also use a sentence of the topic that theirs is taken for."""

ASIDE_SHARE = 0.2
TYPING_ERROR_SHARE = 0.15
LOWER_CASE_SHARE = 0.1


def write_ticket(rng: Random, content: Content, plan: QueuePlan, request: Request, details: Details) -> tuple[str, str]:
    """Subject and body. A vague ticket names neither its topic nor its cause."""
    body = " ".join(_sentences(rng, content, plan, request, details))
    if rng.random() < TYPING_ERROR_SHARE:
        body = _mistype(rng, body)
    if rng.random() < LOWER_CASE_SHARE:
        body = body.lower()
    body += _quotation(rng, content, request, details)
    if request.style == "full":
        body = _letter(rng, content, request, details, body)
    return _subject(rng, content, request, details), body


def _quotation(rng: Random, content: Content, request: Request, details: Details) -> str:
    """A log, or earlier mails where nothing technical is broken, after a line that introduces it."""
    for cue in request.cues:
        if cue.name == "trace":
            quoted = content.letters if request.topic.office else content.traces
            return f" {_one(rng, _wordings(cue, request), details)}\n{_one(rng, quoted, details)}"
    return ""


def _wordings(cue: Cue, request: Request) -> Sequence[Template]:
    return (cue.says_in_office if request.topic.office else cue.says)[request.language]


def _one(rng: Random, wordings: Sequence[Template], details: Details) -> str:
    return fill(wordings[int(rng.random() * len(wordings))], rng, details)


def _subject(rng: Random, content: Content, request: Request, details: Details) -> str:
    phrases = content.phrases[request.language]
    vague = request.style == "vague" or rng.random() < VAGUE_SUBJECT_SHARE
    subject = _one(rng, phrases["vague_subjects"] if vague else request.topic.subjects[request.language], details)
    if rng.random() < (0.5 if request.account.cries_wolf else 0.04):
        return f"{_one(rng, phrases['urgent_prefixes'], details)} {subject}"
    return f"{_one(rng, phrases['prefixes'], details)} {subject}" if rng.random() < 0.1 else subject


def _sentences(rng: Random, content: Content, plan: QueuePlan, request: Request, details: Details) -> list[str]:
    phrases = content.phrases[request.language]
    said = [_one(rng, _wordings(cue, request), details) for cue in request.cues if cue.name != "trace"]
    if request.style == "vague":
        return [_one(rng, phrases["vague"], details), *said]
    told = _told(rng, plan, request, details)
    if request.style == "terse":
        return [*told[:1], *said]
    before = int(rng.random() * (len(said) + 1)) if rng.random() < 0.25 else 0
    context = [_one(rng, phrases["contexts"], details)] if rng.random() < 0.3 else []
    extra = [fill(one, rng, details) for one in rng.sample(phrases["details"], rng.choice((0, 0, 1, 1, 2)))]
    end = [_one(rng, phrases["asks"], details)] if rng.random() < 0.4 else []
    aside = _aside(rng, content, plan, request, details)
    return [*context, *said[:before], *told, *extra, *aside, *said[before:], *end]


def _told(rng: Random, plan: QueuePlan, request: Request, details: Details) -> list[str]:
    """The problem itself, in one or two sentences."""
    wordings = request.topic.says[request.language]
    told = [fill(one, rng, details) for one in rng.sample(wordings, min(len(wordings), rng.choice((1, 1, 2))))]
    rival = plan.topics.get(request.topic.rival)
    if rival and request.style == "full" and rng.random() < RIVAL_WORDING_SHARE:
        told.append(_one(rng, rival.says[request.language], details))
    return told


def _aside(rng: Random, content: Content, plan: QueuePlan, request: Request, details: Details) -> list[str]:
    """A remark about something else, which misleads who reads single words only."""
    asides = content.phrases[request.language].get("asides")
    if not asides or rng.random() >= ASIDE_SHARE:
        return []
    rival = plan.topics.get(request.topic.rival)
    other = rival if rival and rng.random() < 0.5 else rng.choice(plan.ordered)
    details["noun"] = other.noun
    return [_one(rng, asides, details)]


def _letter(rng: Random, content: Content, request: Request, details: Details, body: str) -> str:
    """The body between a greeting and a signature, each of which may be missing."""
    phrases = content.phrases[request.language]
    lines = [_one(rng, phrases["greetings"], details)] if rng.random() < 0.75 else []
    lines.append(body)
    if rng.random() < 0.7:
        lines.append(_one(rng, phrases["closings"], details) + "\n" + _signature(rng, request))
    return "\n\n".join(lines)


def _signature(rng: Random, request: Request) -> str:
    if rng.random() < 0.5:
        return request.writer.split(" ")[0]
    address = request.writer.lower().replace(" ", ".") + "@" + request.account.domain
    return f"{request.writer}\n{request.account.company}\n{address}"


def _mistype(rng: Random, text: str) -> str:
    """Swap or drop a letter in about one word of twelve; numbers and codes stay right."""
    words = text.split(" ")
    for index, word in enumerate(words):
        if len(word) > 4 and word.isalpha() and rng.random() < 0.08:
            cut = rng.randrange(1, len(word) - 2)
            middle = word[cut + 1] + word[cut] if rng.random() < 0.6 else word[cut]
            words[index] = word[:cut] + middle + word[cut + 2 :]
    return " ".join(words)
