"""Compressed files as streams: forward, back, in several pieces, cut off."""

import io
import random

import made_up
import pytest

from storage.compression import BROKEN, compression_of, unpacked, unpacked_start

DATA = random.Random(1).randbytes(1000) * 3000
"""More than any buffer holds."""


@pytest.mark.parametrize("suffix", made_up.COMPRESS)
def test_a_stream_moves_and_says_where_it_is_cut_off(suffix: str) -> None:
    packed = b"".join(map(made_up.COMPRESS[suffix], (DATA[:1500], DATA[1500:])))
    compression = compression_of(packed)
    assert compression is not None
    assert f".{compression.suffix}" == suffix
    stream = unpacked(io.BytesIO(packed))
    assert stream is not None
    for place in (2_500_000, 10, 2_000_000):
        assert stream.seek(place) == stream.tell() == place
        assert stream.read(3000) == DATA[place : place + 3000]
    assert stream.seek(len(DATA) + 1) == len(DATA)
    assert unpacked_start(packed[:-3], 100) == DATA[:100]
    broken = unpacked(io.BytesIO(packed[:-3]))
    assert broken is not None
    with pytest.raises(BROKEN):
        broken.read()


def test_other_files_are_no_streams() -> None:
    for data in (b"", b"BZhello", b"PK\x03\x04"):
        assert unpacked(io.BytesIO(data)) is None
        assert unpacked_start(data, 10) == b""
