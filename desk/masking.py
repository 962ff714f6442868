"""Text without what points to a person by its form: mail addresses, links, phone and other long numbers.

A name in a sentence has no form and stays. Knows no tickets.
"""

import re
from typing import Final

__all__ = ["ADDRESS", "LINK", "NUMBER", "masked"]

ADDRESS: Final = "[address]"
LINK: Final = "[link]"
NUMBER: Final = "[number]"

_BOUNDARY: Final = r"\s<>()\[\],;:\""
_LINK: Final = re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+", re.IGNORECASE)
_ADDRESS: Final = re.compile(rf"[^@{_BOUNDARY}]{{1,64}}@[^{_BOUNDARY}]+")
_NUMBER: Final = re.compile(
    r"\+?\(?\d(?:[ \t./()\-]{0,3}\d){4,}|\b(?=[A-Z0-9\-]{0,40}\d[A-Z0-9\-]{0,40}\d)[A-Z]{2}[A-Z0-9\-]{6,}\b"
)
"""Five digits and more, however they are grouped; numbers that begin with letters, such as an IBAN."""


def masked(text: str) -> str:
    """The text with a word in brackets in the place of every address, link and number of five digits and more.

    A date is such a number too; times, amounts and versions of up to four digits stay. Linear in the text's length.
    """
    return _NUMBER.sub(NUMBER, _ADDRESS.sub(ADDRESS, _LINK.sub(LINK, text)))
