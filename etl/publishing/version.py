"""Which code made an output: version, commit, and a digest over what the sources do.

The digest makes an edited checkout another version, whether its changes are committed or not; but
comments, docstrings and layout are no change, or each would have every corpus built anew.
"""

import ast
import hashlib
import platform
import subprocess
import unicodedata
from collections.abc import Iterator
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

VERSION = "0.1.0"
"""The project's version, as in pyproject.toml: an archive on a cluster has no metadata."""

PACKAGES = ("etl", "schemas")
"""What the bytes of an output depend on."""


def code_version() -> dict[str, Any]:
    """What two runs must have in common for their outputs to be the same, JSON-able."""
    return {
        "version": VERSION,
        "sources_sha256": sources_digest(),
        # The abbreviations come from spaCy's data; letters and digits are what Unicode says.
        "spacy": _installed("spacy"),
        "unicode": unicodedata.unidata_version,
    }


def environment() -> dict[str, Any]:
    """What else ran, for the record: it should make no difference."""
    return {
        "commit": _commit(),
        "python": platform.python_version(),
        "pyarrow": _installed("pyarrow"),
        "pyspark": _installed("pyspark"),
    }


def sources_digest() -> str:
    """sha256 over the names of all modules of `PACKAGES`, and their code as Python reads it."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        for name, source in sorted(_modules(resources.files(package), package)):
            digest.update(f"{name}\t{_code(source)}\n".encode())
    return digest.hexdigest()


def _code(source: bytes) -> str:
    """A module without what makes no difference: comments, layout, and text that stands alone."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _modules(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for child in folder.iterdir():
        name = f"{path}/{child.name}"
        if child.is_dir():
            yield from _modules(child, name)
        elif name.endswith(".py"):
            yield name, child.read_bytes()


def _installed(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit that is checked out, None outside a checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None
