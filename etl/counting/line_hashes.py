"""Lines → one 64-bit hash each, to find those that are repeated without holding any text.

A piece is what stands before a space or LF; the hash of a line is Σ h(piece i)·Pⁱ modulo 2⁶⁴, so
that the sums of a whole block are a few numpy operations. Nothing depends on how lines are cut
into blocks, nor on the process.

Two of ten million different lines share a hash once in 370,000 corpora: n²/2 pairs, 2⁻⁶⁴ each.
"""

import base64
import hashlib

import numpy as np
import numpy.typing as npt

from etl.counting.line_block import WORD, LineBlock, Words

Hashes = npt.NDArray[np.uint64]

LITTLE_ENDIAN = np.dtype("<u8")

MODULUS = 2**64
FACTOR = 0xD1342543DE82EF95
"""P: odd, and so invertible; without a pattern in its bits, as the next two."""

SPREAD, EMPTY = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x2545F4914F6CDD1D)
HALF = np.uint64(32)


def hash_lines(block: LineBlock) -> Hashes:
    """Hashes of the lines, sorted."""
    if not block.text:
        return np.empty(0, np.uint64)
    hashes = hash_pieces(block)
    powers, inverses = POWERS.of(hashes.size)
    hashes *= powers
    firsts = np.zeros_like(block.last_pieces)
    np.add(block.last_pieces[:-1], 1, out=firsts[1:])
    lines = np.add.reduceat(hashes, firsts)
    lines *= inverses[firsts]
    lines.sort()
    return lines


def hash_pieces(block: LineBlock) -> Hashes:
    """The h of each piece; for the rare ones it is BLAKE2b's."""
    words, medium, tails, rare, texts = block.pieces
    hashes = mix(words)
    if not block.is_tidy:
        hashes[words == 0] = EMPTY
    hashes[medium] = mix(hashes[medium] + tails)
    if texts:
        digests = [hashlib.blake2b(text, digest_size=WORD).digest() for text in texts]
        hashes[rare] = np.frombuffer(b"".join(digests), LITTLE_ENDIAN)
    return hashes


def mix(words: Words) -> Hashes:
    """Words → numbers of which each half depends on all bits of the word; one to one."""
    mixed = words * SPREAD
    mixed ^= mixed >> HALF
    return mixed


class Powers:
    """Pⁱ and P⁻ⁱ modulo 2⁶⁴ from i = 0, as many as were ever asked for."""

    def __init__(self, factor: int) -> None:
        self._factors = (factor, pow(factor, -1, MODULUS))
        self._known = (np.ones(1, np.uint64), np.ones(1, np.uint64))

    def of(self, number: int) -> tuple[Words, Words]:
        """So many of each."""
        if self._known[0].size < number:
            powers, inverses = (_powers(factor, 2 * number) for factor in self._factors)
            self._known = (powers, inverses)
        return self._known[0][:number], self._known[1][:number]


def to_text(hashes: Hashes) -> bytes:
    """Hashes as one line of ASCII; `from_text` is its inverse."""
    return base64.b64encode(hashes.astype(LITTLE_ENDIAN, copy=False).data)


def from_text(text: bytes) -> Hashes:
    """The hashes that `to_text` wrote."""
    return np.frombuffer(base64.b64decode(text), LITTLE_ENDIAN)


def _powers(factor: int, number: int) -> Words:
    powers = np.full(number, factor, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


POWERS = Powers(FACTOR)
