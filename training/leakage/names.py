"""What a column's name says about when it is filled in.

Knows the words of helpdesks in a few languages. A name alone convicts only where no other reading is likely.
"""

import re
from typing import Final, Literal

__all__ = ["Hint", "hint_of"]

Hint = Literal["after", "later", "planned", "opening", "nothing"]
"""after: filled in at or after the resolution. later: usually filled in while the ticket is worked on. planned: a
moment in the future that is set at the opening. opening: what the requester or the first agent says."""

WORD: Final = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|\d+")

CLOSING: Final = re.compile(
    r"closed|closing|closure|closes?|resolv\w*|resolution|resolutions|solved|solver|solving|reopen\w*|reassign\w*"
    r"|worklog|postmortem|csat|survey|abgeschlossen\w*|geschlossen\w*|gel[oö]st|l[oö]sung\w*|behoben|erledigt\w*"
    r"|cerrado|cierre|resuelto|resoluci[oó]n|ferm[eé]\w*|cl[oô]tur\w*|r[eé]solu\w*|encerrad[oa]|fechad[oa]|resolvido"
)
"""A word that speaks of the end, wherever it stands in the name."""

ENDED: Final = frozenset({
    "fixed", "handled", "worked", "processed", "serviced", "completed", "completion", "finished", "finish", "ended",
    "end", "done", "close", "repair", "repaired", "delivered", "updated", "modified", "settled", "complete", "handling",
})  # fmt: skip
ASPECT: Final = frozenset({
    "by", "at", "on", "date", "time", "day", "weekday", "dow", "week", "month", "hour", "year", "code", "codes",
    "notes", "note", "comment", "comments", "text", "reason", "remark", "remarks", "team", "agent", "timestamp", "ts",
    "minutes", "hours", "days", "seconds", "user", "person", "summary", "quarter", "weekdays", "dt",
})  # fmt: skip
"""`fixed` or `close` may mean many things; `fixed_by` and `close_code` mean one."""

PHRASES: Final = re.compile(
    r"root cause|work notes?|work log|time to (?:fix|repair|solution|first|close|resol\w*)|handl\w+ time|time spent"
    r"|(?:hours|days|time|minutes) open|open (?:hours|days|time|minutes)|post mortem|final resol\w*|fix versions?"
    r"|sys mod count|made sla|first (?:response|reply)|time worked|mttr|ttr|effort spent|lead time|cycle time"
)
LATER: Final = re.compile(
    r"solution|fix|workaround|answer|reply|response|outcome|result|disposition|handler|handling|worked|spent|duration"
    r"|elapsed|assigned|assignee|owner|agent|technician|engineer|analyst|operator|specialist|bearbeiter\w*|tecnico"
    r"|final|actual|last|updated|modified|ended|completed|finished|done|status|state|satisfaction|rating|nps|feedback"
    r"|transfers?|transferred|hops|touches|escalat\w*|eskal\w*|breach\w*|violat\w*|overdue|missed|met|delay|late|hours"
    r"|minutes|seconds|knowledge|kb|verified|notes?|comments?|remarks?|dauer|duraci[oó]n|effort|refund\w*|penalty"
    r"|interactions|updates|repl(?:ies|y)|notiz\w*|kommentar\w*"
)
PLANNED: Final = re.compile(
    r"due|target|deadline|planned|scheduled|expected|promised|agreed|appointment|estimated|expir\w*|until|valid|renewal"
    r"|warranty|contract|preferred|wanted|desired|needed|f[aä]llig\w*"
)
FIRST: Final = re.compile(
    r"initial|first|opened|opening|reported|requested|submitted|created|original|intake|previous|prior|received|logged"
    r"|entered|registered|arrived"
)
"""What stood there at the beginning, whatever the next word: `initial_assignee`, `opened_by_agent`."""

OPENING: Final = re.compile(
    r"impact|urgency|severity|(?:sub)?categor\w*|(?:sub)?type|products?|components?|module|services?|application|topic"
    r"|symptoms?|form|descriptions?|title|summary|subject|questions?|problem|issue|project|request|kategorie|dringlichkeit"
    r"|content|inquiry|complaint|narrative|details?|messages?|email|utterance|query|beschreibung|betreff"
)
NOT_OF_THE_TICKET: Final = re.compile(
    r"(?:screen|display|image|video|photo|monitor|camera|pixel) resolution|closed (?:beta|captions?)"
)


def hint_of(column: str) -> Hint:
    """What the name says; the end outweighs a plan, a plan the beginning, and the beginning whatever lies between."""
    words = [word.casefold() for word in WORD.findall(column)]
    name = " ".join(words)
    if NOT_OF_THE_TICKET.search(name):
        return "nothing"
    is_planned = any(PLANNED.fullmatch(word) for word in words)
    if _speaks_of_the_end(words, name):
        return "planned" if is_planned else "after"
    if is_planned:
        return "planned"
    if any(FIRST.fullmatch(word) for word in words):
        return "opening"
    if any(LATER.fullmatch(word) for word in words):
        return "later"
    return "opening" if any(OPENING.fullmatch(word) for word in words) else "nothing"


def _speaks_of_the_end(words: list[str], name: str) -> bool:
    if any(CLOSING.fullmatch(word) for word in words) or re.search(rf"\b(?:{PHRASES.pattern})\b", name):
        return True
    return bool(ENDED & set(words)) and bool(ASPECT & set(words))
