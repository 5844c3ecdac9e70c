"""Files → rows of the posts and sentences tables, for those who want more than lines.

By the specification, not by the fast path, since a table holds the sentences themselves. Their
counts have to agree with the ledger of the fast path, which `etl.spark.corpus` checks.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from etl.chain import Chain
from etl.cleaning.screen import Screened
from etl.cleaning.twins import Twins
from etl.text.blogs import Blogger, open_blog, read_posts


def age_group(age: int) -> str:
    """The decade of an age, which are the groups of the corpus (13-17, 23-27, 33-48).

    >>> age_group(17)
    '10s'
    """
    return f"{age // 10 * 10}s"


def post_rows(
    files: Iterable[tuple[str, bytes]], chain: Chain, twins: Twins
) -> Iterator[tuple[Any, ...]]:
    """Files → one row of `schemas.posts.POSTS` a kept post."""
    for blogger, (post, _, language, _), _, lines in _kept(files, chain, twins):
        yield (
            *(blogger.blogger_id, post.ordinal, post.date),
            *(blogger.age, blogger.industry, blogger.sign),
            *(post.encoding, language, len(lines), post.text),
            *(blogger.gender, age_group(blogger.age)),
        )


def sentence_rows(
    files: Iterable[tuple[str, bytes]], chain: Chain, twins: Twins
) -> Iterator[tuple[Any, ...]]:
    """Files → one row of `schemas.sentences.SENTENCES` a line of the corpus."""
    for blogger, screened, sentences, lines in _kept(files, chain, twins):
        for ordinal, (sentence, line) in enumerate(zip(sentences, lines, strict=True)):
            tokens = len(line.split())
            if tokens >= chain.options.min_tokens:
                yield (
                    *(blogger.blogger_id, screened.post.ordinal, ordinal, sentence, line, tokens),
                    *(blogger.gender, age_group(blogger.age)),
                )


def _kept(
    files: Iterable[tuple[str, bytes]], chain: Chain, twins: Twins
) -> Iterator[tuple[Blogger, Screened, list[str], list[str]]]:
    """(blogger, post as it was screened, its sentences, their lines) of each kept post."""
    for name, data in files:
        blogger = open_blog(name, data)
        if isinstance(blogger, str):
            continue
        for post in read_posts(data):
            screened = chain.screen.look(post)
            if screened.reason or (blogger.blogger_id, post.ordinal) in twins:
                continue
            sentences = chain.split(screened.post.text)
            lines = [chain.normalize(sentence) for sentence in sentences]
            if any(lines):
                yield blogger, screened, sentences, lines
