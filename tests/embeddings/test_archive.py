import bz2
import gzip
import io
import lzma
import os
import tarfile

import pytest

from embeddings.vectors import archive
from embeddings.vectors.archive import pack, unpack
from storage.errors import BadArchiveError, InputNotFoundError


def make_tar(path, *members):
    """A tar.gz of (name, content) files, or of TarInfos."""
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def refused(tmp_path, path, **options):
    folder = tmp_path / "unpacked"
    folder.mkdir(exist_ok=True)
    with pytest.raises(BadArchiveError) as caught:
        unpack(path, folder, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path} ")


def test_packing_twice_gives_the_same_bytes_whatever_the_clock_and_the_modes_say(
    tmp_path, monkeypatch
):
    for number, when in enumerate((1, 2_000_000_000)):
        monkeypatch.setattr("time.time", lambda when=when: float(when))
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in ("b.txt", "a.txt"):
            (folder / name).write_text(name * 100)
            (folder / name).chmod(0o600 + number)
            os.utime(folder / name, (when, when))
        pack(folder / "m.tar.gz", [folder / "b.txt", folder / "a.txt"])
    data = (tmp_path / "0/m.tar.gz").read_bytes()
    assert data == (tmp_path / "1/m.tar.gz").read_bytes()
    (tmp_path / "u").mkdir()
    files = unpack(tmp_path / "0/m.tar.gz", tmp_path / "u")
    assert [(file.name, file.read_text()[:5]) for file in files] == [
        ("b.txt", "b.txt"), ("a.txt", "a.txt"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("member", "text"),
    [
        (("../evil", b"x"), "holds '../evil', a path out of its folder"),
        (("a/../../evil", b"x"), "holds 'a/../../evil', a path out of its folder"),
        (("/tmp/evil", b"x"), "holds '/tmp/evil', a path out of its folder"),
        (special("l", tarfile.SYMTYPE, "/etc/passwd"), "holds 'l', a link or a device"),
        (special("h", tarfile.LNKTYPE, "l"), "holds 'h', a link or a device"),
        (special("d", tarfile.CHRTYPE), "holds 'd', a link or a device"),
        (special("f", tarfile.FIFOTYPE), "holds 'f', a link or a device"),
    ],
    ids=["parent", "parent inside", "absolute", "symlink", "hardlink", "device", "fifo"],
)
def test_members_that_could_do_harm_are_refused(tmp_path, member, text):
    path = make_tar(tmp_path / "m.tar.gz", ("vectors.txt", b"ok"), member)
    assert refused(tmp_path, path) == text
    assert not (tmp_path / "evil").exists()
    assert sorted(file.name for file in (tmp_path / "unpacked").iterdir()) == ["vectors.txt"]


def test_size_and_number_of_members_are_limited(tmp_path, monkeypatch):
    path = make_tar(tmp_path / "m.tar.gz", ("a", b"x" * 600), ("b", b"x" * 600))
    text = "unpacks to more than 1,000 bytes or 1,000 files"
    assert refused(tmp_path, path, limit=1000) == text
    monkeypatch.setattr(archive, "MAX_MEMBERS", 1)
    (tmp_path / "unpacked/a").unlink()
    lone = tmp_path / "v.xz"
    lone.write_bytes(lzma.compress(b"x" * 1001))
    assert refused(tmp_path, lone, limit=1000) == "unpacks to more than 1,000 bytes"
    assert refused(tmp_path, path) == f"unpacks to more than {16 * 2**30:,} bytes or 1 files"


def test_one_path_twice_is_refused(tmp_path):
    path = make_tar(tmp_path / "m.tar.gz", ("a", b"x"), ("a", b"y"))
    assert refused(tmp_path, path) == "holds 'a' twice"


def test_a_file_that_is_also_a_folder_is_refused(tmp_path):
    path = make_tar(tmp_path / "m.tar.gz", ("a", b"x"), ("a/b", b"y"))
    assert refused(tmp_path, path) == "holds 'a/b' as file and as folder"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.999])
def test_a_cut_off_archive_is_refused_wherever_it_ends(tmp_path, share):
    for module in (gzip, bz2, lzma):
        lone = module.compress(os.urandom(5000))
        (tmp_path / "lone").write_bytes(lone[: int(len(lone) * share)])
        assert refused(tmp_path, tmp_path / "lone").startswith("is cut off or no tar.gz: ")
    content = os.urandom(100_000)
    data = make_tar(tmp_path / "m.tar.gz", ("vectors.bin", content), ("z", b"")).read_bytes()
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(data[: int(len(data) * share)])
    assert refused(tmp_path, path).startswith("is cut off or no tar.gz: ")


def test_a_tar_that_was_cut_before_it_was_compressed_is_refused(tmp_path):
    tar = gzip.decompress(make_tar(tmp_path / "m.tar.gz", ("v", b"x" * 5000)).read_bytes())
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(gzip.compress(tar[:3000]))
    assert refused(tmp_path, path).startswith("is cut off")


def test_a_changed_byte_is_noticed(tmp_path):
    data = bytearray(make_tar(tmp_path / "m.tar.gz", ("v", os.urandom(50_000))).read_bytes())
    data[25_000] ^= 1
    path = tmp_path / "bad.tar.gz"
    path.write_bytes(data)
    assert refused(tmp_path, path).startswith("is cut off or no tar.gz: ")
    for module in (gzip, bz2, lzma):
        lone = bytearray(module.compress(os.urandom(5000)))
        lone[2500] ^= 1
        path.write_bytes(lone)
        assert refused(tmp_path, path).startswith(("is cut off or no tar.gz: ", "is broken: Inv"))


def test_something_else_than_an_archive_is_refused(tmp_path):
    path = tmp_path / "m.tar.gz"
    path.write_bytes(b"no archive")
    assert refused(tmp_path, path).startswith("is cut off or no tar.gz: Not a gzipped file")
    with pytest.raises(InputNotFoundError, match="does not exist"):
        unpack(tmp_path / "none", tmp_path)
