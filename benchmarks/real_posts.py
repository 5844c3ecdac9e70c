"""The real files that speed is measured on: an even choice of the sample, in memory."""

import zipfile
from pathlib import Path, PurePosixPath

from etl.text.blogs import read_posts

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
SAMPLE = DATA / "blogs-sample.zip"
TREEBANK = DATA / "ud-ewt-dev.conllu"

File = tuple[str, bytes]
"""Base name and content of one blog file."""


def choose_files(archive: Path, size: int) -> list[File]:
    """About `size` bytes of blog files, every n-th of the archive; the same ones each time.

    Raises:
        SystemExit: no such archive.
    """
    if not archive.exists():
        raise SystemExit(f"no such zip: {archive}; name another with --input")
    with zipfile.ZipFile(archive) as source:
        members = [info for info in source.infolist() if info.filename.endswith(".xml")]
        step = max(1, round(sum(info.file_size for info in members) / size))
        return [(PurePosixPath(info.filename).name, source.read(info)) for info in members[::step]]


def post_texts(files: list[File]) -> list[str]:
    """The posts of some files, decoded and repaired, blank ones left out."""
    return [post.text for _, data in files for post in read_posts(data) if post.text]
