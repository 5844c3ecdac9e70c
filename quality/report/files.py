"""Report and card in an output folder: written with a build, or anew from what is there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quality.card import corpus_card
from quality.report.page import report_page
from storage.errors import InputNotFoundError, OutputNotWritableError, describe_os_error

MANIFEST, CARD = "manifest.json", "CORPUS_CARD.md"
REPORT = Path("report")
METRICS, TRACE = "metrics.json", "trace.json"
PAGE, DATA_DOCS = "index.html", "data_docs/index.html"
FORMAT = 1
"""Of manifest and metrics, both."""


def write_report(
    folder: Path,
    metrics: Mapping[str, Any],
    quality: Mapping[str, Any],
    manifest: Mapping[str, Any] | None = None,
) -> Path:
    """Writes `folder/index.html`; its path.

    It links to `folder/data_docs/`, and shows `folder/trace.json`, where they are there already.

    Args:
        folder: made if missing.
        metrics: of the corpus, in the form of `quality.metrics`.
        quality: what the gate said; `{"gate": "off"}` where it was not asked.
        manifest: of the build; None for a file that is not from one.

    Raises:
        OutputNotWritableError: the folder can't be written.
        InputNotFoundError: there is a trace, and it is no JSON.
    """
    trace = _read(folder / TRACE) if (folder / TRACE).is_file() else None
    data_docs = DATA_DOCS if (folder / DATA_DOCS).is_file() else ""
    page = report_page(dict(metrics), quality, manifest, trace, data_docs)
    return _replace(folder / PAGE, page)


def write_card(
    output: Path, manifest: Mapping[str, Any], metrics: Mapping[str, Any] | None = None
) -> Path:
    """Writes `output/CORPUS_CARD.md`; its path.

    Raises:
        OutputNotWritableError: the folder can't be written.
    """
    return _replace(output / CARD, corpus_card(manifest, metrics))


def renew(output: Path) -> list[Path]:
    """Makes report and card of an output anew, from its manifest and metrics; their paths.

    Raises:
        InputNotFoundError: manifest or metrics are missing, broken, or of another format.
        OutputNotWritableError: the folder can't be written.
    """
    manifest = _read_known(output / MANIFEST)
    metrics = _read_known(output / REPORT / METRICS)
    quality = manifest.get("quality", {"gate": "off"})
    page = write_report(output / REPORT, metrics, quality, manifest)
    return [page, write_card(output, manifest, metrics)]


def _read_known(path: Path) -> Any:
    found = _read(path)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InputNotFoundError(f"{path} is not of format {FORMAT}")
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputNotFoundError(f"can't read {path}: {describe_os_error(error)}") from error
    except ValueError as error:
        raise InputNotFoundError(f"{path} is no JSON") from error


def _replace(path: Path, text: str) -> Path:
    """Writes a file so that nobody sees half of it."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputNotWritableError(f"can't write {path}: {describe_os_error(error)}") from error
    return path
