"""Sections of a run's first page, by heading: what comes later takes its place without touching the rest.

Knows markdown, not what it says.
"""

import re
from typing import Final

__all__ = ["GO_LIVE", "SINCE", "headline", "with_section"]

GO_LIVE: Final = "May it go live?"
SINCE: Final = "Since it was trained"


def headline(heading: str, answer: str = "") -> str:
    """The line of a section: MLflow folds a page after some lines, so that the answer stands in the first."""
    return f"## {heading} {answer}".rstrip()


def with_section(page: str, heading: str, body: str, answer: str = "") -> str:
    """The page with `body` under the second-level `heading`, in place of what was there; the answer stands beside it.

    A page without the heading, as older versions wrote it, gets the section at its top.
    """
    section = f"{headline(heading, answer)}\n\n{body.strip()}\n\n"
    found = re.search(rf"^## {re.escape(heading)}[^\n]*\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if found is None:
        return f"{section}{page}"
    return f"{page[: found.start()]}{section}{page[found.end() :].lstrip()}"
