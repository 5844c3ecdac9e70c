"""GX's pages, without the sixteen addresses that they ask: a style of ours, and no scripts.

Nothing but pages is written: GX would lay 4 MB of fonts, pictures and scripts beside them, which
only its own templates use.

GX's templates are used but for those beside this module, which come first.
"""

from typing import Any

from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.renderer.site_builder import SiteBuilder
from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, PackageLoader


class Site(SiteBuilder):
    """Pages alone."""

    def build(self, resource_identifiers: Any = None, build_index: bool = True) -> Any:
        """As GX's, but for the files that no page of ours asks for."""
        for section in self.site_section_builders.values():
            section.build(resource_identifiers=resource_identifiers)
        _, links = self.site_index_builder.build(build_index=build_index)
        return self.get_resource_url(only_if_exists=False), links


class ResultsRenderer(ValidationResultsPageRenderer):
    """Results of a suite, without a link to a page of the suite, which is not made."""

    @classmethod
    def _render_validation_header(cls, validation_results: Any) -> Any:
        header: Any = super()._render_validation_header(validation_results)  # type: ignore[no-untyped-call]
        template = header.subheader.string_template
        template["template"] = "${suite_title} ${expectation_suite_name}\n ${status_title} "
        template["template"] += "${html_success_icon} ${success}"
        del template["styling"]["params"]["expectation_suite_name"]
        return header


class PageView(DefaultJinjaPageView):
    """Results of a suite."""

    _template = "page.j2"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        ours = PackageLoader("quality.expectations", "templates")
        theirs = self.env.loader
        self.env.loader = ChoiceLoader([ours, theirs] if theirs else [ours])

    def render(self, document: Any, template: Any = None, **given: Any) -> Any:
        """As GX does, but for the head of what are keys of rows here."""
        page: str = super().render(document, template, **given)  # type: ignore[no-untyped-call]
        return page.replace("Sampled Unexpected Values", "Some of the rows")


class IndexView(PageView):
    """All runs."""

    _template = "index_page.j2"
