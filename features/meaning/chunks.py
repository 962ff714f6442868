"""Text to token numbers, each different chunk between two spaces tokenised once: a desk's tickets share their words.

Tokenising is most of what a static table costs, 0.15 ms of 0.2 for a ticket of 46 words; looked up it is 0.03. This
holds for tokenizers of BERT's kind alone, which see no further than a space: their normaliser works on characters and
their accents, words end at spaces and punctuation, and word pieces lie within a word. Texts for any other tokenizer are
tokenised whole. Knows nothing of what the tokens mean.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from features.meaning.tokens import token_spans

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["MOST_KEPT", "Chunks", "chunks_of", "sees_chunks_alone"]

MOST_KEPT: Final = 50_000
"""Chunks that are kept: some 20 MB, and in memory alone. When they are as many, they are all let go."""

_LONGEST_KEPT: Final = 40  # characters: a longer one is no word that comes again

_Found = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True)
class Chunks:
    """A tokenizer, and what it said of the chunks that it saw last; threads may share it.

    alone: whether it says the same of a chunk wherever it stands.
    """

    tokenizer: "Tokenizer"
    alone: bool
    _kept: dict[str, _Found] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __reduce__(self) -> tuple[type["Chunks"], tuple["Tokenizer", bool]]:
        """Copies start empty: what tickets said goes nowhere from here."""
        return Chunks, (self.tokenizer, self.alone)

    def ids(self, text: str) -> list[int]:
        """The numbers of the tokens of `text`, which `features.meaning.tokens.clean` made."""
        ids: list[int] = []
        for chunk in self._chunks(text):
            ids += (self._kept.get(chunk) or self._tokenised(chunk))[0]
        return ids

    def spots(self, text: str) -> tuple[list[int], list[int]]:
        """The same, and a character of `text` in the middle of each token."""
        ids, middles, start = [], [], 0
        for chunk in self._chunks(text):
            more, places = self._kept.get(chunk) or self._tokenised(chunk)
            ids += more
            middles += [start + place for place in places]
            start += len(chunk) + 1
        return ids, middles

    def _chunks(self, text: str) -> Iterator[str] | list[str]:
        """No other white space parts them: some of it is a control character to BERT, and falls out of a word."""
        return text.replace("\n", " ").split(" ") if self.alone else [text]

    def _tokenised(self, chunk: str) -> _Found:
        ids, spans = token_spans(self.tokenizer, chunk)
        found = ids, [(start + end) // 2 for start, end in spans]
        if self.alone and len(chunk) <= _LONGEST_KEPT:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[chunk] = found
        return found


def chunks_of(tokenizer: "Tokenizer") -> Chunks:
    """What tokenises text by `tokenizer`."""
    return Chunks(tokenizer, sees_chunks_alone(json.loads(tokenizer.to_str())))


def sees_chunks_alone(described: dict[str, Any]) -> bool:
    """Whether a tokenizer of this JSON form says the same of a chunk between spaces wherever it stands."""
    kinds = [(described.get(part) or {}).get("type") for part in ("normalizer", "pre_tokenizer", "model")]
    return (
        kinds == ["BertNormalizer", "BertPreTokenizer", "WordPiece"]
        and described.get("truncation") is None
        and (described.get("post_processor") or {}).get("type") in (None, "BertProcessing", "TemplateProcessing")
        and not any(_reaches_out(token) for token in described.get("added_tokens", ()))
    )


def _reaches_out(token: dict[str, Any]) -> bool:
    """Whether an added token holds white space or swallows that beside it."""
    return token["lstrip"] or token["rstrip"] or any(map(str.isspace, token["content"]))
