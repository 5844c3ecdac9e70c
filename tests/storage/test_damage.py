"""Answers of S3 that come damaged or wrong: read again, told as what they are, never believed."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from s3_proxy import Answer, Damage, s3_proxy
from s3_server import S3Server

from etl.reading.chunks import Unreadable, cut, read_chunk
from etl.reading.s3_source import list_s3
from storage.errors import DamagedError
from storage.lease import Lease, LeaseTakenError, Pace, leased, take
from storage.objects import head_object
from storage.ranges import read_object
from storage.s3_client import S3Options, make_client

TEXT = b"<Blog></Blog>" * 100
FIRST, NAME = "1.male.20.Student.Leo.xml", "2.male.20.Student.Leo.xml"


class Proxy:
    """Starts proxies that end with the test."""

    def __init__(self, server: S3Server, stack: ExitStack) -> None:
        self.server, self.stack = server, stack

    def __call__(self, damage: Damage) -> S3Options:
        """How to reach S3 by way of one."""
        return S3Options(self.stack.enter_context(s3_proxy(self.server, damage)), path_style=True)


@pytest.fixture
def proxy(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setattr("storage.ranges.time.sleep", lambda _: None)
    with ExitStack() as stack:
        yield Proxy(server, stack)


def flip(times: int, part: str, start: int = 0) -> Damage:
    """Changes a bit in the first `times` bodies of that part of a path; another one each time."""
    left = iter(range(times))

    def damage(method: str, path: str, answer: Answer) -> None:
        if method == "GET" and part in path and answer.body[start:]:
            number = next(left, None)
            if number is not None:
                body = bytearray(answer.body)
                body[start + number] ^= 1
                answer.body = bytes(body)

    return damage


@pytest.fixture
def blogs(server: S3Server, bucket: str) -> str:
    """Two blogs below a prefix, and in a zip beside it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "_hidden", TEXT
        )  # so that no request is for the whole zip, and its checksum
        for name in (FIRST, NAME):
            archive.writestr(name, TEXT)
            server.client.put_object(
                Bucket=bucket, Key=f"in/{name}", Body=TEXT, ChecksumAlgorithm="CRC32"
            )
    server.client.put_object(Bucket=bucket, Key="in.zip", Body=packed.getvalue())
    return f"s3://{bucket}/in"


@pytest.mark.parametrize("form", ["", ".zip"], ids=["objects", "zip"])
def test_a_damaged_body_is_read_again_and_its_name_told_if_that_does_not_help(
    blogs: str, form: str, s3: S3Options, proxy: Proxy
) -> None:
    listing = list_s3(f"{blogs}{form}", s3, 2**30, 2**30)
    part, start = ("in.zip", 200) if form else (f"in/{NAME}", 0)
    twice = cut(listing, 1, 1, proxy(flip(2, part, start)))
    assert dict(read_chunk(twice[0])) == {FIRST: TEXT, NAME: TEXT}
    always = cut(listing, 1, 1, proxy(flip(99, part, start)))
    with pytest.raises(DamagedError) as error:
        dict(read_chunk(always[0]))
    told = f"{blogs}.zip: {FIRST} came damaged, 5" if form else f"{blogs}/{NAME}: came damaged, 8"
    assert str(error.value).startswith(f"{told} times")
    assert error.value.exit_code == 27


def test_a_member_that_is_damaged_in_the_zip_itself_is_a_reject(
    server: S3Server, bucket: str, blogs: str, s3: S3Options
) -> None:
    listing = list_s3(f"{blogs}.zip", s3, 2**30, 2**30)
    body = bytearray(read_object(make_client(s3), bucket, "in.zip"))
    body[2000] ^= 1  # FIRST's
    server.client.put_object(Bucket=bucket, Key="in.zip", Body=bytes(body))
    found = dict(read_chunk(cut(listing, 1, 1, s3)[0]))
    assert found == {FIRST: Unreadable("corrupt_member"), NAME: TEXT}


def answer_first_put(status: int, code: str) -> Damage:
    """The first PUT of a lease is carried out, and its answer is a wrong one."""
    left = iter([True])

    def damage(method: str, path: str, answer: Answer) -> None:
        if method == "PUT" and ".lock" in path and next(left, False):
            if code == "ETag":
                answer.headers |= {name: '"0"' for name in answer.headers if name == code}
            else:
                answer.fail(status, code)

    return damage


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (412, "PreconditionFailed"),
        (409, "ConditionalRequestConflict"),
        (500, "InternalError"),
        (404, "NoSuchKey"),
        (200, "ETag"),
    ],
)
def test_a_wrong_answer_to_the_writing_of_a_lease_is_not_another_build(
    server: S3Server, bucket: str, proxy: Proxy, status: int, code: str
) -> None:
    client = make_client(proxy(answer_first_put(status, code)))
    pace = Pace(beat=1000, patience=0.2, look=0.05)
    with leased(client, bucket, "out/.lock", "me", pace=pace) as lease:
        lease.check()
        other = Lease(client, bucket, "out/.lock", "me", "")
        take(other, pace)  # "me" shows no sign of life
        with pytest.raises(LeaseTakenError):
            lease.check()
    assert head_object(client, bucket, "out/.lock")  # of another with the same name
    other.release()
    assert server.keys(bucket) == []


def test_an_interrupt_while_a_lease_is_taken_leaves_none(
    server: S3Server, bucket: str, s3: S3Options
) -> None:
    client = make_client(s3)

    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    client.meta.events.register("after-call.s3.PutObject", interrupt)
    with pytest.raises(KeyboardInterrupt), leased(client, bucket, "out/.lock", "me"):
        pass
    assert server.keys(bucket) == []
