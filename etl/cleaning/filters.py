"""`--filter`: rules of the field that drop whole posts, by the names they have in datatrove.

A filter is a threshold on one of `etl.cleaning.measures`; a post that several would drop is counted
under the first of them in the order of `FILTERS`. Thresholds are those of the papers, made for web
pages: half of all blog posts are shorter than Gopher's 50 words.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from etl.cleaning.measures import Measures, repeated_character_share, repeated_share
from etl.text.blogs import Post

Check = Callable[[Post], str | None]
"""One post, not blank → the reason to drop it, or None."""


class Filter(NamedTuple):
    """One rule.

    Attributes:
        threshold: the paper's.
        measure: what is compared with it.
        is_least: whether a post is dropped below the threshold, instead of above it.
        says: what a post has to be, for `--help` and the docs.
    """

    threshold: float
    measure: Callable[[Measures], float]
    is_least: bool
    says: str

    def drops(self, measures: Measures, threshold: float) -> bool:
        """Whether a post of these measures goes."""
        figure = self.measure(measures)
        return figure < threshold if self.is_least else figure > threshold


def _least(threshold: float, measure: Callable[[Measures], float], says: str) -> Filter:
    return Filter(threshold, measure, True, says)


def _most(threshold: float, measure: Callable[[Measures], float], says: str) -> Filter:
    return Filter(threshold, measure, False, says)


GOPHER_QUALITY = {
    "min_doc_words": _least(50, lambda m: len(m.words), "words, at least"),
    "max_doc_words": _most(100_000, lambda m: len(m.words), "words, at most"),
    "min_avg_word_length": _least(3, lambda m: m.mean_word_length, "characters a word, at least"),
    "max_avg_word_length": _most(10, lambda m: m.mean_word_length, "characters a word, at most"),
    "max_hash_word_ratio": _most(0.1, lambda m: m.hash_ratio, "hash symbols a word"),
    "max_ellipsis_word_ratio": _most(0.1, lambda m: m.ellipsis_ratio, "ellipses a word"),
    "max_bullet_lines_ratio": _most(
        0.9, lambda m: m.bullet_line_share, "share of lines that begin with a bullet"
    ),
    "max_ellipsis_lines_ratio": _most(
        0.3, lambda m: m.ellipsis_line_share, "share of lines that end with an ellipsis"
    ),
    "min_alpha_words_ratio": _least(
        0.8, lambda m: m.alphabetic_share, "share of words with a letter"
    ),
    "min_stop_words": _least(
        2, lambda m: m.stop_words, "of the, be, to, of, and, that, have, with"
    ),
}
"""Quality filtering, Rae et al. (2021), appendix A.1.1."""

GOPHER_REPETITION = {
    "dup_line_frac": _most(0.3, lambda m: repeated_share(m.lines), "share of repeated lines"),
    "dup_para_frac": _most(0.3, lambda m: repeated_share(m.paragraphs), "of repeated paragraphs"),
    "dup_line_char_frac": _most(
        0.2, lambda m: repeated_character_share(m.lines), "share of characters in repeated lines"
    ),
    "dup_para_char_frac": _most(
        0.2, lambda m: repeated_character_share(m.paragraphs), "in repeated paragraphs"
    ),
    **{
        f"top_{n}_gram": _most(
            share,
            partial(Measures.top_gram_share, n=n),
            f"share of characters in the most frequent {n} words in a row",
        )
        for n, share in ((2, 0.20), (3, 0.18), (4, 0.16))
    },
    **{
        f"duplicated_{n}_grams": _most(
            share,
            partial(Measures.repeated_gram_share, n=n),
            f"share of characters in {n} words in a row that repeat",
        )
        for n, share in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10))
    },
}
"""Repetition removal, Rae et al. (2021), table A1."""

C4 = {"min_num_sentences": _least(3, lambda m: len(m.sentences), "sentences, at least")}
"""Raffel et al. (2020), section 2.2: pages of 3 sentences and more. Its other minimum, lines of 5
words and more, is `--min-tokens 5`."""

GROUPS = {"gopher_quality": GOPHER_QUALITY, "gopher_repetition": GOPHER_REPETITION, "c4": C4}
FILTERS = GOPHER_QUALITY | GOPHER_REPETITION | C4


def make_check(filters: Mapping[str, float], split: Callable[[str], list[str]]) -> Check:
    """The check that asks the filters chosen.

    Args:
        filters: name in `FILTERS` → threshold.
        split: post → sentences.

    Raises:
        ValueError: a name that is none.
    """
    if unknown := filters.keys() - FILTERS.keys():
        raise ValueError(f"no such filter: {', '.join(sorted(unknown))}")
    chosen = [(name, FILTERS[name], filters[name]) for name in FILTERS if name in filters]

    def check(post: Post) -> str | None:
        measures = Measures(post.text, split)
        dropping = (name for name, rule, value in chosen if rule.drops(measures, value))
        return next(dropping, None)

    return check
