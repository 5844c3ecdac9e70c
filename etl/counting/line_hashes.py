"""Lines → one 64-bit hash each, to find those that are repeated without holding any text.

Two of ten million different lines share a hash once in 370,000 corpora: n²/2 pairs, 2⁻⁶⁴ each.
"""

import base64

import numpy as np
import numpy.typing as npt
from pandas.util import hash_array  # type: ignore[import-untyped]

from etl.counting.line_block import LineBlock

Hashes = npt.NDArray[np.uint64]

LITTLE_ENDIAN = np.dtype("<u8")


def hash_lines(block: LineBlock) -> Hashes:
    """Hashes of the lines, sorted: SipHash by way of pandas, the same in every process."""
    lines = np.array(block.text.split(b"\n")[:-1], dtype=object)
    return np.sort(hash_array(lines, categorize=False))


def to_text(hashes: Hashes) -> bytes:
    """Hashes as one line of ASCII; `from_text` is its inverse."""
    return base64.b64encode(hashes.astype(LITTLE_ENDIAN).tobytes())


def from_text(text: bytes) -> Hashes:
    """The hashes that `to_text` wrote."""
    return np.frombuffer(base64.b64decode(text), LITTLE_ENDIAN)
