"""How pressing a ticket sounds by its own signs: words of haste, deadlines, standstill, and how loudly it is written.

For desks whose history teaches no better: where it does, urgency is learned (`training.learning.factors`) and this is
the bar that it is measured against. Knows words of six languages, and no weights but its own.
"""

import re
from typing import Final

__all__ = ["urgency_signs"]

_HASTE_WORDS: Final = (
    "urgent urgently urgency asap immediately emergency critical hurry "
    "dringend dringende dringender eilig sofort sofortige umgehend notfall schnellstmöglich "
    "urgence urgente immédiatement urgentes urgentemente emergencia inmediatamente inmediato "
    "urgenza immediatamente subito emergenza urgência imediatamente emergência spoed onmiddellijk"
)
_DEADLINE_WORDS: Final = (
    "today tonight tomorrow deadline noon midnight heute morgen frist demain aujourd échéance hoy mañana plazo "
    "oggi domani scadenza hoje amanhã prazo vandaag"
)
_STANDSTILL_WORDS: Final = (
    "outage down blocked unavailable stopped standstill crashed offline ausfall ausgefallen stillstand blockiert steht "
    "panne bloqué bloquée indisponible arrêt caído caída bloqueado bloqueada fermo bloccato bloccata parado parada"
)
HASTE: Final = frozenset(_HASTE_WORDS.split())
DEADLINE: Final = frozenset(_DEADLINE_WORDS.split())
STANDSTILL: Final = frozenset(_STANDSTILL_WORDS.split())
PHRASES: Final = (
    "as soon as possible",
    "right away",
    "cannot work",
    "can't work",
    "nobody can",
    "no one can",
    "so schnell wie möglich",
    "dès que possible",
    "le plus vite",
    "lo antes posible",
    "cuanto antes",
    "il prima possibile",
    "o mais rápido possível",
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_MOST_READ: Final = 2_000
_CALM, _HASTE, _DEADLINE, _STANDSTILL, _LOUD, _SHOUT = 45.0, 25.0, 10.0, 15.0, 5.0, 5.0


def urgency_signs(text: str) -> float | None:
    """From 45, nothing pressing, to 100 (cut there); None where there is no word.

    25 for a word of haste (urgent, asap, sofort …), 10 for a deadline (today, tomorrow …), 15 for standstill (down,
    outage …), 5 for an exclamation mark and 5 for a word in capitals of four letters or more.
    """
    read = text[:_MOST_READ]
    lower = read.lower()
    words = frozenset(_WORD.findall(lower))
    if not words:
        return None
    hasty = not HASTE.isdisjoint(words) or any(phrase in lower for phrase in PHRASES)
    shouted = any(word.isupper() and len(word) > 3 for word in read.split())
    said = (hasty, not DEADLINE.isdisjoint(words), not STANDSTILL.isdisjoint(words), "!" in read, shouted)
    points = (_HASTE, _DEADLINE, _STANDSTILL, _LOUD, _SHOUT)
    return min(_CALM + sum(point for point, holds in zip(points, said, strict=True) if holds), 100.0)
