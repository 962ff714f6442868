"""The whole page: head, style, what stands where. Knows the order of the parts, and nothing of what they say."""

from functools import lru_cache
from importlib.resources import files
from typing import Final

from training.story.page.ahead import changed, next_steps, not_known, what_if, what_to_watch
from training.story.page.elements import Html, name, paragraph, text
from training.story.page.headline import day, how_it_is_known, short_answer
from training.story.page.queues import all_queues, by_queue, mistakes, untouched
from training.story.page.worth import escalations, priorities, transfers_and_hours
from training.story.story import Story

__all__ = ["render_page"]

_PARTS: Final = (
    short_answer,
    how_it_is_known,
    by_queue,
    mistakes,
    untouched,
    priorities,
    escalations,
    transfers_and_hours,
    what_if,
    changed,
    what_to_watch,
    next_steps,
    not_known,
    all_queues,
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is loaded, nothing runs: whoever opens the page can rely on it, whatever a queue is called."""


def render_page(story: Story) -> str:
    """The page as one HTML document, without a word of any ticket."""
    title = f"What version {story.version} would do by itself"
    body = "\n".join(part for part in (make(story) for make in _PARTS) if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{text(title)}</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n<main>\n"
        f"<header>\n<h1>{text(title)}</h1>\n{_subtitle(story)}\n</header>\n{body}\n{_footer(story)}\n</main>\n</body>\n"
        "</html>\n"
    )


def _subtitle(story: Story) -> Html:
    trained = f", on {day(story.trained_at)}" if story.trained_at else ""
    what = "Pointsman reads a new ticket and says which queue it belongs to. This version learned from"
    return paragraph(f"{what} {story.learned_from:,} of your resolved tickets{trained}.", "quiet")


def _footer(story: Story) -> Html:
    made = f"Written by <code>pointsman report</code> on {day(story.at.isoformat())} of version {name(story.version)}."
    return f"<footer>{paragraph(made + ' It contains no text of any ticket.')}</footer>"


@lru_cache(maxsize=1)
def _style() -> str:
    return files("training.story.page").joinpath("page.css").read_text(encoding="utf-8")
