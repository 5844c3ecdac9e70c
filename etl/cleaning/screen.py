"""What the cleaning options make of one post, before it is split: masked, judged, or both.

The build, the tables and the search for duplicates all ask here, so that they agree.
"""

from collections.abc import Callable
from typing import NamedTuple

from etl.cleaning.detection import UNSURE, detect_language
from etl.cleaning.filters import Check, make_check
from etl.cleaning.masks import mask_pii
from etl.cleaning.options import Cleaning
from etl.text.blogs import Post

NOT_OTHER = (UNSURE, "zxx")
"""Answers that do not say that a post is in another language: not known, and no language at all."""

OTHER_LANGUAGE = "other_language"


class Screened(NamedTuple):
    """What became of one post.

    Attributes:
        post: with masks, where they are asked for.
        masked: kind of item → how many of them were masked.
        language: ISO 639 code, "zxx" or "unsure"; None where nobody asked, or the post is blank.
        reason: to drop it; None to keep it.
    """

    post: Post
    masked: dict[str, int]
    language: str | None
    reason: str | None


class Screen:
    """The cleaning options that look at single posts.

    Args:
        cleaning: the options.
        split: post → sentences, for filters that count them.
    """

    def __init__(self, cleaning: Cleaning, split: Callable[[str], list[str]]) -> None:
        self.cleaning = cleaning
        self.checks: list[Check] = []
        if cleaning.filters:
            self.checks.append(make_check(cleaning.filters, split))

    def look(self, post: Post) -> Screened:
        """One post → what becomes of it. A blank one stays as it is, with that for a reason."""
        if not post.text:
            return Screened(post, {}, None, "blank")
        masked: dict[str, int] = {}
        if self.cleaning.mask:
            text, masked = mask_pii(post.text)
            post = post._replace(text=text) if masked else post
        language = detect_language(post.text) if self.cleaning.language else None
        return Screened(post, masked, language, self._reason(post, language))

    def mask(self, text: str) -> str:
        """Text that is no post's, as it may be shown: masked where that is asked for."""
        return mask_pii(text).text if self.cleaning.mask else text

    def _reason(self, post: Post, language: str | None) -> str | None:
        if language and self.is_other(language) and self.cleaning.language_action == "drop":
            return OTHER_LANGUAGE
        reasons = (check(post) for check in self.checks)
        return next((reason for reason in reasons if reason), None)

    def is_other(self, language: str) -> bool:
        """Whether an answer says for sure that a post is not in the language asked for."""
        return language not in (self.cleaning.language, *NOT_OTHER)
