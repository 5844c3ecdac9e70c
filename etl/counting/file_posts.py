"""Posts on their way through a task: with their file, and with what became of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from etl.text.blogs import Blogger, Post

Integers = npt.NDArray[np.int64]


class FilePost(NamedTuple):
    """A post with the file it comes from."""

    file: str
    blogger: Blogger
    post: Post

    @property
    def key(self) -> tuple[int, int]:
        """(blogger_id, post_ordinal), which no other post of a corpus has."""
        return self.blogger.blogger_id, self.post.ordinal


class KeptPosts(NamedTuple):
    """Posts that have words, in file order.

    Attributes:
        items: the posts, with their bloggers.
        sentences: lines that each became.
        tokens: words in those lines.
    """

    items: Sequence[FilePost]
    sentences: Integers
    tokens: Integers
