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
from storage.errors import CorpusError, InputNotFoundError, UsageError
from storage.files import join_location, local_copy, local_path, read_if_there
from storage.locations import is_s3, without_credentials
from storage.names import is_hidden
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

    @property
    def recorded_sha256(self) -> str | None:
        """What the manifest says of the file's digest, if anything."""
        entry = self.manifest.get("corpus")
        return entry.get("sha256") if isinstance(entry, dict) else None

    @property
    def has_passed(self) -> bool:
        """Whether the manifest is of a build that its gate let through."""
        quality = self.manifest.get("quality")
        return isinstance(quality, dict) and quality.get("gate") == "passed"


def find_corpus(uri: str, cache: Path | None = None) -> CorpusFile:
    """A corpus file from a path or S3 URI of it, or of the output of a build.

    Args:
        uri: local file, output of a build, or folder with one file beside hidden ones;
            `s3://bucket/key`, or `s3://bucket/prefix` of an output, with a slash at the end or
            without.
        cache: where files from S3 are kept; see `s3_cache.fetch`.

    Raises:
        InputNotFoundError: nothing is there.
        UsageError: a folder that is no output of a build and does not hold just one file.
        CorpusError: its manifest is none.
        AwsError: S3 can't be read.
    """
    location, path = _find(uri, cache)
    if not path.exists():
        raise InputNotFoundError(f"no corpus at {uri}: {path} does not exist")
    if not path.is_file():
        raise InputNotFoundError(f"no corpus at {uri}: it is not a file")
    return CorpusFile(without_credentials(uri), path, *read_manifest(location))


def read_manifest(location: str) -> tuple[dict[str, Any], str]:
    """The manifest of the build that made a corpus, and its digest; empty without one.

    Args:
        location: of the corpus file, local or on S3; a build's is `corpus/cleaned_sentences.csv`.

    Raises:
        CorpusError: there is one that is none.
        InputNotFoundError, AwsError: there is one that can't be read.
    """
    output, _, rest = location.rpartition(CORPUS_FILE)
    if rest or not output.endswith("/"):
        return {}, ""
    data = read_if_there(output + MANIFEST)
    if data is None:
        return {}, ""
    try:
        content = json.loads(data)
    except ValueError:
        raise CorpusError(f"the manifest of {location} can't be read: it is not JSON") from None
    if not isinstance(content, dict):
        raise CorpusError(f"the manifest of {location} is not a JSON object")
    return content, hashlib.sha256(data).hexdigest()


def _find(uri: str, cache: Path | None) -> tuple[str, Path]:
    """The location of a corpus file, and the path under which it can be opened."""
    if is_s3(uri):
        published = join_location(uri, CORPUS_FILE)
        path = fetch(published, cache, required=uri.endswith("/"))
        return (published, path) if path else (uri, local_copy(uri, cache))
    path = local_path(uri)
    if path.is_dir():
        path = path / CORPUS_FILE if (path / CORPUS_FILE).exists() else _only_file(path)
    return path.absolute().as_posix(), path


def _only_file(folder: Path) -> Path:
    files = [path for path in folder.iterdir() if path.is_file() and not is_hidden(path.name)]
    if len(files) > 1:
        raise UsageError(
            f"{folder} holds {len(files)} files, and BlazingText takes one: name it, or put "
            "several into one"
        )
    return files[0] if files else folder / CORPUS_FILE
