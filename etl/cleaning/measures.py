"""What quality filters look at: words, lines and paragraphs of one post, measured when asked for.

"Gopher" is Rae et al. (2021), Scaling Language Models: Methods, Analysis & Insights from Training
Gopher, arXiv 2112.11446, appendix A.1.1; its n-gram shares are those of table A1.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
ELLIPSES = ("...", "…")
BULLETS = ("•", "‣", "◦", "▪", "●", "*", "-", "–", "·")
"""What a list item begins with. Gopher says "a bullet point"; bloggers typed stars and hyphens."""

STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
"""Gopher's eight."""

EDGES = ".,;:!?\"'“”‘’()[]{}*_~…-–—"
"""Punctuation that is no part of a word where it is compared with the stop words."""


class Measures:
    """One post's text, in the units that filters count; nothing is computed before it is asked for.

    Args:
        text: of a post, not blank.
        split: post → sentences.
    """

    def __init__(self, text: str, split: Callable[[str], list[str]]) -> None:
        self.text = text
        self._split = split

    @cached_property
    def words(self) -> list[str]:
        """What white space separates; at least one."""
        return self.text.split()

    @cached_property
    def lines(self) -> list[str]:
        """Physical lines, stripped, less the blank ones; at least one. Most posts have just one."""
        return [line for line in map(str.strip, self.text.splitlines()) if line]

    @cached_property
    def paragraphs(self) -> list[str]:
        """What blank lines separate; at least one."""
        return [part for part in map(str.strip, PARAGRAPH_BREAK.split(self.text)) if part]

    @cached_property
    def sentences(self) -> list[str]:
        """Sentences, by the splitter of the build."""
        return self._split(self.text)

    @property
    def mean_word_length(self) -> float:
        """Characters a word."""
        return sum(map(len, self.words)) / len(self.words)

    @property
    def hash_ratio(self) -> float:
        """Hash symbols a word."""
        return self.text.count("#") / len(self.words)

    @property
    def ellipsis_ratio(self) -> float:
        """Ellipses a word, as three dots or as one character."""
        return sum(map(self.text.count, ELLIPSES)) / len(self.words)

    @property
    def bullet_line_share(self) -> float:
        """Share of lines that begin with a bullet."""
        return sum(line.startswith(BULLETS) for line in self.lines) / len(self.lines)

    @property
    def ellipsis_line_share(self) -> float:
        """Share of lines that end with an ellipsis."""
        return sum(line.endswith(ELLIPSES) for line in self.lines) / len(self.lines)

    @property
    def alphabetic_share(self) -> float:
        """Share of words with at least one letter."""
        return sum(any(map(str.isalpha, word)) for word in self.words) / len(self.words)

    @property
    def stop_words(self) -> int:
        """How many of Gopher's eight there are, each counted once."""
        return len(STOP_WORDS.intersection(word.lower().strip(EDGES) for word in self.words))

    def top_gram_share(self, n: int) -> float:
        """Share of the words' characters in occurrences of the most frequent n-gram that repeats.

        Beyond 1 where occurrences overlap; 0 where none repeats, or every post of three words would
        be all repetition.
        """
        grams = Counter(_grams(self.words, n))
        top, count = max(grams.items(), key=lambda item: item[1], default=((), 0))
        return count * sum(map(len, top)) / self._characters if count > 1 else 0.0

    def repeated_gram_share(self, n: int) -> float:
        """Share of the words' characters inside any n-gram that repeats, overlaps counted once."""
        grams = list(_grams(self.words, n))
        counts = Counter(grams)
        inside = {
            place + offset
            for place, gram in enumerate(grams)
            if counts[gram] > 1
            for offset in range(n)
        }
        return sum(len(self.words[place]) for place in inside) / self._characters

    @cached_property
    def _characters(self) -> int:
        return sum(map(len, self.words))


def repeated_share(parts: Sequence[str]) -> float:
    """Share of the parts that repeat an earlier one.

    >>> repeated_share(["a", "b", "a", "a"])
    0.5
    """
    return 1 - len(set(parts)) / len(parts)


def repeated_character_share(parts: Sequence[str]) -> float:
    """Share of the parts' characters in those that repeat an earlier one.

    >>> repeated_character_share(["abc", "d", "abc"])
    0.42857142857142855
    """
    total = sum(map(len, parts))
    return (total - sum(map(len, set(parts)))) / total


def _grams(words: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(n)), strict=False)
