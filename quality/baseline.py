"""A previous build, to compare with: its metrics, or as much as its manifest alone tells."""

import hashlib
import json
from pathlib import Path
from typing import Any

from quality.metrics import FORMAT
from quality.suites.comparisons import Baseline, compared_figures
from schemas.output import MANIFEST, METRICS
from storage.errors import InputNotFoundError, ObjectNotFoundError, describe_os_error
from storage.locations import is_s3, split_uri, without_credentials
from storage.ranges import read_object
from storage.s3_client import S3Options, make_client


def read_baseline(location: str, s3: S3Options | None = None) -> Baseline:
    """From an output, a manifest.json with or without its report, or a metrics.json.

    Args:
        location: local path, or on S3, where an output is what does not end in `.json`.
        s3: how to reach S3.

    Raises:
        InputNotFoundError: it can't be read, or is none of these.
        AwsError: S3 said no.
    """
    shown = without_credentials(location)
    folder, name = _split(location)
    content = _parse(_read(folder, name, s3), shown)
    if "ledger" not in content or not isinstance(content.get("corpus"), dict):
        raise InputNotFoundError(f"{shown} is neither a manifest nor metrics of a corpus")
    if "vocabulary" not in content and _has(folder, METRICS, s3):
        content = _parse(_read(folder, METRICS, s3), shown)
    if "vocabulary" in content and content.get("format") != FORMAT:
        raise InputNotFoundError(f"{shown} has format {content.get('format')!r}, not {FORMAT}")
    try:
        figures = compared_figures(content)
    except (KeyError, TypeError, StopIteration) as error:
        raise InputNotFoundError(f"{shown} lacks figures of a corpus: {error}") from None
    return Baseline("baseline", shown, dict(figures))


def digest_baseline(location: str, s3: S3Options | None = None) -> str:
    """The sha256 of the file that a baseline is read from, of an output that of its manifest.

    Raises:
        InputNotFoundError, AwsError: see `read_baseline`.
    """
    return hashlib.sha256(_read(*_split(location), s3)).hexdigest()


def _split(location: str) -> tuple[str, str]:
    """Folder, and the name of the file in it."""
    if is_s3(location):
        folder, _, name = location.rpartition("/")
        return (folder, name) if name.endswith(".json") else (location.rstrip("/"), MANIFEST)
    path = Path(location)
    return (location, MANIFEST) if path.is_dir() else (str(path.parent), path.name)


def _has(folder: str, name: str, s3: S3Options | None) -> bool:
    if not is_s3(folder):
        return (Path(folder) / name).is_file()
    try:
        return bool(_read(folder, name, s3))
    except ObjectNotFoundError:
        return False


def _read(folder: str, name: str, s3: S3Options | None) -> bytes:
    if is_s3(folder):
        return read_object(make_client(s3), *split_uri(f"{folder}/{name}"))
    path = Path(folder) / name
    try:
        return path.read_bytes()
    except OSError as error:
        why = describe_os_error(error)
        raise InputNotFoundError(f"can't read the baseline {path}: {why}") from error


def _parse(data: bytes, shown: str) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except ValueError:
        raise InputNotFoundError(f"the baseline {shown} is no JSON") from None
    if not isinstance(content, dict):
        raise InputNotFoundError(f"the baseline {shown} is no JSON object")
    return content
