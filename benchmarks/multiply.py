"""The sample, multiplied: a folder or zip of N times as many blogs, each with an id of its own.

Ten times the sample has about the size of the whole corpus. One file is in memory at a time. Run as
`python -m benchmarks.multiply 10 /tmp/ten.zip`; a target that does not end in .zip is a folder.
"""

import argparse
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from benchmarks.real_posts import ROOT, SAMPLE
from etl.text.blogs import read_blogger

ID_STEP = 10_000_000
"""Added to the blogger ids of each further copy; the corpus's have at most seven digits."""

FOLDER_IN_ZIP = "blogs"
FAST_DEFLATE = 1


def multiply(archive: Path, times: int, target: Path) -> int:
    """Writes the files of a zip `times` times; the number of files written.

    Raises:
        SystemExit: the target exists, or lies in the repository, where no corpus may be.
    """
    if target.exists():
        raise SystemExit(f"{target} exists already")
    if target.resolve().is_relative_to(ROOT):
        raise SystemExit(f"{target} lies in the repository: choose a place outside")
    target.parent.mkdir(parents=True, exist_ok=True)
    write = _write_zip if target.suffix == ".zip" else _write_folder
    return write(_copies(archive, times), target)


def _copies(archive: Path, times: int) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file, all copies of one after another."""
    with zipfile.ZipFile(archive) as source:
        for info in source.infolist():
            name = PurePosixPath(info.filename).name
            blogger = read_blogger(name)
            if blogger is None:
                continue
            data = source.read(info)
            rest = name.partition(".")[2]
            for copy in range(times):
                yield f"{blogger.blogger_id + copy * ID_STEP}.{rest}", data


def _write_zip(files: Iterator[tuple[str, bytes]], target: Path) -> int:
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST_DEFLATE) as archive:
        for name, data in files:
            archive.writestr(f"{FOLDER_IN_ZIP}/{name}", data)
            count += 1
    return count


def _write_folder(files: Iterator[tuple[str, bytes]], target: Path) -> int:
    count = 0
    target.mkdir()
    for name, data in files:
        (target / name).write_bytes(data)
        count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description="multiplies a zip of blogs")
    parser.add_argument("times", type=int)
    parser.add_argument("target", type=Path, help="zip or folder to write, outside the repository")
    parser.add_argument("--input", type=Path, default=SAMPLE, help="zip of blogs")
    options = parser.parse_args()
    print(f"{multiply(options.input, options.times, options.target):,} files in {options.target}")


if __name__ == "__main__":
    main()
