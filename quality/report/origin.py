"""How a corpus was made, from its manifest, as tables of the report."""

from collections.abc import Iterator, Mapping
from typing import Any

from quality.report.tables import Table, figure_text

SHOWN = (
    ("Corpus file", "corpus"),
    ("Input", "input"),
    ("Options", "options"),
    ("Code", "code"),
    ("Environment", "environment"),
)
"""Title, and the manifest's part; of the input all but the list of its files."""

HIDDEN = ("listing",)


def origin_tables(manifest: Mapping[str, Any]) -> list[Table]:
    """A table for each part of the manifest that says how the corpus was made."""
    return [
        Table(title, (title.lower(), "value"), tuple(_flat(manifest[part])), False)
        for title, part in SHOWN
        if manifest.get(part)
    ]


def _flat(part: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Names and values, those of nested objects with dots in their names."""
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif name not in HIDDEN:
            yield f"{above}{name}", "none" if value is None else figure_text(value)
