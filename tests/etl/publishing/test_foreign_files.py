"""What a build did not make stays as it is beside what it makes, in a folder as on S3."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from s3_server import S3Server

from etl.build import open_output
from etl.publishing import local_moves, s3_place, s3_publish
from etl.publishing.output import LOCK, MARKER, RAW, STAGING, Place
from schemas.output import CARD, CORPUS_FILE, ENTRIES, FILES
from storage.errors import OutputExistsError
from storage.s3_client import S3Options

pytestmark = pytest.mark.usefixtures("fast")

STALE = ["posts", CARD]
"""Of the first build, not made by the second: a folder and a file."""


class Site(Protocol):
    """A disk or a bucket; paths are those below it."""

    def uri(self, prefix: str) -> str:
        """Of an output."""

    def put(self, path: str, text: str) -> None:
        """A file, or an object."""

    def files(self) -> dict[str, str]:
        """All of them, with their texts."""


@dataclass(frozen=True)
class Disk:
    """A folder of this machine."""

    root: Path

    def uri(self, prefix: str) -> str:
        return str(self.root / prefix)

    def put(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def files(self) -> dict[str, str]:
        paths = [path for path in self.root.rglob("*") if path.is_file()]
        return {path.relative_to(self.root).as_posix(): path.read_text() for path in paths}


@dataclass(frozen=True)
class Bucket:
    """A bucket of the server."""

    server: S3Server
    name: str

    def uri(self, prefix: str) -> str:
        return f"s3://{self.name}/{prefix}"

    def put(self, path: str, text: str) -> None:
        self.server.client.put_object(Bucket=self.name, Key=path, Body=text.encode())

    def files(self) -> dict[str, str]:
        keys = self.server.keys(self.name)
        return {key: self.server.read(self.name, key).decode() for key in keys}


@pytest.fixture(params=["disk", "s3"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    if request.param == "disk":
        return Disk(tmp_path)
    return Bucket(request.getfixturevalue("server"), request.getfixturevalue("bucket"))


def file_of(entry: str) -> str:
    """A file that makes an entry."""
    if entry == "corpus":
        return CORPUS_FILE
    if entry == "refused":
        return "refused/rejects/part-0.parquet"
    return entry if entry in FILES else f"{entry}/part-0.parquet"


def whole(prefix: str, text: str, without: list[str]) -> dict[str, str]:
    """What an output holds when it is published."""
    made = {f"{prefix}{file_of(name)}": text for name in ENTRIES if name not in without}
    return made | {f"{prefix}{CORPUS_FILE}": ""}


@contextmanager
def filled(site: Site, prefix: str, s3: S3Options, text: str, stale: list[str]) -> Iterator[Place]:
    """A build that has made all of its entries, and published none."""
    output = open_output(site.uri(prefix), s3)
    entries = [name for name in ENTRIES if name not in stale]
    with output.held():
        old = [name for name in ENTRIES if output.has(name)]
        output.check_replaceable(entries, old, overwrite=bool(old))
        with output.staging() as place:
            for name in entries:
                if name != "corpus":
                    path = place.final / file_of(name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
            place.join(None)  # type: ignore[arg-type]
            yield place


def rebuild(site: Site, prefix: str, s3: S3Options, text: str, stale: list[str]) -> None:
    with filled(site, prefix, s3, text, stale) as place:
        place.publish(stale)


def names_of_a_build(site: Site, prefix: str, s3: S3Options) -> set[str]:
    """Publishes the first build; every name that the output had at its top meanwhile."""
    seen: set[str] = set()

    def look(real: Callable[..., None]) -> Callable[..., None]:
        def finish(*arguments: object) -> None:
            seen.update(site.files())
            real(*arguments)

        return finish

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_moves, "finish", look(local_moves.finish))
        patch.setattr(s3_place, "finish", look(s3_publish.finish))
        rebuild(site, prefix, s3, "one", [])
    paths = seen | set(site.files())
    return {path.removeprefix(prefix).split("/")[0] for path in paths}


def neighbours(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """Files of somebody else's, whose names are nearly those that a build writes."""
    paths = {f"{STAGING}old/{MARKER}", f"{STAGING}old/final/{file_of('posts')}"}
    for name in {*names, *ENTRIES, LOCK, STAGING, MARKER, RAW}:
        paths |= {f"{name}.bak", f"{name}l", f"{name}~", f"_{name}", name.swapcase()}
        paths |= {f"{name}.old/x", f"{name}-2/x", f"{name}s/{file_of('posts')}"}
    here = {f"{prefix}{path}" for path in paths}
    others = [f"{prefix.rstrip('/')}{end}/" for end in ("-2", "er", ".bak")] if prefix else []
    there = {f"{other}{file_of(name)}" for other in others for name in ENTRIES}
    return {path: f"mine: {path}" for path in here | there}


def die(site: Site, prefix: str, s3: S3Options, has_begun: bool) -> None:
    """A build in a process of its own, killed before or after it has said what goes where."""

    def kill(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            with filled(site, prefix, s3, "two", STALE) as place:
                if not has_begun:
                    kill()
                setattr(local_moves, "finish", kill)  # noqa: B010, mypy forbids an assignment
                setattr(s3_place, "finish", kill)  # noqa: B010
                place.publish(STALE)
        finally:
            os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("prefix", ["", "out/", "deep/out/"])
@pytest.mark.parametrize("killed", ["never", "while it stages", "while it publishes"])
def test_neighbours_of_what_is_replaced_stay(
    site: Site, prefix: str, killed: str, s3: S3Options
) -> None:
    names = names_of_a_build(site, prefix, s3)
    assert len(names) > len(ENTRIES)  # the staging area, too
    mine = neighbours(prefix, names)
    for path, text in mine.items():
        site.put(path, text)

    def files() -> dict[str, str]:
        return {path: text for path, text in site.files().items() if path != f"{prefix}{LOCK}"}

    assert files() == whole(prefix, "one", []) | mine
    if killed != "never":
        has_begun = killed == "while it publishes"
        die(site, prefix, s3, has_begun)
        with open_output(site.uri(prefix), s3).held():
            now = whole(prefix, "two", STALE) if has_begun else whole(prefix, "one", [])
            assert files() == now | mine
    rebuild(site, prefix, s3, "three", STALE)
    assert files() == whole(prefix, "three", STALE) | mine


@pytest.mark.parametrize("killed", [False, True])
def test_a_refused_build_leaves_report_and_rejects_until_the_next_one(
    site: Site, s3: S3Options, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    rebuild(site, "out/", s3, "one", ["refused"])
    with filled(site, "out/", s3, "two", ["refused"]) as place, monkeypatch.context() as patch:
        if killed:  # before the first move; whoever comes next makes up for it
            patch.setattr(local_moves, "finish", lambda *_: None)
            patch.setattr(s3_place, "finish", lambda *_: None)
        place.refuse()
    refused = {f"out/refused/{name}/part-0.parquet": "two" for name in ("report", "rejects")}
    output = open_output(site.uri("out/"), s3)
    with output.held():
        found = {path: text for path, text in site.files().items() if path != f"out/{LOCK}"}
    assert found == whole("out/", "one", ["refused"]) | refused
    output.check_replaceable([], ["refused"], overwrite=True)
    rebuild(site, "out/", s3, "three", ["refused"])
    assert not output.has("refused")
    site.put("out/refused/mail.txt", "mine")
    with pytest.raises(OutputExistsError, match=r"mail.txt was not made by a build"):
        output.check_replaceable([], ["refused"], overwrite=True)


@pytest.mark.parametrize("prefix", ["", "out/"])
def test_neighbours_are_not_taken_for_an_output(site: Site, prefix: str, s3: S3Options) -> None:
    mine = neighbours(prefix, [])
    for path, text in mine.items():
        site.put(path, text)
    output = open_output(site.uri(prefix), s3)
    assert not [name for name in ENTRIES if output.has(name)]
    assert {name: output.read(name) for name in FILES} == dict.fromkeys(FILES)
    assert not output.has_corpus({"bytes": 0, "sha256": ""})
    output.check_replaceable(list(ENTRIES), [], overwrite=False)
