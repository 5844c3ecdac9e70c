"""Archives: members read by offset, and archives that must not be read."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import made_up
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.reading.archives import list_archive, open_archive, read_member
from etl.reading.members import CorruptMemberError, Member
from etl.reading.tars import MAX_HEADER_BYTES, MemberFile
from storage.errors import BadArchiveError

GIB = 2**30


def contents(path: Path) -> dict[str, bytes]:
    members, _ = list_archive(str(path), GIB)
    with open_archive(str(path)) as archive:
        return {member.name: read_member(archive, member) for member in members}


def refusal(path: Path, limit: int = GIB) -> str:
    with pytest.raises(BadArchiveError) as error:
        list_archive(str(path), limit)
    return str(error.value)


@settings(deadline=None, max_examples=50)
@given(
    files=st.dictionaries(st.from_regex(r"[a-z]{1,8}\.xml", fullmatch=True), st.binary()),
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    prefix=st.binary(max_size=10),
)
def test_members_are_what_zipfile_reads(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], method: int, prefix: bytes
) -> None:
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    path.write_bytes(prefix)  # a zip may have something before it
    with zipfile.ZipFile(path, "a", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert contents(path) == files


def test_a_streamed_zip_has_its_sizes_only_in_the_directory(tmp_path: Path) -> None:
    class Pipe:
        """A file that can't seek, so that the local headers hold no sizes."""

        def __init__(self, path: Path) -> None:
            self.file = path.open("wb")

        def write(self, data: bytes) -> int:
            return self.file.write(data)

        def flush(self) -> None:
            self.file.flush()

    pipe = Pipe(tmp_path / "a.zip")
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("one.xml", b"content " * 100)
    pipe.file.close()
    assert contents(tmp_path / "a.zip") == {"one.xml": b"content " * 100}


def test_a_truncated_zip(blogs_zip: Path) -> None:
    blogs_zip.write_bytes(blogs_zip.read_bytes()[:-30])
    expected = f"{blogs_zip} is not a whole zip archive: File is not a zip file"
    assert refusal(blogs_zip) == expected


def test_a_zip_that_lost_its_beginning(blogs_zip: Path) -> None:
    blogs_zip.write_bytes(blogs_zip.read_bytes()[200:])
    assert refusal(blogs_zip).startswith(f"{blogs_zip} is not a whole zip archive: ")


def test_an_empty_file_named_zip(tmp_path: Path) -> None:
    (tmp_path / "a.zip").touch()
    assert refusal(tmp_path / "a.zip").endswith(
        "is not a whole zip archive: File is not a zip file"
    )


@pytest.mark.parametrize(
    "name",
    [
        *("../1.xml", "blogs/../../1.xml", "/etc/1.xml", "..\\1.xml", "C:/1.xml", "c:\\1.xml"),
        *("\\\\server\\share\\1.xml", "blogs\\../..\\1.xml", "a/..", ".git\\..\\1.xml"),
    ],
)
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.xml", b"fine")
        archive.writestr(zipfile.ZipInfo(name), b"not")
    assert refusal(path) == f"{path} holds a name that leads out of a folder: {name!r}"


def test_names_that_stay_inside_and_folders(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.zip", zipfile.ZipInfo("a folder of Windows")
    folder.external_attr = 0x10
    files = ("blogs: 2004 copy/1.xml", "a...b\\2.xml", "./3.xml", "C:", "a:b.xml")
    with zipfile.ZipFile(path, "w") as archive:
        for name in (*files, "blogs: 2004 copy/", "b\\", folder):
            archive.writestr(name, b"" if name == folder or str(name)[-1] in "/\\" else b"x")
    assert contents(path) == dict.fromkeys(files, b"x")


def test_a_link(tmp_path: Path) -> None:
    path, info = tmp_path / "a.zip", zipfile.ZipInfo("1.xml")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"/etc/passwd")
    assert refusal(path) == f"{path} holds a link: '1.xml'"


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.xml", b"secret")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert refusal(path) == f"{path} holds an encrypted file: '1.xml'"


def test_more_than_the_limit(blogs_zip: Path) -> None:
    size = sum(len(data) for data in made_up.FILES.values())
    assert len(list_archive(str(blogs_zip), size)[0]) == 3
    expected = f"{blogs_zip} expands to {size:,} bytes, the limit is {size - 1:,}"
    assert refusal(blogs_zip, size - 1) == expected


def test_a_bomb_is_told_by_its_ratio(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.xml", b"x")
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 2 * GIB)  # declared size
    path.write_bytes(bytes(data))
    assert refusal(path, 16 * GIB).startswith(f"{path} expands to ")
    assert refusal(path, 16 * GIB).endswith(" times its own size")


def test_a_declared_size_is_never_trusted() -> None:
    packed = zlib.compress(b"x" * 10**6, wbits=-15)
    header = struct.pack("<4s22xHH", b"PK\x03\x04", 0, 0)
    member = Member("1.xml", 0, len(packed), 10, zlib.crc32(b"x" * 10), zipfile.ZIP_DEFLATED)
    with pytest.raises(CorruptMemberError, match=r"^corrupt_member$"):
        read_member(io.BytesIO(header + packed), member)


@pytest.mark.parametrize(
    ("at", "reason"),
    [(0, "corrupt_member"), (60, "corrupt_member")],
    ids=["local header", "content"],
)
def test_a_damaged_member(tmp_path: Path, at: int, reason: str) -> None:
    path = made_up.write_zip(tmp_path / "a.zip", {"one.xml": b"some content " * 20})
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    [member] = list_archive(str(path), GIB)[0]
    with open_archive(str(path)) as archive, pytest.raises(CorruptMemberError, match=reason):
        read_member(archive, member)


def test_another_compression(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("1.xml", b"x")
    with pytest.raises(CorruptMemberError, match="unsupported_compression"):
        contents(path)


def tar_with(path: Path, name: str = "a.xml", kind: bytes = tarfile.REGTYPE) -> Path:
    """A tar of one member, compressed if its name says so."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    if kind == tarfile.REGTYPE:
        info.size = 700
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(info, io.BytesIO(bytes(700)))
    path.write_bytes(made_up.COMPRESS.get(path.suffix, bytes)(file.getvalue()))
    return path


@pytest.mark.parametrize("end", ["tar", "tar.gz"])
@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("../a.xml", tarfile.REGTYPE, "leads out of a folder: '../a.xml'"),
        ("/a.xml", tarfile.REGTYPE, "leads out of a folder: '/a.xml'"),
        ("a.xml", tarfile.SYMTYPE, "a link: 'a.xml'"),
        ("a.xml", tarfile.LNKTYPE, "a link: 'a.xml'"),
        ("a.xml", tarfile.CHRTYPE, "no plain file: 'a.xml'"),
        ("a.xml", tarfile.FIFOTYPE, "no plain file: 'a.xml'"),
    ],
)
def test_a_tar_that_must_not_be_read(
    tmp_path: Path, end: str, name: str, kind: bytes, says: str
) -> None:
    assert refusal(tar_with(tmp_path / f"a.{end}", name, kind)).endswith(says)


@pytest.mark.parametrize("end", [".tar", *made_up.COMPRESS])
def test_a_tar_that_is_cut_off_or_none_or_too_large(tmp_path: Path, end: str) -> None:
    path = tar_with(tmp_path / f"a.tar{end}")
    data = path.read_bytes()
    assert [member.size for member in list_archive(str(path), GIB)[0]] == [700]
    assert "the limit is 1,000" in refusal(path, 1000)
    for size in (600, 1000, 1536) if end == ".tar" else (len(data) - 3,):
        path.write_bytes(data[:size])
        assert "not a whole tar archive" in refusal(path)


def test_what_is_no_tar_behind_the_first_member(tmp_path: Path) -> None:
    path = tar_with(tmp_path / "a.tar")
    path.write_bytes(path.read_bytes()[:1536] + b"no tar at all" * 99)
    assert "not a whole tar archive" in refusal(path)
    path.write_bytes(b"no tar at all" * 99)
    assert "not a whole tar archive" in refusal(path)


@pytest.mark.parametrize("size", [MAX_HEADER_BYTES + 1, 2**32])
def test_a_tar_with_a_header_that_fills_the_memory(tmp_path: Path, size: int) -> None:
    path, info = tmp_path / "a.tar.gz", tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, size
    path.write_bytes(gzip.compress(info.tobuf() + bytes(2**20)))
    assert "a header of" in refusal(path)


def test_a_bomb_in_a_tar_ends_where_it_is_seen(tmp_path: Path) -> None:
    path, info = tmp_path / "a.tar.gz", tarfile.TarInfo("a.xml")
    info.size = 7 * GIB
    path.write_bytes(gzip.compress(info.tobuf() + bytes(2**20)))
    assert refusal(path, 16 * GIB).endswith(" times its own size")


def test_a_tars_member_is_a_file_of_its_own(tmp_path: Path) -> None:
    path = made_up.write_tar(tmp_path / "a.tar")
    member = list_archive(str(path), GIB)[0][0]
    with open_archive(str(path)) as archive:
        file = io.BufferedReader(MemberFile(archive, member))
        assert file.read() == made_up.FILES[made_up.THIRD]
        assert (file.seek(-4, io.SEEK_END), file.read()) == (member.size - 4, b"g>\r\n")
