"""A previous build, to compare with: its metrics, or as much as its manifest alone tells."""

import hashlib
import json
from typing import Any

from quality.checks.ratio_checks import Baseline, compared_figures
from quality.metrics import FORMAT
from schemas.output import MANIFEST, METRICS
from storage.errors import InputNotFoundError
from storage.files import join_location, local_path, read_bytes, read_if_there
from storage.locations import is_s3, without_credentials
from storage.s3_client import S3Options


def read_baseline(location: str, s3: S3Options | None = None) -> Baseline:
    """From an output, a manifest.json with or without its report, or a metrics.json.

    Args:
        location: local path, or on S3, where an output is what does not end in `.json`.
        s3: how to reach S3.

    Raises:
        InputNotFoundError: it can't be read, or is none of these.
        AwsError: S3 said no.
    """
    shown, file = without_credentials(location), _file_of(location)
    content = _parse(read_bytes(file, s3), shown)
    if "ledger" not in content or not isinstance(content.get("corpus"), dict):
        raise InputNotFoundError(f"{shown} is neither a manifest nor metrics of a corpus")
    if "vocabulary" not in content:
        folder = "".join(file.rpartition("/")[:2]) or "."
        metrics = read_if_there(join_location(folder, METRICS), s3)
        content = _parse(metrics, shown) if metrics is not None else content
    if "vocabulary" in content and content.get("format") != FORMAT:
        raise InputNotFoundError(f"{shown} has format {content.get('format')!r}, not {FORMAT}")
    try:
        figures = compared_figures(content)
    except (KeyError, TypeError, StopIteration) as error:
        raise InputNotFoundError(f"{shown} lacks figures of a corpus: {error}") from None
    return Baseline("baseline", shown, figures)


def digest_baseline(location: str, s3: S3Options | None = None) -> str:
    """The sha256 of the file that a baseline is read from, of an output that of its manifest.

    Raises:
        InputNotFoundError, AwsError: see `read_baseline`.
    """
    return hashlib.sha256(read_bytes(_file_of(location), s3)).hexdigest()


def _file_of(location: str) -> str:
    is_file = location.endswith(".json") if is_s3(location) else not local_path(location).is_dir()
    return location if is_file else join_location(location, MANIFEST)


def _parse(data: bytes, shown: str) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except ValueError:
        raise InputNotFoundError(f"the baseline {shown} is no JSON") from None
    if not isinstance(content, dict):
        raise InputNotFoundError(f"the baseline {shown} is no JSON object")
    return content
