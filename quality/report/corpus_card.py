"""The corpus card: what a corpus is, for whoever finds it without its makers.

A dataset card in the form that Hugging Face reads (YAML head, Markdown), and a function of
manifest and metrics alone.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Template

from embeddings.pictures.pages import page_environment
from etl.publishing.summary import human_bytes
from quality.metrics import UNKNOWN
from quality.report.figures import count_text, place_text, share_of, share_text
from quality.report.option_rows import split_options
from quality.report.verdict_texts import gate_text
from storage.printable import printable

SIZES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B")
"""Hugging Face's size_categories, each ten times the one before."""

BACKTICKS = re.compile("`+")
OF_AGE = 18
LONGEST_CELL = 300
"""Characters of a value; longer ones are cut."""


def corpus_card(manifest: Mapping[str, Any], metrics: Mapping[str, Any] | None = None) -> str:
    """The card's Markdown: for the same manifest and metrics, the same bytes, always.

    Args:
        manifest: of the build.
        metrics: of its corpus, in the form of `quality.metrics`; None leaves out what they tell.
    """
    options, defaults = split_options(manifest["options"])
    return _template().render(
        manifest=manifest,
        corpus=manifest["corpus"],
        ledger=manifest["ledger"],
        size_category=size_category(manifest["corpus"]["lines"]),
        rejected=list(_rejected(manifest["ledger"])),
        source=place_text(manifest["input"]["uri"]),
        options=[(name, _option(value)) for name, value in options],
        defaults=[(name, _option(value)) for name, value in defaults],
        gate=gate_text(manifest.get("quality", {})),
        failed=[
            verdict
            for verdict in manifest.get("quality", {}).get("verdicts", ())
            if not verdict["passed"]
        ],
        metrics=metrics,
        minors=_minors(metrics),
    )


def size_category(lines: int) -> str:
    """Hugging Face's name for a number of examples.

    >>> size_category(999), size_category(1000), size_category(7_480_869), size_category(10**12)
    ('n<1K', '1K<n<10K', '1M<n<10M', '100M<n<1B')
    """
    place = max(0, len(str(lines)) - 3)
    return SIZES[min(place, len(SIZES) - 1)]


def code(value: Any) -> str:
    """A value from outside as inline code that can't end, nor leave its table cell.

    >>> print(code("a`b|c"), code("s3://bucket/blogs"))
    ``a`b c`` `s3://bucket/blogs`
    """
    text = printable(value).replace("|", " ").strip()[:LONGEST_CELL] or " "
    fence = "`" * (1 + max(map(len, BACKTICKS.findall(text)), default=0))
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = page_environment("quality.report")  # every value from outside goes through `code`
    environment.filters |= {"code": code, "count": count_text, "share": share_text}
    environment.filters |= {"size": human_bytes, "share_of": share_of}
    return environment.get_template("CORPUS_CARD.md")


def _rejected(ledger: Mapping[str, Any]) -> Iterator[tuple[str, str, int, int]]:
    """(kind, reason, count, found), the largest of each kind first; last the bytes of strays."""
    for kind in ("files", "posts", "sentences"):
        reasons = ledger[kind]["rejected"].items()
        for reason, count in sorted(reasons, key=lambda item: (-item[1], item[0])):
            yield kind, reason, count, ledger[kind]["found"]
    if stray := ledger["bytes"].get("stray"):
        yield "bytes", "outside_post", stray, ledger["bytes"]["read"]


def _minors(metrics: Mapping[str, Any] | None) -> tuple[int, int] | None:
    """(bloggers below `OF_AGE`, those of any known age); None where no age is known."""
    if not metrics or not metrics["posts"]:
        return None
    groups = metrics["posts"]["by_age"].items()
    ages = [(int(age), group["bloggers"]) for age, group in groups if age != UNKNOWN]
    if not ages:
        return None
    return sum(count for age, count in ages if age < OF_AGE), sum(count for _, count in ages)


def _option(value: Any) -> str:
    """As the manifest has it.

    >>> _option(False), _option("rules"), _option(None)
    ('false', 'rules', 'null')
    """
    return value if isinstance(value, str) else json.dumps(value)
