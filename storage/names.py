r"""Names of files, wherever they come from: a zip of Windows parts folders by `\`, S3 by `/`."""

import re

from storage.printable import printable

SEPARATOR = re.compile(r"[/\\]")

LITTER = {
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information"),
    *("icon\r", "@eadir"),
}
"""What Windows, macOS and network disks leave in a folder that somebody looked at; lower case."""

LITTER_ENDS = ("_$folder$", ".crc", "._copying_", ":zone.identifier")
"""Ends of what Hadoop and Windows put beside a file or folder; lower case."""


def base_name(path: str) -> str:
    r"""What follows the last separator, fit for one line; the whole path if nothing does.

    >>> base_name("blogs\\a/1.xml"), base_name("a/caf\x1b.xml"), base_name("a/")
    ('1.xml', 'caf\\x1b.xml', 'a/')
    """
    return printable(SEPARATOR.split(path)[-1] or path)


def is_folder(path: str, size: int) -> bool:
    """Whether an object or a member of a zip only stands for a folder."""
    return not size and path.endswith(("/", "\\"))


def is_hidden(relative: str) -> bool:
    r"""Whether some part of a path is Hadoop's hidden (a dot or underscore first), or litter.

    >>> [is_hidden(path) for path in ("a/.git\\1.xml", "__MACOSX\\._1.xml", "2004_$folder$", "a_b")]
    [True, True, True, False]
    """
    parts = (part.lower() for part in SEPARATOR.split(relative) if part != ".")
    return any(
        part.startswith((".", "_")) or part in LITTER or part.endswith(LITTER_ENDS)
        for part in parts
    )
