"""GX's pages, without the sixteen addresses that they ask: a style of ours, and no scripts.

GX's templates are used but for those beside this module, which come first.
"""

from typing import Any

from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, PackageLoader


class PageView(DefaultJinjaPageView):
    """Results of a suite."""

    _template = "page.j2"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        ours = PackageLoader("quality.expectations", "templates")
        theirs = self.env.loader
        self.env.loader = ChoiceLoader([ours, theirs] if theirs else [ours])


class IndexView(PageView):
    """All runs."""

    _template = "index_page.j2"
