"""Publishing on S3: whole outputs only, whatever is killed when; a real server, no Spark."""

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from s3_server import NAME, S3Server

from etl.publishing import s3_output
from etl.publishing.output import MARKER, STAGING, run_name
from etl.publishing.s3_output import S3Output
from etl.publishing.s3_place import S3Place
from schemas.output import ENTRIES
from schemas.output import FILES as SINGLE
from storage.errors import ChangedError, OutputBusyError, OutputExistsError
from storage.lease import LeaseTakenError, Pace
from storage.s3_client import S3Options

needs_a_real_server = pytest.mark.skipif(
    NAME == "moto", reason="moto compares no checksum, and fails over an upload that is gone"
)

FILES = {
    "posts": "posts/gender=male/part-{text}.parquet",
    "sentences": "sentences/gender=male/part-{text}.parquet",
    "rejects": "rejects/rejects.parquet",
    "report": "report/index.html",
    "refused": "refused/report/index.html",
    "CORPUS_CARD.md": "CORPUS_CARD.md",
    "manifest.json": "manifest.json",
    "corpus": "corpus/cleaned_sentences.csv",
}

pytestmark = pytest.mark.usefixtures("fast")


@contextmanager
def filled(output: S3Output, text: str, entries: tuple[str, ...] = ENTRIES) -> Iterator[S3Place]:
    """A staging area with all that a build makes, but not published."""
    put, bucket = output.prefix.client.put_object, output.prefix.bucket
    with output.staging() as place:
        # Two chunks: the order is that of their numbers, not of their names.
        for chunk, line in ((10, "last"), (9, text)):
            key = f"{place.folder}scratch/raw/kind=lines/chunk={chunk}/part-0.txt"
            put(Bucket=bucket, Key=key, Body=f"{line}\n".encode())
        put(Bucket=bucket, Key=f"{place.folder}scratch/raw/_SUCCESS", Body=b"")
        for name in ("posts", "sentences"):
            if name in entries:
                key = f"{place.folder}final/{FILES[name].format(text=text)}"
                put(Bucket=bucket, Key=key, Body=text.encode())
                put(Bucket=bucket, Key=f"{place.folder}final/{name}/_SUCCESS", Body=b"")
        for name in ("rejects", "report", "refused", "CORPUS_CARD.md", "manifest.json"):
            if name not in entries:
                continue
            (place.final / FILES[name]).parent.mkdir(parents=True, exist_ok=True)
            (place.final / FILES[name]).write_text(text)
        place.join(None)  # type: ignore[arg-type]
        yield place


def build(output: S3Output, text: str, stale: tuple[str, ...] = ()) -> None:
    entries = tuple(name for name in ENTRIES if name not in stale)
    with output.held(), filled(output, text, entries) as place:
        place.publish(list(stale))


def whole(text: str, *without: str) -> dict[str, str]:
    """What an output holds: key below its prefix → text."""
    found = {path.format(text=text): text for name, path in FILES.items() if name not in without}
    return found | {FILES["corpus"]: f"{text}\nlast\n"}


def read(server: S3Server, bucket: str, prefix: str = "out/") -> dict[str, str]:
    keys = server.keys(bucket, prefix)
    return {key[len(prefix) :]: server.read(bucket, key).decode() for key in keys}


@pytest.fixture
def output(bucket: str, s3: S3Options) -> S3Output:
    return S3Output(f"s3a://{bucket}/out/", s3)


def test_a_build_is_published_and_replaced(server: S3Server, bucket: str, output: S3Output) -> None:
    build(output, "one")
    assert read(server, bucket) == whole("one")
    build(output, "two")
    assert read(server, bucket) == whole("two")
    assert server.uploads(bucket) == []


def test_what_the_new_build_does_not_make_goes_and_what_is_not_ours_stays(
    server: S3Server, bucket: str, output: S3Output
) -> None:
    build(output, "one")
    server.client.put_object(Bucket=bucket, Key="out/notes.txt", Body=b"mine")
    server.client.put_object(Bucket=bucket, Key="outside/posts/a", Body=b"mine")
    build(output, "two", stale=("posts", "sentences"))
    assert read(server, bucket) == whole("two", "posts", "sentences") | {"notes.txt": "mine"}
    assert server.keys(bucket, "outside/") == ["outside/posts/a"]


def test_a_whole_bucket_may_be_the_output(server: S3Server, bucket: str, s3: S3Options) -> None:
    build(S3Output(f"s3://{bucket}", s3), "one")
    assert read(server, bucket, "") == whole("one")


def test_the_object_says_what_it_is(server: S3Server, bucket: str, s3: S3Options) -> None:
    tagged = S3Options(s3.endpoint_url, path_style=True, tags=(("team", "nlp and co"),))
    output = S3Output(f"s3://{bucket}/out", tagged)
    build(output, "one")
    head = server.client.head_object(Bucket=bucket, Key="out/corpus/cleaned_sentences.csv")
    sha256 = hashlib.sha256(b"one\nlast\n").hexdigest()
    assert head["Metadata"]["sha256"] == sha256
    assert head["ContentType"] == "text/plain; charset=utf-8"
    for name in ("corpus", "rejects"):
        tags = server.client.get_object_tagging(Bucket=bucket, Key=f"out/{FILES[name]}")
        assert tags["TagSet"] == [{"Key": "team", "Value": "nlp and co"}]
    assert output.has_corpus({"bytes": 9, "sha256": sha256})
    assert not output.has_corpus({"bytes": 9, "sha256": "0"})
    assert not output.has_corpus({"bytes": 8, "sha256": sha256})


def test_a_build_that_fails_leaves_everything_as_it_was(
    server: S3Server, bucket: str, output: S3Output
) -> None:
    build(output, "one")
    with pytest.raises(ZeroDivisionError), output.held(), filled(output, "two"):
        raise ZeroDivisionError
    assert read(server, bucket) == whole("one")
    assert server.uploads(bucket) == []


def was_killed(steps: int, bucket: str, s3: S3Options) -> bool:
    """In a process of its own: builds "two", and is killed before the request of that number."""
    child = os.fork()
    if child == 0:
        try:
            # Without a thread of its own the lease asks for nothing that would be counted.
            setattr(s3_output, "PACE", Pace(beat=1000, patience=1, look=0.1))  # noqa: B010
            output = S3Output(f"s3://{bucket}/out", s3)
            left = iter(range(steps))

            def count(**_: Any) -> None:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            entries = tuple(name for name in ENTRIES if name not in ("posts", "sentences"))
            with output.held(), filled(output, "two", entries) as place:
                output.prefix.client.meta.events.register("before-send.s3", count)
                place.publish(["posts", "sentences"])
                output.prefix.client.meta.events.unregister("before-send.s3", count)
            os._exit(0)
        except BaseException:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_killed_at_any_request_it_is_the_old_output_or_becomes_the_new(
    server: S3Server, s3: S3Options
) -> None:
    old, new = whole("one"), whole("two", "posts", "sentences")
    outcomes = []
    for steps in range(200):
        bucket = server.bucket(f"killed-{os.getpid()}-{steps}")
        output = S3Output(f"s3://{bucket}/out", s3)
        build(output, "one")
        killed = was_killed(steps, bucket, s3)
        had_begun = any(key.endswith(f"/{MARKER}") for key in server.keys(bucket, "out/.staging-"))
        with output.held():  # what the next run does first
            pass
        is_new = read(server, bucket) == new
        assert read(server, bucket) == (new if had_begun or is_new else old)
        assert server.uploads(bucket) == []
        outcomes.append(is_new)
        if not killed:
            break
    assert not killed
    assert outcomes == sorted(outcomes)
    assert outcomes.count(True) > 5
    assert outcomes.count(False) > 3


def test_a_build_killed_while_it_stages_or_joins_is_removed(
    server: S3Server, bucket: str, output: S3Output, s3: S3Options
) -> None:
    build(output, "one")
    child = os.fork()
    if child == 0:
        other = S3Output(f"s3://{bucket}/out", s3)
        with other.held(), filled(other, "two"):  # joined, so there is an upload
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    # As Hadoop's magic committer leaves it: an upload below the staging prefix.
    (staging,) = {key.split("/")[1] for key in server.keys(bucket, "out/.staging-")}
    server.client.create_multipart_upload(Bucket=bucket, Key=f"out/{staging}/scratch/part-1")
    assert len(server.uploads(bucket)) == 2
    build(output, "three")
    assert read(server, bucket) == whole("three")
    assert server.uploads(bucket) == []


def test_a_second_build_is_told_who_holds_the_output(bucket: str, output: S3Output) -> None:
    with output.held(), pytest.raises(OutputBusyError) as error, output.held():
        pass
    expected = f"another build is writing to s3://{bucket}/out: process {os.getpid()} on "
    assert str(error.value).startswith(expected)


def test_a_build_whose_lease_was_taken_over_publishes_nothing(
    server: S3Server, bucket: str, output: S3Output
) -> None:
    build(output, "one")
    busy = pytest.raises(OutputBusyError, match="was taken over by another process")
    with busy, output.held(), filled(output, "two") as place:
        server.client.put_object(Bucket=bucket, Key="out/.lock", Body=b'{"holder": "you"}')
        place.publish([])
    server.client.delete_object(Bucket=bucket, Key="out/.lock")
    with output.held():
        pass
    assert read(server, bucket) == whole("one")
    assert server.uploads(bucket) == []


@needs_a_real_server
def test_parts_that_are_damaged_on_the_way_do_not_replace_the_corpus(
    server: S3Server, bucket: str, output: S3Output
) -> None:
    build(output, "one")
    changed = pytest.raises(ChangedError, match=r"cleaned_sentences\.csv: is not what it was")
    with changed, output.held(), filled(output, "two") as place:
        assert place.upload is not None
        place.upload = place.upload[0], place.upload[1] ^ 1
        place.publish([])
    assert server.read(bucket, f"out/{FILES['corpus']}") == b"one\nlast\n"
    assert not server.keys(bucket, "out/.staging-")
    assert server.uploads(bucket) == []
    build(output, "three")
    assert read(server, bucket) == whole("three")


@needs_a_real_server
def test_an_upload_that_somebody_aborted_does_not_stop_the_next_build(
    server: S3Server, bucket: str, output: S3Output, s3: S3Options
) -> None:
    build(output, "one")
    child = os.fork()
    if child == 0:
        other = S3Output(f"s3://{bucket}/out", s3)
        with other.held(), filled(other, "two") as place:
            place._put_marker(place._plan([]))
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    uploads = server.client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    server.client.abort_multipart_upload(
        Bucket=bucket, Key=uploads[0]["Key"], UploadId=uploads[0]["UploadId"]
    )
    build(output, "three")
    assert read(server, bucket) == whole("three")


def test_what_may_not_be_replaced(server: S3Server, bucket: str, output: S3Output) -> None:
    build(output, "one", stale=("posts", "sentences"))
    made = ["rejects", "manifest.json", "corpus"]
    with pytest.raises(OutputExistsError) as error:
        output.check_replaceable(made, made, overwrite=False)
    assert str(error.value) == (
        f"s3://{bucket}/out holds rejects and manifest.json and corpus already: "
        "use --overwrite to replace an output"
    )
    output.check_replaceable(made, made, overwrite=True)
    server.client.put_object(Bucket=bucket, Key="out/posts/mine", Body=b"")
    with pytest.raises(OutputExistsError, match="out/posts was not made by a build"):
        output.check_replaceable([*made, "posts"], made, overwrite=True)
    server.client.put_object(Bucket=bucket, Key="out/rejects/mine.csv", Body=b"")
    with pytest.raises(OutputExistsError, match=r"out/rejects/mine\.csv was not made by a build"):
        output.check_replaceable(made, made, overwrite=True)
    server.client.delete_object(Bucket=bucket, Key="out/rejects/mine.csv")
    server.client.put_object(Bucket=bucket, Key="out/corpus/_SUCCESS", Body=b"")
    with pytest.raises(OutputExistsError) as error:
        output.check_replaceable(made, made, overwrite=True)
    expected = f"s3://{bucket}/out/corpus/_SUCCESS was not made by a build: move it away"
    assert str(error.value) == expected


def test_an_object_that_only_stands_for_an_empty_folder_is_nothing_and_stays(
    server: S3Server, bucket: str, output: S3Output
) -> None:
    markers = ["out/", *(f"out/{name}/" for name in ENTRIES if name not in SINGLE)]
    for key in markers:
        server.client.put_object(Bucket=bucket, Key=key, Body=b"")
    assert not [name for name in ENTRIES if output.has(name)]
    output.check_replaceable(list(ENTRIES), [], overwrite=False)
    build(output, "one")
    output.check_replaceable(list(ENTRIES), list(ENTRIES), overwrite=True)
    build(output, "two", stale=("posts",))
    assert sorted(server.keys(bucket)) == sorted(
        [*markers, *(f"out/{path}" for path in whole("two", "posts"))]
    )
    assert not output.has("posts")


def test_uploads_of_others_beside_ours_go_on(
    server: S3Server, bucket: str, output: S3Output
) -> None:
    names = (f"{FILES['corpus']}.bak", f"{STAGING}old/a", f"{STAGING}a", "manifest.json", "posts/a")
    for name in names:
        server.client.create_multipart_upload(Bucket=bucket, Key=f"out/{name}")
    for name in (FILES["corpus"], f"{STAGING}{run_name('1')}/scratch/part-0"):  # of dead builds
        server.client.create_multipart_upload(Bucket=bucket, Key=f"out/{name}")
    build(output, "one")
    build(output, "two", stale=("posts", "CORPUS_CARD.md"))
    assert sorted(server.uploads(bucket)) == sorted(f"out/{name}" for name in names)


def test_a_plan_of_older_code_removes_nothing_that_no_build_makes(
    server: S3Server, bucket: str, output: S3Output, s3: S3Options
) -> None:
    build(output, "one")
    for key in ("out/manifest.json.bak", "out/posts/mine.csv"):
        server.client.put_object(Bucket=bucket, Key=key, Body=b"mine")
    child = os.fork()
    if child == 0:
        other = S3Output(f"s3://{bucket}/out", s3)
        with other.held(), filled(other, "two") as place:
            place._send_local_files()
            plan = place._plan([])
            plan.stale.extend(["out/manifest.json.bak", "out/posts/mine.csv"])
            place._put_marker(plan)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with output.held():
        pass
    mine = {"manifest.json.bak": "mine", "posts/mine.csv": "mine"}
    assert read(server, bucket) == whole("two") | mine


def test_a_plan_survives_its_marker(output: S3Output) -> None:
    from etl.publishing.s3_publish import Plan

    with output.held(), filled(output, "one") as place:
        plan = place._plan([])
        assert Plan.from_json(plan.to_json().encode()) == plan
        json.loads(plan.to_json())
    with pytest.raises(LeaseTakenError):
        raise LeaseTakenError
