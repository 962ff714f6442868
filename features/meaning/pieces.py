"""A word of printable ASCII to the numbers of its pieces, as a tokenizer of BERT's kind cuts it.

The longest piece that begins the word is taken, then the longest that begins the rest (WordPiece; Wu and others, 2016).
A call of the library costs 0.015 ms however short the text is, and of most tickets a word or two are new. Knows neither
texts nor what is kept of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Pieces", "pieces_of"]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a tokenizer knows of pieces.

    unknown: the number of a word that cannot be cut. inner: begins every piece but the first. longest: characters of a
    word that is cut at all. most: of a piece. lower: whether a word is read in lower case.
    """

    tokenizer: "Tokenizer"
    unknown: int
    inner: str
    longest: int
    most: int
    lower: bool

    def ids(self, word: str) -> list[int]:
        """The numbers of the pieces of `word`, which is some letters and digits or one sign."""
        if len(word) > self.longest:
            return [self.unknown]
        rest, found, inner = word.lower() if self.lower else word, [], ""
        while rest:
            for size in range(min(len(rest), self.most), 0, -1):
                if (number := self.tokenizer.token_to_id(inner + rest[:size])) is not None:
                    found.append(number)
                    rest, inner = rest[size:], self.inner
                    break
            else:
                return [self.unknown]
        return found


def pieces_of(tokenizer: "Tokenizer", described: Mapping[str, Any]) -> Pieces | None:
    """What cuts words as `tokenizer` does, one of BERT's kind; None where it has no number for what cannot be cut.

    described: its JSON form.
    """
    model, lower = described["model"], described["normalizer"]["lowercase"]
    unknown = tokenizer.token_to_id(model["unk_token"])
    if unknown is None:
        return None
    inner, most = model["continuing_subword_prefix"], max(map(len, model["vocab"]), default=1)
    return Pieces(tokenizer, unknown, inner, model["max_input_chars_per_word"], most, lower)
