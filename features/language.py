"""Which language a text is in, for tickets that do not say: py3langid's model, over the languages that desks write.

The detector is loaded when it is first needed and kept: half a second, 70 MB, data only (arrays read without pickle).
Knows nothing of tickets' fields but the two that it is given.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

__all__ = ["LANGUAGES", "detected_language", "is_english", "load_detector"]

_CODES: Final = (
    "ar bg bn ca cs da de el en es et fa fi fr gl he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv th tr "
    "uk ur vi zh"
)
LANGUAGES: Final = frozenset(_CODES.split())
"""Codes (ISO 639-1) that are told apart. The model knows 139, but takes short English for Nigerian Pidgin or Latin."""

_MOST_READ: Final = 100
"""Characters: on five languages 100 tell as much as 400, at a third of the time."""

_LEAST_CONFIDENCE: Final = 0.5


def detected_language(text: str) -> str | None:
    """The code of the language that `text` begins in; None where it has none that is likelier than all others."""
    start = " ".join(text[: 4 * _MOST_READ].split())[:_MOST_READ]
    code, confidence = load_detector().classify(start)
    return code if confidence >= _LEAST_CONFIDENCE else None


def is_english(language: str | None, text: str) -> bool:
    """Whether the ticket's own `language` (en, en-GB, English …) is English, or where it names none, the text is."""
    if language is not None:
        return language.strip().casefold().replace("_", "-").split("-")[0] in {"en", "eng", "english"}
    return detected_language(text) == "en"


@cache
def load_detector() -> "LanguageIdentifier":
    """The detector; the first call loads it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    kept = [place for place, code in enumerate(whole.nb_classes) if code in LANGUAGES]
    # A detector of its own: one that is merely told its languages keeps the 100 others' tables in memory.
    return LanguageIdentifier(
        whole.nb_ptc[:, kept].copy(),
        whole.nb_pc[kept].copy(),
        [whole.nb_classes[place] for place in kept],
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )
