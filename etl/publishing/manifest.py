"""The manifest of an output: what was built from what, by which code, and what came of it.

One JSON object. It names no path of this machine but those that the user typed, and holds no
credentials.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.ledger import Ledger
from etl.options import BuildOptions
from etl.publishing.output import CorpusFile, Output
from etl.publishing.version import code_version, environment
from etl.reading.sources import Listing
from schemas.output import CORPUS_FILE, ENTRIES, MANIFEST
from storage.locations import without_credentials

FORMAT = 1
TOOL = "blazing-corpus"
LISTING_HOLE = '"@listing@"'


def read_manifest(output: Output) -> dict[str, Any]:
    """The manifest of an output; empty if there is none, or none of this tool and format."""
    try:
        manifest = json.loads(output.read(MANIFEST) or b"")
    except ValueError:
        return {}
    is_ours = isinstance(manifest, dict) and manifest.get("tool") == TOOL
    return manifest if is_ours and manifest.get("format") == FORMAT else {}


def known_entries(manifest: dict[str, Any]) -> list[str]:
    """Names in the output folder that the build of a manifest made."""
    return [name for name in ENTRIES if name in manifest.get("entries", [])]


def already_built(
    output: Output, manifest: dict[str, Any], listing: Listing, options: BuildOptions
) -> bool:
    """Whether the output holds just what this build would make.

    Told by the input's digest, the options that matter and the code; and by the entries being
    there, the corpus with the size that was recorded.
    """
    if not manifest or not all(map(output.has, known_entries(manifest))):
        return False
    return (
        manifest["input"]["digest"] == listing.digest
        and manifest["options"] == options.outcome()
        and manifest["code"] == code_version()
        and output.has_corpus(manifest["corpus"])
    )


def make_manifest(
    listing: Listing,
    options: BuildOptions,
    ledger: Ledger,
    corpus: CorpusFile,
    entries: list[str],
    started: datetime,
    spark_version: str,
) -> dict[str, Any]:
    """The manifest of a build that ends now; see `write_manifest` for its form."""
    finished = datetime.now(UTC)
    return {
        "format": FORMAT,
        "tool": TOOL,
        "code": code_version(),
        "environment": environment() | {"spark": spark_version},
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": round((finished - started).total_seconds(), 1),
        "options": options.outcome(),
        "entries": [name for name in ENTRIES if name in {*entries, MANIFEST}],
        "corpus": {"path": CORPUS_FILE, **asdict(corpus), "tokens": ledger["tokens.written"]},
        "ledger": ledger.nested(),
        "input": describe_input(listing),
    }


def describe_input(listing: Listing) -> dict[str, Any]:
    """The input as the manifest shows it; a file is [name, bytes, mtime in ns or CRC-32]."""
    return {
        "uri": without_credentials(listing.uri),
        "kind": listing.kind,
        "form": listing.form,
        "files": len(listing.entries),
        "bytes": sum(entry.size for entry in listing.entries),
        "ignored": listing.ignored,
        "digest": listing.digest,
        "listing": [[entry.name, entry.size, entry.stamp] for entry in listing.entries],
    }


def write_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """Writes it indented, with one line per file of the listing."""
    files = ",\n".join(f"      {json.dumps(file)}" for file in manifest["input"]["listing"])
    holed = manifest | {"input": manifest["input"] | {"listing": json.loads(LISTING_HOLE)}}
    text = json.dumps(holed, indent=2).replace(LISTING_HOLE, f"[\n{files}\n    ]")
    path.write_text(text + "\n", encoding="utf-8")
