"""Report and card in an output: written with a build, or anew from what is there."""

import json
from collections.abc import Mapping
from typing import Any

from quality.metrics import FORMAT
from quality.report.corpus_card import corpus_card
from quality.report.report_page import report_page
from schemas.output import CARD, DATA_DOCS, MANIFEST, METRICS, PAGE, REPORT, TRACE
from storage.errors import InputNotFoundError
from storage.files import join_location, read_bytes, read_if_there, write_bytes
from storage.locations import is_s3, join_uri, split_uri
from storage.s3_client import S3Options

DOCS_INDEX = f"{DATA_DOCS}/index.html"


def renew_report(output: str, s3: S3Options | None = None) -> list[str]:
    """Makes report and card of an output anew; where they are.

    Args:
        output: local folder, or `s3://bucket/prefix`.
        s3: how to reach S3, and how to store what is written.

    Raises:
        InputNotFoundError, OutputNotWritableError, AwsError: see `write_report`.
    """
    output = join_uri(*split_uri(output)) if is_s3(output) else output
    return write_report(output, _read_known(join_location(output, MANIFEST), s3), s3)


def write_report(
    output: str, manifest: Mapping[str, Any], s3: S3Options | None = None
) -> list[str]:
    """Writes report and card of an output, from what lies there beside them; where they are.

    The report links to GX's pages and shows the trace, where they are there.

    Args:
        output: local folder, or `s3://bucket/prefix`.
        manifest: of the build.
        s3: how to reach S3, and how to store what is written.

    Raises:
        InputNotFoundError: metrics are missing, or they or the trace are broken or of another
            format.
        OutputNotWritableError: the folder can't be written.
        AwsError: S3 said no, or the metrics are not there.
    """
    metrics = _read_known(join_location(output, METRICS), s3)
    trace_at = join_location(output, TRACE)
    trace = read_if_there(trace_at, s3)
    has_docs = read_if_there(join_location(output, DOCS_INDEX), s3) is not None
    page = report_page(
        metrics,
        manifest.get("quality", {"gate": "off"}),
        manifest,
        None if trace is None else _parse(trace, trace_at),
        DOCS_INDEX.removeprefix(f"{REPORT}/") if has_docs else "",
    )
    written = {PAGE: page, CARD: corpus_card(manifest, metrics)}
    for name, text in written.items():
        write_bytes(join_location(output, name), text.encode(), s3)
    return [join_location(output, name) for name in written]


def _read_known(location: str, s3: S3Options | None) -> dict[str, Any]:
    """Manifest or metrics, which have the same format."""
    content = _parse(read_bytes(location, s3), location)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputNotFoundError(f"{location} is not of format {FORMAT}")
    return content


def _parse(data: bytes, location: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise InputNotFoundError(f"{location} is no JSON") from error
