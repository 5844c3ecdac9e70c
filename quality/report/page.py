"""The report as one HTML page that works alone, offline, without a script.

The template is Jinja's, with everything escaped that is not a drawing of this package: names of
files and options come from whoever made them.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from etl.publishing.summary import human_bytes
from quality.report.checks import checks, comparisons, gate_text, outcome
from quality.report.figure import Metrics
from quality.report.origin import origin_tables
from quality.report.sections import sections
from quality.report.tables import count_text
from quality.report.trace import trace_steps

TITLE = "Corpus report"


def report_page(
    metrics: Metrics,
    quality: Mapping[str, Any],
    manifest: Mapping[str, Any] | None = None,
    trace: Mapping[str, Any] | None = None,
    data_docs: str = "",
) -> str:
    """The page's HTML: a function of its arguments alone.

    Args:
        metrics: of the corpus, in the form of `quality.metrics`.
        quality: what the gate said; `{"gate": "off"}` where it was not asked.
        manifest: of the build; None for a file that is not from a build.
        trace: before-and-after examples of each step, the only text of posts here; None for none.
        data_docs: where Great Expectations' pages are, relative to this one; empty for none.
    """
    made = manifest or {}
    text = _template().render(
        title=TITLE,
        subtitle=_subtitle(made),
        tiles=_tiles(metrics),
        gate=outcome(quality),
        gate_text=gate_text(quality),
        checks=checks(quality),
        sections=sections(metrics),
        comparisons=comparisons(quality),
        steps=trace_steps(trace) if trace else [],
        origin=origin_tables(made),
        data_docs=data_docs,
    )
    # A file name may hold bytes that are no UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("quality.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def _subtitle(manifest: Mapping[str, Any]) -> str:
    if not manifest:
        return "A file of sentences, one a line; how it was made is not known."
    return (
        f"From {manifest['input']['uri']}, built {manifest['finished'][:16].replace('T', ' ')} UTC "
        f"by version {manifest['code']['version']} in {manifest['seconds']:,} s."
    )


def _tiles(metrics: Metrics) -> list[tuple[str, str]]:
    """What a reader wants to know first: number and unit."""
    corpus, ledger, posts = metrics["corpus"], metrics["ledger"], metrics["posts"]
    bloggers = sum(group["bloggers"] for group in posts["by_gender"].values()) if posts else None
    known = [
        (count_text(corpus["lines"]), "lines"),
        (count_text(corpus["tokens"]), "tokens"),
        (human_bytes(corpus["bytes"]), "corpus file"),
        (count_text(metrics["vocabulary"]["types"]), "different tokens"),
    ]
    if ledger:
        known.append((count_text(ledger["posts"]["kept"]), "posts kept"))
    if bloggers is not None:
        known.append((count_text(bloggers), "bloggers"))
    return known
