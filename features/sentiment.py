"""How dissatisfied an English text sounds by a published lexicon: VADER (Hutto and Gilbert, ICWSM 2014).

For desks with too few answers to their satisfaction survey: where there are enough, sentiment is learned from them
(`training.learning.factors`). Knows English only; whoever calls makes sure of it.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

__all__ = ["lexicon_sentiment", "load_lexicon"]

_MOST_READ: Final = 1_000
"""Characters: VADER was made for short texts, and a log below the complaint says nothing of the mood."""


def lexicon_sentiment(text: str) -> float:
    """From 0, delighted, over 50, neither, to 100, furious: VADER's compound score c as 50 (1 - c)."""
    return 50.0 * (1.0 - _compound(text[:_MOST_READ]))


@cache
def load_lexicon() -> "SentimentIntensityAnalyzer":
    """The lexicon and its rules; the first call reads them."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def _compound(text: str) -> float:
    """`polarity_scores(text)["compound"]`, at half its price for text without emoji.

    The library looks at every character for emoji, and at every word of the text again for each word of the lexicon;
    its rules reach from three words before to two words behind.
    """
    from vaderSentiment.vaderSentiment import BOOSTER_DICT, SentiText

    analyzer = load_lexicon()
    if not text.isascii():
        return float(analyzer.polarity_scores(text)["compound"])
    parsed = SentiText(text.strip())
    given = parsed.words_and_emoticons
    words = [word.lower() for word in given]
    sentiments: list[float] = []
    for place, word in enumerate(words):
        is_rule = word in BOOSTER_DICT or (word == "kind" and words[place + 1 : place + 2] == ["of"])
        if is_rule or word not in analyzer.lexicon:
            sentiments.append(0.0)
        else:
            first = max(place - 3, 0)
            parsed.words_and_emoticons = given[first : place + 3]
            analyzer.sentiment_valence(0, parsed, given[place], place - first, sentiments)
    if "but" in words:
        sentiments = analyzer._but_check(given, sentiments)
    return float(analyzer.score_valence(sentiments, parsed.text)["compound"])
