"""Kept posts by month and group: sums are right, and add up over files."""

import datetime as dt
import json
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from etl.counting.batches import KeptPosts
from etl.counting.profile import Group, PostCounts, Sums
from etl.text.blogs import Blogger, FilePost, Post

DATES = st.sampled_from([None, dt.date(2004, 5, 1), dt.date(2004, 5, 31), dt.date(2003, 12, 1)])
POSTS = st.lists(st.tuples(DATES, st.integers(0, 5), st.integers(0, 50)), max_size=5)
BLOGGERS = st.tuples(
    st.sampled_from(["male", "female"]),
    st.sampled_from([17, 24, 25]),
    st.sampled_from(["Student", "Law"]),
)
FILES = st.lists(st.tuples(BLOGGERS, POSTS), max_size=6)


def kept(number: int, who: tuple[str, int, str], posts: list) -> KeptPosts:
    blogger = Blogger(number, who[0], who[1], who[2], "Leo")
    items = [
        FilePost("f", blogger, Post(ordinal, date, "text", "ascii", ()))
        for ordinal, (date, _, _) in enumerate(posts)
    ]
    sentences = np.array([one[1] for one in posts], np.int64)
    return KeptPosts(items, sentences, np.array([one[2] for one in posts], np.int64))


def joined(parts: list[KeptPosts]) -> KeptPosts:
    items = [item for part in parts for item in part.items]
    arrays = [np.concatenate([[], *[part[i] for part in parts]]).astype(np.int64) for i in (1, 2)]
    return KeptPosts(items, *arrays)


@given(FILES)
def test_sums_are_those_of_plain_python(files: list) -> None:
    counts = PostCounts()
    counts.add(joined([kept(number, *file) for number, file in enumerate(files)]))
    posts = [(who, *post) for who, written in files for post in written]
    months = Counter(f"{date:%Y-%m}" if date else "" for _, date, _, _ in posts)
    assert counts.months == months
    assert counts.sentences == Counter(sentences for _, _, sentences, _ in posts)
    for who in {who for who, written in files if written}:
        theirs = [post for post in posts if post[0] == who]
        bloggers = sum(bool(written) for other, written in files if other == who)
        expected = (bloggers, len(theirs), sum(p[2] for p in theirs), sum(p[3] for p in theirs))
        assert counts.groups[Group(*who)] == Sums(*expected)


@given(FILES, st.integers(0, 6))
def test_batches_and_chunks_add_up(files: list, cut: int) -> None:
    parts = [kept(number, *file) for number, file in enumerate(files)]
    whole, total, one, two = PostCounts(), PostCounts(), PostCounts(), PostCounts()
    whole.add(joined(parts))
    for part in parts[:cut]:
        one.add(part)
    for part in parts[cut:]:
        two.add(part)
    total.update(PostCounts.from_json(json.loads(json.dumps(two.to_json()))))
    total.update(one)
    assert total == whole


def test_a_blogger_whose_posts_come_in_two_batches_is_one() -> None:
    counts = PostCounts()
    posts = [(None, 1, 2), (None, 3, 4)]
    for _ in range(2):
        counts.add(kept(7, ("male", 17, "Law"), posts))
    assert counts.groups == {Group("male", 17, "Law"): Sums(1, 4, 8, 12)}
