"""The job from S3 to S3, on Spark with Hadoop's S3A, against a real server."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import made_up
import pyarrow.parquet as pq
import pytest
from enforcing_proxy import enforcing_proxy
from s3_proxy import Answer, s3_proxy
from s3_server import ENVIRONMENT, NAME, free_port, jars, upload_folder
from stack_policies import StackPolicies

from etl.build import run
from etl.cleaning.options import Cleaning
from etl.options import BuildOptions, ChainOptions
from etl.publishing import hadoop_s3, s3_output
from etl.reading.chunks import cut
from etl.spark.corpus import write_corpus
from jobs import build_corpus
from storage.errors import (
    AwsError,
    CredentialsError,
    OutputBusyError,
    PackageMissingError,
    UsageError,
)
from storage.lease import Pace
from storage.s3_client import S3Options

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
SAMPLE_SHA256 = "09a911fe8c1457c9e3dfe9a61880488b5573e792b1e343a9d119d9fbebd65907"
CORPUS = "corpus/cleaned_sentences.csv"
GLUE_TYPES = {"int64": "bigint", "int32": "int", "date32[day]": "date", "string": "string"}
FAST = Pace(beat=0.5, patience=2, look=0.2)

needs_s3a = pytest.mark.skipif(not jars(), reason="no S3A for this Spark")


@pytest.fixture
def build(spark, bucket, s3, monkeypatch):
    """Runs a build below `s3://bucket/out`; its message."""
    monkeypatch.setattr(s3_output, "PACE", FAST)

    def call(source: object, **options: Any) -> str:
        settings: dict[str, Any] = {"output": f"s3://{bucket}/out", "s3": s3} | options
        return run(BuildOptions(str(source), **settings), lambda: spark).message

    return call


@pytest.fixture
def prefix(server, bucket):
    """The shipped sample on S3."""
    upload_folder(server, SAMPLE, bucket, "in/")
    return f"s3://{bucket}/in"


def submit(script: Path, *arguments: object) -> "subprocess.Popen[str]":
    """spark-submit, in a process group of its own."""
    command = [
        str(Path(os.environ.get("SPARK_HOME") or _spark_home()) / "bin" / "spark-submit"),
        *("--master", "local[2]", "--conf", "spark.driver.bindAddress=127.0.0.1"),
        *("--driver-class-path", os.pathsep.join(map(str, jars()))),
        str(script),
        *map(str, arguments),
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | ENVIRONMENT | {"PYSPARK_PYTHON": sys.executable},
    )


def _spark_home() -> Path:
    import pyspark

    return Path(pyspark.__file__).parent


def wait_for(job: "subprocess.Popen[str]", what: Callable[[], object]) -> None:
    """Until something is there; fails when the job ends before."""
    deadline = time.monotonic() + 180
    while not what():
        assert job.poll() is None, job.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)


@needs_s3a
@pytest.mark.spark
def test_from_s3_to_s3_as_the_stacks_role_the_bytes_are_those_of_a_local_build(
    server, bucket, build, s3
):
    upload_folder(server, SAMPLE, bucket, "input/")
    policies = StackPolicies({"BucketName": bucket})
    source, options = f"s3a://{bucket}/input", {"output": f"s3://{bucket}/corpus", "tables": True}
    with enforcing_proxy(server.url, policies, loopback="Role") as enforced:
        message = build(source, **options, s3=replace(s3, endpoint_url=enforced.url))
    verbs = {operation for who, operation in enforced.operations if who == "Role"}
    assert verbs == {f"s3:{verb}" for verb in ("GET", "HEAD", "PUT", "POST", "DELETE")}
    assert enforced.denied == []
    corpus = server.read(bucket, f"corpus/{CORPUS}")
    assert hashlib.sha256(corpus).hexdigest() == SAMPLE_SHA256
    assert f"corpus                s3://{bucket}/corpus/{CORPUS}" in message
    assert server.keys(bucket, "corpus/corpus") == [f"corpus/{CORPUS}"]
    assert server.uploads(bucket) == []
    names = [re.sub(r"part-[^/]*\.parquet", "part.parquet", key) for key in server.keys(bucket)]
    tables = {
        f"corpus/{table}/gender={gender}/age_group={group}/part.parquet"
        for table in ("posts", "sentences")
        for gender in ("female", "male")
        for group in ("10s", "20s", "30s", "40s")
    }
    found = {name for name in names if name.startswith("corpus/")}
    entries = {f"corpus/{CORPUS}", "corpus/manifest.json", "corpus/rejects/rejects.parquet"}
    assert found - tables == entries
    manifest = json.loads(server.read(bucket, "corpus/manifest.json"))
    assert manifest["corpus"]["sha256"] == SAMPLE_SHA256
    assert manifest["input"]["kind"] == "folder"
    assert ENVIRONMENT["AWS_SECRET_ACCESS_KEY"] not in json.dumps(manifest)
    rejects = pq.read_table(BytesIO(server.read(bucket, "corpus/rejects/rejects.parquet")))
    assert rejects.num_rows == 8
    for table in ("posts", "sentences"):
        keys = [key for key in server.keys(bucket, f"corpus/{table}/") if key.endswith("parquet")]
        written = pq.read_schema(BytesIO(server.read(bucket, keys[0])))
        stored = policies.properties(f"{table.title()}Table")["TableInput"]["StorageDescriptor"]
        assert stored["Location"] == f"s3://{bucket}/corpus/{table}/"
        assert [(field.name, GLUE_TYPES[str(field.type)]) for field in written] == [
            (column["Name"], column["Type"]) for column in stored["Columns"]
        ]
    sentences = [key for key in server.keys(bucket, "corpus/sentences/") if key.endswith("parquet")]
    rows = [pq.read_table(BytesIO(server.read(bucket, key))).num_rows for key in sentences]
    assert sum(rows) == manifest["corpus"]["lines"] == 1288
    again = build(source, **options)
    assert again == f"already built: s3://{bucket}/corpus/{CORPUS}, sha256 {SAMPLE_SHA256}"


@needs_s3a
@pytest.mark.spark
@pytest.mark.parametrize("odd", ["br[1]{a,b}", "%41 b#c+d*é:?", "a//b/../c"])
def test_keys_are_taken_as_they_are_spelled(server, bucket, build, blogs, odd):
    key = odd if "//" not in odd else "in"
    upload_folder(server, blogs, bucket, f"{key}/")
    upload_folder(server, SAMPLE, bucket, "br1a/")  # what a glob would take
    build(f"s3://{bucket}/{key}", output=f"s3://{bucket}/{odd}-out//", tables=True)
    output = "a/c-out" if "//" in odd else f"{odd}-out"
    assert server.read(bucket, f"{output}/{CORPUS}") == made_up.CORPUS
    tables = [one for one in server.keys(bucket, f"{output}/posts/") if one.endswith("parquet")]
    rows = [pq.read_table(BytesIO(server.read(bucket, one))).num_rows for one in tables]
    assert sum(rows) == 4
    assert {one.split("/")[0] for one in server.keys(bucket)} == {
        *("br1a", key, output.split("/")[0])
    }


@pytest.mark.parametrize(
    ("source", "output", "said"),
    [
        ("s3://{}/in", "s3a://{}/in/out", "the output {1} lies in the input {0}"),
        ("s3a://{}/in/", "s3://{}//in/x/..//out/", "the output {1} lies in the input {0}"),
        ("s3://{}/in", "s3n://{}/in//", "the output {1} lies in the input {0}"),
        ("s3://{}", "s3://{}/out", "the output {1} lies in the input {0}"),
        ("s3://{}/old/*", "s3a://{}//old/", "the input {0} takes in the output {1}"),
        ("s3n://{}/old/corpus", "s3://{}/old/./", "the input {0} takes in the output {1}"),
        ("s3://{}/old/corpus/1.zip", "s3a://{}/x/../old", "the input {0} takes in the output {1}"),
    ],
)
def test_an_output_is_no_part_of_the_input(server, bucket, s3, blogs_zip, source, output, said):
    for name in ("in/1.xml", "old/corpus/1.csv"):
        server.client.put_object(Bucket=bucket, Key=name, Body=b"x")
    server.client.upload_file(str(blogs_zip), bucket, "old/corpus/1.zip")
    source, output = source.format(bucket), output.format(bucket)
    with pytest.raises(UsageError) as error:
        run(BuildOptions(source, output, s3=s3), pytest.fail)
    assert str(error.value) == said.format(source, output)


@needs_s3a
@pytest.mark.spark
@pytest.mark.parametrize("kind", ["exact", "near"])
def test_duplicates_are_found_among_objects_too(kind, server, bucket, build, blogs):
    copied = min(blogs.iterdir())
    _, about = copied.name.split(".", 1)
    (blogs / f"9999999.{about}").write_bytes(copied.read_bytes())
    upload_folder(server, blogs, bucket, "in/")
    chain = ChainOptions(cleaning=Cleaning(dedup=kind))
    build(blogs, output=f"{blogs.parent}/here", chain=chain)
    build(f"s3://{bucket}/in/", chain=chain)
    here = (blogs.parent / "here" / CORPUS).read_bytes()
    assert server.read(bucket, f"out/{CORPUS}") == here
    manifest = json.loads(server.read(bucket, "out/manifest.json"))
    local = json.loads((blogs.parent / "here" / "manifest.json").read_text())
    assert manifest["ledger"] == local["ledger"]
    assert manifest["ledger"]["posts"]["rejected"]["duplicate"] > 0
    rejects = pq.read_table(BytesIO(server.read(bucket, "out/rejects/rejects.parquet"))).to_pylist()
    twins = {row["twin_blogger_id"] for row in rejects if row["blogger_id"] == 9999999}
    assert int(copied.name.partition(".")[0]) in twins


@needs_s3a
@pytest.mark.spark
def test_from_a_zip_on_s3_and_what_is_replaced(server, bucket, build, blogs_zip):
    server.client.upload_file(str(blogs_zip), bucket, "blogs.zip")
    build(f"s3://{bucket}/blogs.zip", partitions=3)
    assert server.read(bucket, f"out/{CORPUS}") == made_up.CORPUS
    build(f"s3://{bucket}/blogs.zip", overwrite=True, keep_rejected_text=True)
    assert server.read(bucket, f"out/{CORPUS}") == made_up.CORPUS
    assert server.uploads(bucket) == []


@needs_s3a
@pytest.mark.spark
def test_spark_commits_by_the_magic_committer_and_renames_nothing(
    server, bucket, build, blogs, monkeypatch
):
    real, seen = write_corpus, []

    def watch(*arguments: Any, **options: Any) -> None:
        real(*arguments, **options)
        (mark,) = [key for key in server.keys(bucket, "out/.staging-") if key.endswith("_SUCCESS")]
        seen.append(json.loads(server.read(bucket, mark)))

    monkeypatch.setattr("etl.build.write_corpus", watch)
    build(blogs)
    assert [one["committer"] for one in seen] == ["magic"]
    assert server.read(bucket, f"out/{CORPUS}") == made_up.CORPUS


@needs_s3a
@pytest.mark.spark
def test_a_job_killed_while_it_stages_leaves_the_old_corpus_and_is_tidied_up(
    server, bucket, build, s3, blogs, tmp_path, monkeypatch
):
    build(blogs)
    before = server.read(bucket, "out/manifest.json")
    slow = tmp_path / "slow.py"
    slow.write_text(
        f"import sys, time; sys.path[:0] = [{str(ROOT)!r}]\n"
        "from pathlib import Path\n"
        "import etl.build as build\n"
        "real = build.write_corpus\n"
        "def wait(*arguments, **options):\n"
        "    real(*arguments, **options)\n"
        f"    Path({str(tmp_path / 'written')!r}).touch()\n"
        "    time.sleep(60)\n"
        "build.write_corpus = wait\n"
        "from jobs.build_corpus import main\n"
        "sys.exit(main())\n"
    )
    output = f"s3://{bucket}/out"
    arguments = ("--endpoint-url", s3.endpoint_url, "--path-style", "--overwrite")
    job = submit(slow, "--input", SAMPLE, "--output", output, *arguments)
    try:
        wait_for(job, (tmp_path / "written").exists)
        assert server.keys(bucket, "out/.staging-")
        monkeypatch.setattr(s3_output, "PACE", replace(FAST, patience=30))
        with pytest.raises(OutputBusyError, match="another build is writing to s3://"):
            build(blogs, overwrite=True, keep_rejected_text=True)
        monkeypatch.setattr(s3_output, "PACE", FAST)
    finally:
        os.killpg(job.pid, signal.SIGKILL)
        job.communicate(timeout=60)
    assert server.read(bucket, f"out/{CORPUS}") == made_up.CORPUS
    assert server.read(bucket, "out/manifest.json") == before
    assert build(blogs).startswith("already built")
    assert not server.keys(bucket, "out/.staging-")
    assert server.uploads(bucket) == []


@needs_s3a
@pytest.mark.spark
@pytest.mark.parametrize(
    ("method", "part", "code"), [("GET", ".pendingset", 27), ("PUT", "part-0", 21)]
)
def test_a_wrong_answer_to_spark_has_a_code_and_publishes_nothing(
    server, bucket, build, blogs, method, part, code
):
    def damage(asked: str, path: str, answer: Answer) -> None:
        if asked == method and part in path.partition("?")[0]:  # no listing
            answer.body = b"?" + answer.body[1:]
            if method == "PUT":
                answer.fail(403, "AccessDenied")

    said = "^Spark could not write to S3, and nothing was published: "
    with s3_proxy(server, damage) as url, pytest.raises(AwsError, match=said) as error:
        build(blogs, s3=S3Options(url, path_style=True))
    assert error.value.exit_code == code
    assert (server.keys(bucket), server.uploads(bucket)) == ([], [])


@pytest.mark.spark
@pytest.mark.parametrize(
    ("file_system", "own", "classes", "uri", "committer"),
    [
        ("", False, "all", "s3a://b/k", "magic"),
        ("com.amazon.ws.emr.hadoop.fs.EmrFileSystem", True, "all", "s3://b/k", None),
        (hadoop_s3.S3A, True, "all", "s3://b/k", None),
        (hadoop_s3.S3A, False, "all", "s3://b/k", "magic"),
        (hadoop_s3.S3A, False, "", "s3://b/k", "1"),
    ],
)
def test_the_committer_is_that_of_the_file_system(
    spark, monkeypatch, file_system, own, classes, uri, committer
):
    """As none, EMRFS, EMR's S3A, and SageMaker's with the committer's classes and without."""
    monkeypatch.setattr(hadoop_s3, "_file_system", lambda _: file_system)
    monkeypatch.setattr(hadoop_s3, "_has_class", lambda *_: bool(classes))
    monkeypatch.setattr(hadoop_s3, "KNOWN_PROTOCOLS", () if own else hadoop_s3.KNOWN_PROTOCOLS)
    made = hadoop_s3.destination(spark, "b", "k", S3Options(sse="AES256"), "eu-west-1")
    keys = ("fs.s3a.committer.name", "mapreduce.fileoutputcommitter.algorithm.version")
    assert next((made.options[key] for key in keys if key in made.options), None) == committer
    assert (made.uri, made.settings) == (
        uri,
        hadoop_s3.COMMIT_SETTINGS if committer == "magic" else {},
    )
    encrypted = "fs.s3.enableServerSideEncryption" in made.options
    assert encrypted == (file_system.startswith("com.amazon"))


@needs_s3a
@pytest.mark.spark
@pytest.mark.parametrize("classes", [True, False], ids=["magic", "renames"])
def test_where_s3_is_s3a_a_build_writes_by_that_scheme(
    spark, server, bucket, build, blogs, monkeypatch, classes
):
    """As on SageMaker's image, with the committer's classes and without."""
    if not classes and spark.version < "4":
        pytest.skip("Hadoop 3.3.4 waits for ever for a server on a file system to rename")
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    has_class = hadoop_s3._has_class
    monkeypatch.setattr(
        hadoop_s3,
        "_has_class",
        lambda session, name: classes and has_class(session, name),
    )
    configuration.set("fs.s3.impl", hadoop_s3.S3A)
    major = int(spark.version[0])
    configuration.set(hadoop_s3.PROVIDER_KEY, hadoop_s3.PROVIDERS[major])
    try:
        assert hadoop_s3._file_system(spark) == hadoop_s3.S3A
        message = build(blogs)
    finally:
        configuration.unset("fs.s3.impl")
        configuration.unset(hadoop_s3.PROVIDER_KEY)
    assert hadoop_s3._file_system(spark) == ""
    corpus = server.read(bucket, f"out/{CORPUS}")
    assert hashlib.sha256(corpus).hexdigest() in message
    assert [key for key in server.keys(bucket, "out") if ".staging" in key] == []


@pytest.mark.spark
def test_without_s3a_one_line_says_what_to_add(spark, build, blogs, monkeypatch):
    monkeypatch.setattr("etl.publishing.hadoop_s3._has_class", lambda *_: False)
    with pytest.raises(PackageMissingError) as error:
        build(blogs)
    assert error.value.exit_code == 26
    assert "--packages org.apache.hadoop:hadoop-aws:3." in str(error.value)


@pytest.mark.spark
def test_a_task_that_may_not_read_says_so(spark, server, build, prefix, monkeypatch, tmp_path):
    """The keys stop being valid after the listing, which is what tasks see."""

    def expire(*arguments: Any) -> Any:
        chunks = cut(*arguments)
        # Tasks inherit the JVM's environment, not ours: a client of their own says what S3 says.
        bad = S3Options(f"http://127.0.0.1:{free_port()}", path_style=True)
        return [chunk._replace(s3=bad) for chunk in chunks]

    monkeypatch.setattr("etl.build.cut", expire)
    with pytest.raises(Exception, match="endpoint not reachable") as error:
        build(prefix, output=str(tmp_path / "out"))
    assert getattr(error.value, "exit_code", None) == 23
    assert str(error.value).startswith(f"{prefix}/")


def test_errors_before_spark_starts(server, bucket, s3, blogs, capsys, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    def main(source: object, output: str, *more: str) -> tuple[int, str]:
        options = ["--endpoint-url", s3.endpoint_url or "", "--path-style", *more]
        code = build_corpus.main(["--input", str(source), "--output", output, *options])
        text = capsys.readouterr().err
        assert text.startswith("build_corpus: error: ")
        assert text.count("\n") == 1
        return code, text.removeprefix("build_corpus: error: ")

    code, text = main(blogs, "s3://no-such-bucket/out")
    assert code == 22
    assert text.startswith("s3://no-such-bucket/out/.lock: no such bucket, or not in this region")
    code, text = main("s3://no-such-bucket/in", f"s3://{bucket}/out")
    assert (code, "ListObjectsV2: NoSuchBucket" in text or "HeadObject" in text) == (22, True)
    code, text = main(f"s3://{bucket}/in", f"s3://{bucket}/out")
    assert (code, text) == (3, f"no object below s3://{bucket}/in\n")
    down = f"http://127.0.0.1:{free_port()}"
    code, text = main(blogs, f"s3://{bucket}/out", "--endpoint-url", down)
    assert code == 23
    assert "endpoint not reachable" in text
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    if NAME != "moto":  # which takes any
        assert main(blogs, f"s3://{bucket}/out")[0] == 20
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    code, text = main(blogs, f"s3://{bucket}/out")
    assert (code, "no valid AWS credentials" in text) == (CredentialsError.exit_code, True)
    assert not server.keys(bucket, "out/")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--endpoint-url", "localhost:9000"], "is not a URL such as https://host:port"),
        (["--tag", "novalue"], "novalue is not KEY=VALUE"),
        (["--tag", "a=1", "--tag", "a=2"], "--tag: at most 10, each key once"),
        (["--kms-key-id", "k"], "a KMS key goes with sse aws:kms only"),
        (["--sse", "DES"], "invalid choice: 'DES'"),
        (["--output", "hdfs://h/out"], "hdfs://h/out is neither a local folder nor on S3"),
    ],
)
def test_wrong_options(arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        build_corpus.main(["--input", "a", "--output", "b", *arguments])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_options_reach_the_client():
    parsed = build_corpus.parse(
        [
            *("--input", "s3://b/in", "--output", "s3a://b/out", "--endpoint-url", "https://h:9"),
            *("--path-style", "--requester-pays", "--sse", "aws:kms", "--kms-key-id", "k"),
            *("--tag", "team=nlp", "--tag", "cost=", "--storage-class", "STANDARD_IA"),
        ]
    )
    assert parsed.s3 == S3Options(
        endpoint_url="https://h:9",
        path_style=True,
        requester_pays=True,
        sse="aws:kms",
        kms_key_id="k",
        tags=(("team", "nlp"), ("cost", "")),
        storage_class="STANDARD_IA",
    )
    assert "s3" not in parsed.outcome()
