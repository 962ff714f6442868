"""Sentences with gaps: `<a|b>` is one of several wordings, `{name}` a slot that the ticket fills.

Wordings do not nest. Knows neither what the slots mean nor where the sentences are kept.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

__all__ = ["Slot", "Template", "compile_template", "fill"]

GAP = re.compile(r"<([^<>]*\|[^<>]*)>|\{([a-z_]+)\}")
STRAY_SPACE = re.compile(r"(?<=\S) +(?=[ .,]|$)")
"""Left over where a wording was empty."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap that the ticket fills by name."""

    name: str


Template = tuple["str | Slot | tuple[Template, ...]", ...]
"""Plain text, slots, and choices among templates, in order."""


def compile_template(text: str) -> Template:
    """Take a sentence apart once, so that filling it costs little."""
    parts: list[str | Slot | tuple[Template, ...]] = []
    end = 0
    for gap in GAP.finditer(text):
        if gap.start() > end:
            parts.append(text[end : gap.start()])
        wordings, slot = gap.groups()
        parts.append(Slot(slot) if slot else tuple(compile_template(one) for one in wordings.split("|")))
        end = gap.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def fill(template: Template, rng: Random, slots: Mapping[str, str]) -> str:
    """One wording of the template. Raises KeyError where a slot has no filling."""
    return STRAY_SPACE.sub("", "".join(_pieces(template, rng, slots)))


def _pieces(template: Template, rng: Random, slots: Mapping[str, str]) -> Iterator[str]:
    for part in template:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Slot):
            yield slots[part.name]
        else:
            yield from _pieces(part[int(rng.random() * len(part))], rng, slots)
