"""The listing: what is found, in which order, and what it rejects by itself."""

import os
from pathlib import Path
from urllib.parse import quote

import made_up
import pytest

from etl.reading.chunks import cut, read_chunk
from etl.reading.sources import Entry, is_remote, list_local, settle
from storage.errors import InputNotFoundError, NothingReadableError, UsageError

GIB = 2**30
ORDER = [made_up.FIRST, made_up.SECOND, made_up.THIRD]


def names(uri: object) -> list[str]:
    return [entry.name for entry in list_local(str(uri), GIB, GIB).entries]


def test_folder_glob_file_uri_and_zip_list_the_same_files_in_the_same_order(
    blogs: Path, blogs_zip: Path
) -> None:
    assert names(blogs) == ORDER
    assert names(f"file://{blogs}") == ORDER
    assert names(f"{blogs}/*.xml") == ORDER
    assert names(f"{blogs.parent}/bl*s") == ORDER
    assert names(blogs_zip) == ORDER
    assert names(blogs / made_up.THIRD) == [made_up.THIRD]


@pytest.mark.parametrize("odd", ["br[1]", "*", "a?b", "%41 b#c+d", "{a,b}", "file:"])
def test_a_path_that_exists_is_no_glob(tmp_path: Path, odd: str, blogs_zip: Path) -> None:
    made_up.write_files(tmp_path / "br1", {"1.xml": b""})
    folder = made_up.write_files(tmp_path / odd)
    assert names(folder) == names(f"file://{quote(str(folder))}") == ORDER
    assert names(folder / made_up.THIRD) == [made_up.THIRD]
    assert names(folder / "*.female.*") == ORDER[1:]
    assert names(blogs_zip.rename(folder / f"{odd}.zip")) == ORDER


@pytest.mark.parametrize("uri", ["file://blogs", "file://host/blogs", "file:"])
def test_a_uri_of_another_machine_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match=f"{uri} is no path of this machine, such as file:///"):
        names(uri)


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [("blogs", "folder"), ("bl*s", "glob"), ("blogs.zip", "zip"), (f"blogs/{ORDER[0]}", "file")],
)
def test_the_kind_is_recorded(blogs: Path, blogs_zip: Path, pattern: str, kind: str) -> None:
    assert list_local(f"{blogs.parent}/{pattern}", GIB, GIB).kind == kind


def test_a_zip_is_known_by_its_first_bytes_as_well(blogs_zip: Path) -> None:
    renamed = blogs_zip.rename(blogs_zip.with_name("blogs.bin"))
    assert names(renamed) == ORDER


def test_order_is_by_base_name_whatever_the_folder(tmp_path: Path) -> None:
    made_up.write_files(tmp_path, {"z/1.a": b"1", "a/2.a": b"2", "10.a": b"3"})
    assert names(tmp_path) == ["1.a", "10.a", "2.a"]


@pytest.mark.parametrize("separator", ["/", "\\"])
@pytest.mark.parametrize("form", ["a", "a/*", "a/**", "a.zip"])
def test_hidden_files_and_litter_are_ignored_and_counted(
    tmp_path: Path, form: str, separator: str
) -> None:
    files = made_up.FILES | made_up.LITTER
    made_up.write_zip(tmp_path / "a.zip", files, separator)
    flat = {f"x{separator}{name.replace('/', separator)}": data for name, data in files.items()}
    made_up.write_files(tmp_path / "a", flat)
    listing = list_local(f"{tmp_path}/{form}", GIB, GIB)
    assert [(entry.name, entry.reject) for entry in listing.entries] == [(n, "") for n in ORDER]
    assert listing.ignored == len(made_up.LITTER)
    [chunk] = cut(listing, 1, 1)
    assert dict(read_chunk(chunk)) == made_up.FILES


def test_a_file_that_is_named_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    assert names(made_up.write_files(tmp_path, {"_a.xml": b"x"}) / "_a.xml") == ["_a.xml"]


def test_a_folder_below_a_hidden_one_is_read(tmp_path: Path) -> None:
    assert names(made_up.write_files(tmp_path / ".cache" / "blogs")) == ORDER


def test_the_second_file_of_a_blogger_is_rejected(tmp_path: Path) -> None:
    twin = "1000001.male.18.Student.Leo.xml"
    made_up.write_files(tmp_path, made_up.FILES | {twin: made_up.FILES[made_up.FIRST]})
    listing = list_local(str(tmp_path), GIB, GIB)
    assert [(entry.name, entry.reject) for entry in listing.rejected] == [
        (twin, "duplicate_blogger")
    ]
    assert [entry.name for entry in listing.readable] == ORDER


def test_a_rejected_file_does_not_take_the_bloggers_place() -> None:
    large = Entry("1.male.17.Arts.Leo.xml", "a", 100, "")
    small = Entry("1.male.18.Arts.Leo.xml", "b", 10, "")
    assert [entry.reject for entry in settle([large, small], 50)] == ["too_large", ""]


def test_what_is_no_file_and_what_is_gone_are_rejected(tmp_path: Path) -> None:
    made_up.write_files(tmp_path)
    (tmp_path / "1.male.17.Arts.Leo.xml").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "2.male.17.Arts.Leo.xml")
    rejected = list_local(str(tmp_path), GIB, GIB).rejected
    assert [(entry.name, entry.reject) for entry in rejected] == [
        ("1.male.17.Arts.Leo.xml", "unreadable"),
        ("2.male.17.Arts.Leo.xml", "unreadable"),
    ]


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    made_up.write_files(tmp_path / "elsewhere")
    inside = made_up.write_files(tmp_path / "in", {})
    (inside / "link").symlink_to(tmp_path / "elsewhere")
    (inside / "circle").symlink_to(inside)
    assert names(inside) == ORDER


def test_a_name_that_is_not_printable_is_shown_escaped(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9\n.xml")).write_bytes(b"x")
    assert names(tmp_path) == ["caf\\xe9\\n.xml"]
    odd = {'<a>: "b"|?*.xml': b"x", "c\x1b]0;\n@.xml": b"x", "d\u202e.xml": b"x", "e/": b"x"}
    path = made_up.write_zip(tmp_path / "a.zip", odd)
    path.write_bytes(path.read_bytes().replace(b"@.xml", b"\0.xml"))
    assert names(path) == [
        *('<a>: "b"|?*.xml', "blogs/e/", "c\\x1b]0;\\n\\x00.xml", "d\\u202e.xml")
    ]


def test_the_digest_depends_on_name_size_and_time(blogs: Path) -> None:
    def digest() -> str:
        return list_local(str(blogs), GIB, GIB).digest

    first, before = blogs / made_up.FIRST, digest()
    assert digest() == before
    os.utime(first, ns=(0, 1))
    touched = digest()
    assert touched != before
    first.write_bytes(first.read_bytes() + b" ")
    os.utime(first, ns=(0, 1))
    longer = digest()
    assert longer != touched
    first.rename(first.with_name("1000000.male.17.Student.Leo.xml"))
    assert digest() != longer


def test_no_such_path(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError) as error:
        list_local(f"{tmp_path}/none", GIB, GIB)
    assert str(error.value) == f"no such file or folder: {tmp_path}/none"
    with pytest.raises(InputNotFoundError) as error:
        list_local(f"{tmp_path}/*.xml", GIB, GIB)
    assert str(error.value) == f"nothing matches {tmp_path}/*.xml"


def test_a_folder_without_files(tmp_path: Path) -> None:
    with pytest.raises(NothingReadableError) as error:
        list_local(str(tmp_path), GIB, GIB)
    assert str(error.value) == f"no file in {tmp_path}"
    (tmp_path / "_SUCCESS").touch()
    with pytest.raises(NothingReadableError) as error:
        list_local(str(tmp_path), GIB, GIB)
    assert str(error.value) == f"no file in {tmp_path} but hidden ones"


def test_a_folder_that_cannot_be_listed_is_an_error(
    blogs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    (blogs / "secret").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)  # root may list any folder
    with pytest.raises(InputNotFoundError) as error:
        list_local(str(blogs), GIB, GIB)
    assert str(error.value) == f"can't list {blogs}/secret: Permission denied"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3a://bucket/blogs", True),
        ("hdfs:///blogs", True),
        ("file:///blogs", False),
        ("file:/blogs", False),
        ("FILE:///blogs", False),
        ("/blogs", False),
        ("blogs", False),
        ("a:b", False),
    ],
)
def test_what_takes_hadoop_to_read(uri: str, expected: bool) -> None:
    assert is_remote(uri) is expected
