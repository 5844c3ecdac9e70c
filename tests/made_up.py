"""A made-up corpus, small enough to know what must come of it, line by line."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa

FIRST = "1000001.male.17.Student.Leo.xml"
SECOND = "1000002.female.24.indUnk.Virgo.xml"
THIRD = "999999.female.35.Law.Aries.xml"


def blog(*posts: tuple[str, bytes]) -> bytes:
    """One file in the corpus's layout, of (date, text) pairs."""
    body = b"".join(
        b"<date>%s</date>\r\n<post>\r\n\r\n   %s\r\n\r\n</post>\r\n\r\n" % (date.encode(), text)
        for date, text in posts
    )
    return b"<Blog>\r\n\r\n" + body + b"\r\n</Blog>\r\n"


FILES = {
    FIRST: blog(
        ("14,May,2004", b"Hello there. How are you? I am fine!"),
        ("15,May,2004", b"   "),
        ("16,May,2004", b"... !!!"),
    ),
    SECOND: blog(
        ("01,juin,2004", "Le café était fermé. We went home.".encode()),
        ("someday", b"A caf\xe9 in Windows-1252. R&amp;B all night."),
    ),
    THIRD: blog(("31,July,2004", b"The last one. ??? It comes last.")),
}
"""Base name → bytes. File order is not numeric: 999999 comes last."""

LINES = {
    FIRST: ["hello there", "how are you", "i am fine"],
    SECOND: [
        "le café était fermé",
        "we went home",
        "a café in windows 1252",
        "r b all night",
    ],
    THIRD: ["the last one", "it comes last"],
}
CORPUS = "".join(f"{line}\n" for lines in LINES.values() for line in lines).encode()
"""What `FILES` have to become, to the byte."""


def write_files(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    """The files in a folder; their modification times are fixed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def write_zip(path: Path, files: dict[str, bytes] = FILES, separator: str = "/") -> Path:
    """The files in a zip, below the folder `blogs`, in the order given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"blogs{separator}{name.replace('/', separator)}", data)
        archive.writestr(f"blogs{separator}", b"")
    return path


LITTER = {
    **{".DS_Store": b"x", "_SUCCESS": b"", "Thumbs.db": b"x", "2004/desktop.ini": b"x"},
    **{"__MACOSX/._1.xml": b"x", ".git/1000009.male.17.Student.Leo.xml": b"x"},
    **{"2004_$folder$": b"", ".part-0.crc": b"x"},
}
"""What other programs leave beside the files of a corpus."""


def write_tar(path: Path, files: dict[str, bytes] = FILES) -> Path:
    """The files in a tar, below `blogs/`, last ones first; compressed if the name says so."""
    tar = BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, data in reversed(files.items()):
            info = tarfile.TarInfo(f"blogs/{name}")
            info.size = len(data)
            archive.addfile(info, BytesIO(data))
    compress = COMPRESS.get(path.suffix, bytes)
    path.write_bytes(compress(tar.getvalue()))
    return path


def compress_zstd(data: bytes) -> bytes:
    """As zstd does."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as file:
        file.write(data)
    return bytes(sink.getvalue())


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": compress_zstd,
}
"""Suffix → what makes such a file."""


def many(count: int) -> dict[str, bytes]:
    """So many good files of one post each."""
    return {
        f"{2000000 + n}.male.25.Arts.Gemini.xml": blog(("01,May,2004", b"File %d is here." % n))
        for n in range(count)
    }
