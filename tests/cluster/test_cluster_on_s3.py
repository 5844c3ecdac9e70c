"""The build on a real cluster from S3 to S3: executors that read with boto3 and write with S3A."""

import json
from pathlib import Path

import pytest
from outputs import SAMPLE, SAMPLE_SHA256, end
from s3_server import ENVIRONMENT, jars, upload_folder
from standalone import HOSTS, submit
from stock_python import WORKER_PACKAGES, cannot_import, make_stock_python

JOB = Path(__file__).parents[2] / "jobs" / "build_corpus.py"
BOTO3 = ("boto3", "botocore", "jmespath", "s3transfer", "urllib3")
CORPUS = "out/corpus/cleaned_sentences.csv"

pytestmark = [
    pytest.mark.spark,
    pytest.mark.cluster,
    pytest.mark.skipif(not jars(), reason="no S3A for this Spark"),
]


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A workers' Python that has boto3 as well, and nothing of ours."""
    folder = tmp_path_factory.mktemp("stock-s3")
    return make_stock_python(folder, WORKER_PACKAGES + BOTO3)


def test_same_object_as_on_disk(cluster, server, bucket, python, tmp_path):
    assert cannot_import(python, ["boto3", "etl", "storage"]) == ["etl", "storage"]
    upload_folder(server, SAMPLE, bucket, "in/")
    found = [
        *("--input", f"s3://{bucket}/in/", "--output", f"s3://{bucket}/out"),
        *("--endpoint-url", server.url, "--path-style"),
        *("--partitions", 2 * len(HOSTS)),
    ]
    # `local:` is a path that every machine has: nothing is copied for each executor.
    there = ["--jars", ",".join(f"local:{jar}" for jar in jars())]
    for name, value in ENVIRONMENT.items():
        there += ["--conf", f"spark.executorEnv.{name}={value}"]
    arguments: list[object] = ["--master", cluster.url, *there, JOB, *found]
    printed = end(submit(arguments, tmp_path, python, ENVIRONMENT))
    assert "posts                 269 found = 261 kept + 8 rejected" in printed.splitlines()
    assert server.keys(bucket, "out/corpus/") == [CORPUS]
    assert server.uploads(bucket) == []
    manifest = json.loads(server.read(bucket, "out/manifest.json"))
    assert manifest["corpus"]["sha256"] == SAMPLE_SHA256
    assert not [key for key in server.keys(bucket, "out/") if "staging" in key]
