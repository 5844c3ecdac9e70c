"""What a file is, told by its first bytes, whatever it is called; and what to do with such a one.

Knows neither names nor places, so that whatever has bytes can ask: the listing, a reader, a check.
"""

import csv
import io
import json
import re
from enum import StrEnum
from itertools import islice

from etl.text.markup import is_blog
from storage.compression import COMPRESSIONS, is_tar

HEAD_BYTES = 2**16
"""More of a file is never looked at."""


class Kind(StrEnum):
    """What there is, in words for people."""

    EMPTY = "empty"
    BLOG = "a blog"
    XML = "XML"
    HTML = "HTML"
    JSON_LINES = "JSON Lines"
    JSON = "JSON"
    CSV = "CSV"
    TSV = "TSV"
    PARQUET = "Parquet"
    ARROW = "Arrow"
    AVRO = "Avro"
    ORC = "ORC"
    SQLITE = "SQLite"
    ZIP = "zip"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    LZ4 = "lz4"
    TAR = "tar"
    SEVEN_ZIP = "7z"
    RAR = "rar"
    PDF = "PDF"
    PICTURE = "a picture"
    OFFICE = "an Office document"
    UTF_16 = "UTF-16 text"
    UTF_32 = "UTF-32 text"
    TEXT = "plain text"
    BINARY = "binary data"


PACKED = {
    *(Kind.ZIP, Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.ZSTD, Kind.LZ4),
    *(Kind.TAR, Kind.SEVEN_ZIP, Kind.RAR),
}

TEXTS = {
    *(Kind.EMPTY, Kind.BLOG, Kind.XML, Kind.HTML, Kind.JSON_LINES, Kind.JSON),
    *(Kind.CSV, Kind.TSV, Kind.TEXT, Kind.BINARY),
}
"""What may be read as text or as any table but Parquet, if the user says so."""

MAGIC = (
    *((known.magic, Kind(known.name)) for known in COMPRESSIONS),
    *(
        (re.compile(pattern, re.DOTALL), kind)
        for pattern, kind in (
            (rb"PAR1\x15", Kind.PARQUET),
            (rb"ARROW1\0\0", Kind.ARROW),
            (rb"Obj\x01", Kind.AVRO),
            (rb"ORC[\0-\x08\x0e-\x1f\x80-\xff]", Kind.ORC),
            (rb"SQLite format 3\0", Kind.SQLITE),
            (rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", Kind.ZIP),
            (rb"\x04\x22\x4d\x18", Kind.LZ4),
            (rb"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
            (rb"Rar!\x1a\x07", Kind.RAR),
            (rb"%PDF-", Kind.PDF),
            (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*", Kind.PICTURE),
            (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE),
            (rb"\xff\xfe\0\0|\0\0\xfe\xff", Kind.UTF_32),
            (rb"\xff\xfe|\xfe\xff", Kind.UTF_16),
        )
    ),
)

BOM = b"\xef\xbb\xbf"
TEXT_CONTROLS = b"\t\n\x0b\x0c\r\x1a\x1b"
CONTROLS = bytes(set(range(32)) - set(TEXT_CONTROLS))
MOST_CONTROLS = 0.05
"""Share of the bytes up to which it is text: blogs hold NULs and other control characters."""

HTML = re.compile(r"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
XML = re.compile(
    r"<(?:\?xml\b|!doctype\b|!--|[a-z][\w:.-]*\s+[\w:.-]+\s*=|([a-z][\w:.-]{2,})>.*</\1>)",
    re.IGNORECASE | re.DOTALL,
)
"""Not a token of language models, such as `<s>` and `<unk>`."""

JSON = re.compile(r'(?:\[\s*)?\{\s*"(?:[^"\\]|\\.)*"\s*:')
HEADER_CELL = re.compile(r"[A-Za-z_][\w.-]*(?: [\w.-]+)?")
DELIMITERS = {"\t": Kind.TSV, ",": Kind.CSV, ";": Kind.CSV, "|": Kind.CSV}
ROWS = 50
"""That a table is told by."""

LEAST_ROWS = {1: ROWS + 1, 2: 10}
"""Rows of so many cells that a table without a header has at least; of more cells, three."""


def kind_of(head: bytes) -> Kind:
    r"""The kind of a file that begins with some bytes; all of a small one.

    >>> str(kind_of(b"id,gender,text\n1,male,hello\n")), str(kind_of(b"\x1f\x8b\x08"))
    ('CSV', 'gzip')
    """
    is_cut, head = len(head) >= HEAD_BYTES, head[:HEAD_BYTES]
    if not head.strip(b"\0 \t\r\n"):
        return Kind.EMPTY
    for magic, kind in MAGIC:
        if magic.match(head):
            return kind
    if is_tar(head):
        return Kind.TAR
    if _is_utf16(head):
        return Kind.UTF_16
    if len(head) - len(head.translate(None, CONTROLS)) > MOST_CONTROLS * len(head):
        return Kind.BINARY
    return _kind_of_text(head.removeprefix(BOM), is_cut)


def advice(kind: Kind, wanted: str = "one XML file per blogger, or a table") -> str:
    """What to do, in one line, with a file of a kind that is not what was wanted."""
    if kind in PACKED:
        return "unpack it first"
    if kind in (Kind.UTF_16, Kind.UTF_32):
        name = kind.removesuffix(" text")
        return f"convert it to UTF-8 first: iconv -f {name} -t UTF-8"
    if kind is Kind.EMPTY:
        return "get it again"
    return f"give {wanted} instead"


def _is_utf16(head: bytes) -> bool:
    """Without its mark: every other byte of most of it is a NUL."""
    characters = len(head) // 2
    low, high = sorted((head[::2].count(0), head[1::2].count(0)))
    return high > 0.4 * characters and low < 0.1 * characters


def _kind_of_text(head: bytes, is_cut: bool) -> Kind:
    text = head.decode("utf-8", "replace").lstrip()
    if HTML.match(text):
        return Kind.HTML
    if is_blog(head):
        return Kind.BLOG
    if XML.match(text):
        return Kind.HTML if HTML.search(text[:1000]) else Kind.XML
    if (kind := _kind_of_json(text)) is not None:
        return kind
    tables = (kind for mark, kind in DELIMITERS.items() if _is_table(text, mark, is_cut))
    return next(tables, Kind.TEXT)


def _kind_of_json(text: str) -> Kind | None:
    lines = [line for line in text.split("\n") if line.strip()]
    values = [_is_json(line) for line in lines[:2]]
    if all(values):
        return Kind.JSON if len(values) == 1 else Kind.JSON_LINES
    return Kind.JSON if values[0] or JSON.match(text) else None


def _is_json(line: str) -> bool:
    """Whether a line is an object or an array."""
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


def _is_table(text: str, delimiter: str, is_cut: bool) -> bool:
    """Whether it has a header, or rows of as many cells each, which prose hasn't for long."""
    try:
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), ROWS))
    except csv.Error:
        return False
    if is_cut and 1 < len(rows) < ROWS:
        rows.pop()
    header, widths = rows[0], [len(row) for row in rows if row]
    columns = min(widths)
    if len(header) == columns >= 3 and all(map(HEADER_CELL.fullmatch, header)):
        return True
    return columns == max(widths) and len(widths) >= LEAST_ROWS.get(columns, 3)
