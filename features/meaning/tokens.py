"""Text to token numbers, by the tokenizer that an encoder brings along.

Knows nothing of what the tokens mean. The tokenizers library is imported by the first version that has a meaning.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["MOST_CHARACTERS", "clean", "parse_tokenizer", "token_ids", "token_spans"]

MOST_CHARACTERS: Final = 20_000
"""Text beyond this many characters is not tokenised: four thousand tokens say what a ticket is about."""


def parse_tokenizer(text: str) -> "Tokenizer":
    """The tokenizer in its own JSON form. Raises `ValueError` where it holds none."""
    from tokenizers import Tokenizer  # not every version has a meaning

    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # the library raises bare ones
        raise ValueError(f"The tokenizer's JSON cannot be read ({error}).") from error
    tokenizer.no_padding()
    return tokenizer


def token_ids(tokenizer: "Tokenizer", text: str, *, special: bool = False) -> list[int]:
    """The numbers of the tokens of `text`; with `special`, also those that the encoder wants around it."""
    ids: list[int] = tokenizer.encode(clean(text), add_special_tokens=special).ids
    return ids


def token_spans(tokenizer: "Tokenizer", text: str) -> tuple[list[int], list[tuple[int, int]]]:
    """The numbers of the tokens of `text`, and from which of its characters to which each stands."""
    encoding = tokenizer.encode(clean(text), add_special_tokens=False)
    return encoding.ids, encoding.offsets


def clean(text: str) -> str:
    """What is read of `text`: half of a surrogate pair is no text to the library, and no reason to fail."""
    return text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
