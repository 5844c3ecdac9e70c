"""The one file that a trainer reads: found, and fetched if it is on S3.

Known of a build's output is its layout only: `corpus/cleaned_sentences.csv` beside a
`manifest.json` whose `corpus` entry has the file's sha256 and whose `input.digest` tells what it
was built from.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.output import CORPUS_FILE, MANIFEST
from storage.errors import CorpusError, InputNotFoundError
from storage.locations import is_s3, without_credentials
from storage.s3_cache import fetch


@dataclass(frozen=True)
class CorpusFile:
    """Where a corpus is.

    Attributes:
        uri: as the user typed it, without credentials.
        path: the local file.
        manifest: manifest.json of the build that made it; empty if there is none.
        manifest_sha256: digest of that manifest's bytes; empty if there is none.
    """

    uri: str
    path: Path
    manifest: dict[str, Any]
    manifest_sha256: str = ""


def find_corpus(uri: str, cache: Path | None = None) -> CorpusFile:
    """A corpus file from a path or S3 URI of it, or of the output of a build.

    Args:
        uri: local file or folder, `s3://bucket/key`, or `s3://bucket/prefix` of an output, with a
            slash at the end or without.
        cache: where files from S3 are kept; see `s3_cache.fetch`.

    Raises:
        InputNotFoundError: nothing is there.
        RemoteError: S3 can't be read.
    """
    if is_s3(uri):
        return _find_remote(uri, cache)
    path = Path(uri.removeprefix("file://"))
    if path.is_dir():
        return _described(uri, path / CORPUS_FILE, path / MANIFEST)
    beside = path.parent.parent / MANIFEST
    is_output = path.parts[-2:] == Path(CORPUS_FILE).parts and beside.is_file()
    return _described(uri, path, beside if is_output else None)


def _find_remote(uri: str, cache: Path | None) -> CorpusFile:
    shown, folder = without_credentials(uri), uri.rstrip("/") + "/"
    published = fetch(folder + CORPUS_FILE, cache, required=uri.endswith("/"))
    if published:
        return _described(shown, published, fetch(folder + MANIFEST, cache, required=False))
    return _described(shown, fetch(uri, cache), None)


def _described(uri: str, path: Path | None, manifest: Path | None) -> CorpusFile:
    if path is None or not path.exists():
        raise InputNotFoundError(f"no corpus at {uri}: {path or uri} does not exist")
    if not path.is_file():
        raise InputNotFoundError(f"no corpus at {uri}: it is not a file")
    try:
        data = manifest.read_bytes() if manifest and manifest.is_file() else b""
        content = json.loads(data) if data else {}
    except (OSError, ValueError):
        raise CorpusError(f"the manifest of {uri} can't be read") from None
    if not isinstance(content, dict):
        raise CorpusError(f"the manifest of {uri} is not a JSON object")
    return CorpusFile(uri, path, content, hashlib.sha256(data).hexdigest() if data else "")
