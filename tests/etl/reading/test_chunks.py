"""Chunks: runs of the listing, and the bytes of their files."""

import gzip
import shutil
from pathlib import Path

import made_up
from hypothesis import given
from hypothesis import strategies as st

from etl.reading.chunks import CHUNK_BYTES, Unreadable, cut, read_chunk
from etl.reading.sources import Entry, Listing, list_local

GIB = 2**30
SIZES = st.lists(st.integers(0, 3 * CHUNK_BYTES), max_size=60)


def listing(sizes: list[int], reject: str = "") -> Listing:
    entries = tuple(Entry(f"{n:03}", f"/{n}", size, "", reject) for n, size in enumerate(sizes))
    return Listing("x", "folder", entries, 0)


@given(SIZES, st.integers(1, 8), st.none() | st.integers(1, 80))
def test_chunks_are_runs_of_the_listing(sizes: list[int], cores: int, count: int | None) -> None:
    files = listing(sizes)
    chunks = cut(files, cores, count)
    assert [entry for chunk in chunks for entry in chunk.entries] == files.readable
    assert all(chunk.entries for chunk in chunks)


def test_the_whole_corpus_makes_as_many_chunks_of_about_equal_size_for_each_core() -> None:
    chunks = cut(listing([41_700] * 19_320), cores=4)
    sizes = [sum(entry.size for entry in chunk.entries) for chunk in chunks]
    assert len(chunks) == 16
    assert max(sizes) - min(sizes) <= 41_700


def test_the_number_of_chunks_can_be_set_up_to_one_a_file() -> None:
    files = listing([10] * 7)
    assert [len(cut(files, 2, count)) for count in (1, 3, 7, 100)] == [1, 3, 7, 7]
    assert len(cut(files, cores=2)) == 2


def test_without_readable_files_there_are_no_chunks() -> None:
    assert cut(listing([1, 2], reject="too_large"), cores=2) == []


def test_a_chunk_reads_the_same_from_folder_archives_and_gzipped_files(
    blogs: Path, blogs_zip: Path, tmp_path: Path
) -> None:
    tar = made_up.write_tar(tmp_path / "blogs.tar")
    lone = tmp_path / "lone" / "deeper"
    lone.mkdir(parents=True)
    shutil.copy(tar, lone)
    (lone / ".DS_Store").write_bytes(b"x")
    packed = {f"{name}.gz": gzip.compress(data) for name, data in made_up.FILES.items()}
    gzipped = made_up.write_files(tmp_path / "gz", packed)
    inside = made_up.write_zip(tmp_path / "gz.zip", packed)
    tars = [made_up.write_tar(tmp_path / f"a.tar{end}") for end in made_up.COMPRESS]
    twice = made_up.write_tar(tmp_path / "twice.gz", packed)
    for source in (blogs, blogs_zip, tar, lone.parent, gzipped, inside, *tars, twice):
        [chunk] = cut(list_local(str(source), GIB, GIB), 2, 1)
        assert list(read_chunk(chunk)) == sorted(made_up.FILES.items())
    assert list_local(str(lone.parent), GIB, GIB).ignored == 1


def test_gzipped_files_that_are_none_or_bombs_are_rejected(tmp_path: Path) -> None:
    names = [f"{number}.male.20.Law.Leo.xml.gz" for number in range(3)]
    data = [gzip.compress(b"<Blog>")[:-9], gzip.compress(b"\0" * 2**22), b"<Blog>not gzip</Blog>"]
    made_up.write_files(tmp_path, dict(zip(names, data, strict=True)))
    [chunk] = cut(list_local(str(tmp_path), GIB, GIB), 2, 1)
    read = [content for _, content in read_chunk(chunk)]
    assert read == [Unreadable("corrupt_member"), Unreadable("too_large"), data[2]]


def test_files_that_changed_or_went_since_the_listing(blogs: Path) -> None:
    [chunk] = cut(list_local(str(blogs), GIB, GIB), 2, 1)
    (blogs / made_up.FIRST).unlink()
    with (blogs / made_up.SECOND).open("ab") as file:
        file.write(b"more")
    assert list(read_chunk(chunk)) == [
        (made_up.FIRST, Unreadable("unreadable")),
        (made_up.SECOND, Unreadable("changed")),
        (made_up.THIRD, made_up.FILES[made_up.THIRD]),
    ]
