"""How involved a ticket looks by its own signs: error codes, stack traces, length, several questions.

For desks whose history teaches no better: where it does, complexity is learned (`training.learning.factors`) and this
is the bar that it is measured against. Knows no language: codes and traces look the same in all.
"""

import re
from typing import Final

__all__ = ["complexity_signs"]

_TRACE: Final = re.compile(
    r"Traceback \(most recent call last\)"
    r"|^\s*at [\w.$<>]+\([^)\n]{0,200}\)"
    r"|^\s*File \"[^\"\n]{1,300}\", line \d+"
    r"|\b(?:[A-Za-z_]\w{0,80}\.){1,10}\w{1,80}(?:Exception|Error)\b"
    r"|^Caused by:|Exception in thread|\bcore dumped\b|\bstack ?trace\b"
    r"|^\s*#\d+ +0x[0-9a-f]+",
    re.MULTILINE,
)
_TRACE_WORDS: Final = ("Traceback", "Exception", "Error", 'File "', "Caused by", "core dumped", "stack", "0x")
_CODE: Final = re.compile(
    r"\b(?:[A-Z]{2,}[-_]?\d{2,}\w*|0x[0-9A-Fa-f]{2,}|(?:HTTP|error|code|status)[ :#]{1,3}\d{3,5})\b"
)
_MOST_READ: Final = 20_000
_BASE, _TRACED, _CODED, _LONG, _ASKED = 30.0, 30.0, 10.0, 25.0, 5.0
_MOST_CODES, _MOST_QUESTIONS, _LONG_WORDS = 2, 3, 300


def complexity_signs(text: str) -> tuple[float | None, bool]:
    """How involved it looks, and whether it takes an expert: who reads stack traces or tells several codes apart.

    From 30, a plain short request, to 100 (cut there); None where there is no text. 30 for a stack trace, 10 for each
    of up to two different error codes, up to 25 by the number of words (300 and more give all of it), 5 for each of up
    to three questions beyond the first.
    """
    read = text[:_MOST_READ]
    if not read.strip():
        return None, False
    traced = _may_hold_a_trace(read) and _TRACE.search(read) is not None
    codes = min(len(set(_CODE.findall(read))), _MOST_CODES)
    questions = min(max(read.count("?") - 1, 0), _MOST_QUESTIONS)
    length = min(len(read.split()) / _LONG_WORDS, 1.0)
    points = _BASE + _TRACED * traced + _CODED * codes + _LONG * length + _ASKED * questions
    return min(points, 100.0), traced or codes == _MOST_CODES


def _may_hold_a_trace(text: str) -> bool:
    """Spares most texts the search: looking for a word costs a hundredth of it."""
    return ("at " in text and "(" in text) or any(word in text for word in _TRACE_WORDS)
