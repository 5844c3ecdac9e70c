"""What a corpus file holds, worked out while its bytes go by, in order."""

import hashlib
import zlib

from etl.publishing.output import CorpusFile


class Digest:
    """Counts and checksums of the bytes so far.

    Attributes:
        bytes: number of them.
        lines: number of LF among them.
        crc32: CRC-32 (zlib), as S3 has it too.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.lines = 0
        self.crc32 = 0
        self._sha256 = hashlib.sha256()

    def update(self, block: bytes) -> None:
        """Takes the next bytes."""
        self.bytes += len(block)
        self.lines += block.count(b"\n")
        self.crc32 = zlib.crc32(block, self.crc32)
        self._sha256.update(block)

    def corpus_file(self) -> CorpusFile:
        """All that a manifest says of them."""
        return CorpusFile(self.bytes, self.lines, self._sha256.hexdigest())
