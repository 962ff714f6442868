"""Text to token numbers, each different chunk of it tokenised once: a desk's tickets share their words.

Tokenising is most of what a static table costs, 0.15 ms of 0.2 for a ticket of 46 words; looked up it is 0.03. This
holds for tokenizers of BERT's kind alone, which see no further than a space: their normaliser works on characters and
their accents, words end at spaces and punctuation, and word pieces lie within a word. In printable ASCII a chunk is a
run of letters and digits, or a sign; in any other text what stands between two spaces. Texts for any other tokenizer
are tokenised whole. Knows nothing of what the tokens mean.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from features.kept import Kept
from features.meaning.pieces import Pieces, pieces_of
from features.meaning.tokens import token_spans

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Chunks", "chunks_of", "sees_chunks_alone"]

_WORD: Final = re.compile(r"\w+")
_PARTS: Final = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9\s]")
_WORDS_AND_SIGNS: Final = re.compile(r"\w+|[^\w\s]")
_CONTROL: Final = re.compile(r"[\0-\x09\x0b-\x1f\x7f]")
_OPENING: Final = "["  # begins added tokens, which are made of several parts


class Chunks:
    """A tokenizer, and what it said of the chunks that it saw last; threads may share it.

    alone: whether it says the same of a chunk wherever it stands. pieces: where in ASCII it also says the same of each
    sign and of what stands between two signs, what cuts these as it does.
    """

    def __init__(self, tokenizer: "Tokenizer", *, alone: bool, pieces: Pieces | None) -> None:
        self.tokenizer, self.alone, self.pieces = tokenizer, alone, pieces
        self._ids, self._spans, self._named = Kept(self._tokenised), Kept(self._spanned), Kept(self._with_words)

    def __reduce__(self) -> tuple[Callable[["Tokenizer"], "Chunks"], tuple["Tokenizer"]]:
        """Copies start empty."""
        return chunks_of, (self.tokenizer,)

    def ids(self, text: str) -> NDArray[np.int32]:
        """The numbers of the tokens of `text`, which `features.meaning.tokens.clean` made; shape (tokens,)."""
        return _joined(self._ids.of(self._parts(text)))

    def named(self, text: str) -> tuple[NDArray[np.int32], list[str]]:
        """The same, and the word that each token stands in, in lower case; empty for one that is in none."""
        if not self.alone:
            return self.ids(text), _words_at(text, self.spans(text))
        # a_b is one word, and a-b are two
        found = self._named.of(_between_spaces(text) if "_" in text else self._parts(text))
        return _joined([ids for ids, _ in found]), [word for _, some in found for word in some]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """From which of the characters of `text` to which each token stands."""
        parts = self._parts(text)
        found, start = [], 0
        for part, spans in zip(parts, self._spans.of(parts), strict=True):
            start = text.find(part, start) if part else start
            found += [(start + first, start + last) for first, last in spans]
            start += len(part)
        return found

    def _tokenised(self, chunks: Sequence[str]) -> list[bytes]:
        """One object a chunk: a list of numbers would be several, all over the memory."""
        return [np.array(self._ids_in(chunk), dtype=np.int32).tobytes() for chunk in chunks]

    def _ids_in(self, chunk: str) -> list[int]:
        if self.pieces is None or not _is_plain(chunk):
            return token_spans(self.tokenizer, chunk)[0]
        parts = (chunk,) if chunk.isalnum() else _PARTS.findall(chunk)
        return [piece for part in parts for piece in self.pieces.ids(part)]

    def _with_words(self, chunks: Sequence[str]) -> list[tuple[bytes, list[str]]]:
        return [(np.array(ids, dtype=np.int32).tobytes(), words) for ids, words in map(self._named_in, chunks)]

    def _named_in(self, chunk: str) -> tuple[list[int], list[str]]:
        """The tokens of one chunk, and the word that each stands in."""
        if self.pieces is None or not _is_plain(chunk):
            ids, spans = token_spans(self.tokenizer, chunk)
            return ids, _words_at(chunk, spans)
        found: list[int] = []
        words: list[str] = []
        for word in _WORDS_AND_SIGNS.findall(chunk):
            ids = [piece for part in _PARTS.findall(word) for piece in self.pieces.ids(part)]
            found += ids
            words += [word.lower() if _WORD.match(word) else ""] * len(ids)
        return found, words

    def _spanned(self, chunks: Sequence[str]) -> list[list[tuple[int, int]]]:
        return [token_spans(self.tokenizer, chunk)[1] for chunk in chunks]

    def _parts(self, text: str) -> list[str]:
        """The chunks of `text`, none of which is more than a text to the tokenizer."""
        if not self.alone:
            return [text]
        if self.pieces is None or _OPENING in text:
            return _between_spaces(text)
        if _is_plain(text):
            return _PARTS.findall(text)
        if _CONTROL.search(text):
            return _between_spaces(text)
        chunks = _between_spaces(text)  # what is not ASCII stays whole
        return [part for chunk in chunks for part in (_PARTS.findall(chunk) if chunk.isascii() else (chunk,))]


def _is_plain(text: str) -> bool:
    """Whether a text is of printable ASCII alone, and has no added token in it."""
    return text.isascii() and text.replace("\n", " ").isprintable() and _OPENING not in text


def _joined(kept: Sequence[bytes]) -> NDArray[np.int32]:
    return np.frombuffer(b"".join(kept), dtype=np.int32)


def _between_spaces(text: str) -> list[str]:
    """The chunks of a text. Other white space parts none: some of it is a control character to BERT, and falls out."""
    return text.replace("\n", " ").split(" ")


def _words_at(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The word of `text` in which the middle of each span stands."""
    words = [(match.start(), match.end(), match[0].lower()) for match in _WORD.finditer(text)]
    ends = [end for _, end, _ in words]
    found = []
    for start, end in spans:
        middle = (start + end) // 2
        place = bisect_right(ends, middle)
        found.append(words[place][2] if place < len(words) and words[place][0] <= middle else "")
    return found


def chunks_of(tokenizer: "Tokenizer") -> Chunks:
    """What tokenises text by `tokenizer`."""
    described = json.loads(tokenizer.to_str())
    added = [token["content"] for token in described.get("added_tokens", ())]
    alone = sees_chunks_alone(described)
    apart = alone and all(token.startswith(_OPENING) for token in added)
    return Chunks(tokenizer, alone=alone, pieces=pieces_of(tokenizer, described) if apart else None)


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
