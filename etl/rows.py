"""Files → rows of the posts and sentences tables, for those who want more than lines.

By the specification, not by the fast path, since a table holds the sentences themselves. Their
counts have to agree with the ledger of the fast path, which `etl.corpus` checks.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from etl.blogs import Blogger, Post, read_blogger, read_posts
from etl.chain import Chain, unfit


def age_group(age: int) -> str:
    """The decade of an age, which are the groups of the corpus (13-17, 23-27, 33-48).

    >>> age_group(17)
    '10s'
    """
    return f"{age // 10 * 10}s"


def post_rows(files: Iterable[tuple[str, bytes]], chain: Chain) -> Iterator[tuple[Any, ...]]:
    """Files → one row of `schemas.posts.POSTS` a kept post."""
    for blogger, post, _, lines in _kept(files, chain):
        yield (
            *(blogger.blogger_id, post.ordinal, post.date),
            *(blogger.age, blogger.industry, blogger.sign),
            *(post.encoding, len(lines), post.text),
            *(blogger.gender, age_group(blogger.age)),
        )


def sentence_rows(files: Iterable[tuple[str, bytes]], chain: Chain) -> Iterator[tuple[Any, ...]]:
    """Files → one row of `schemas.sentences.SENTENCES` a line of the corpus."""
    for blogger, post, sentences, lines in _kept(files, chain):
        for ordinal, (sentence, line) in enumerate(zip(sentences, lines, strict=True)):
            tokens = len(line.split())
            if tokens >= chain.options.min_tokens:
                yield (
                    *(blogger.blogger_id, post.ordinal, ordinal, sentence, line, tokens),
                    *(blogger.gender, age_group(blogger.age)),
                )


def _kept(
    files: Iterable[tuple[str, bytes]], chain: Chain
) -> Iterator[tuple[Blogger, Post, list[str], list[str]]]:
    """(blogger, post, its sentences, their lines) of each kept post."""
    for name, data in files:
        blogger = read_blogger(name)
        if blogger is None or unfit(name, data):
            continue
        for post in read_posts(data):
            sentences = chain.split(post.text)
            lines = [chain.normalize(sentence) for sentence in sentences]
            if any(lines):
                yield blogger, post, sentences, lines
