"""A run's record on S3: what goes along, again, and over another."""

import json
from typing import Any

import boto3
import pytest
from made_up_runs import make_record
from moto import mock_aws
from moto_account import isolate, refuse

from embeddings.runs.run_record import write_run
from jobs import compare_models, register_run
from storage.errors import EXIT_CODES


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    write_run(make_record("first", 0.5), folder)
    (folder / "model.tar.gz").write_bytes(b"vectors")
    (folder / "subwords.bin").write_bytes(b"vectors")
    (folder / ".lock").touch()
    (folder / "map.html").write_bytes(b"x" * (2**20 + 1))
    (folder / "notes.txt").write_text("mine")
    return folder


@pytest.fixture
def register(server, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    return lambda *arguments: register_run.main([*map(str, arguments)])


def test_record_and_small_files_go_and_vectors_stay(register, server, bucket, run, capsys):
    assert register(run, f"s3://{bucket}/runs/first/") == 0
    assert capsys.readouterr().out == f"s3://{bucket}/runs/first/run.json\n"
    assert server.keys(bucket) == ["runs/first/notes.txt", "runs/first/run.json"]
    assert server.read(bucket, "runs/first/run.json") == (run / "run.json").read_bytes()
    assert compare_models.main([f"s3://{bucket}/runs/"]) == 0
    assert "first" in capsys.readouterr().out


def test_the_same_again_is_no_error_and_another_run_is(register, server, bucket, run, capsys):
    place = f"s3://{bucket}/runs/first"
    assert [register(run, place), register(run, place)] == [0, 0]
    write_run(make_record("second", 0.6), run)
    capsys.readouterr()
    assert register(run, place) == 7
    assert capsys.readouterr().err == (
        f"register_run: error: {place}/run.json is another run: use --overwrite to replace it\n"
    )
    assert json.loads(server.read(bucket, "runs/first/run.json"))["name"] == "first"
    assert register(run, place, "--overwrite") == 0
    assert json.loads(server.read(bucket, "runs/first/run.json"))["name"] == "second"


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [(None, 3, "can't read "), ("{}", 18, "run.json is no run.json of blazing-corpus")],
)
def test_what_is_no_run_is_one_line(
    register, server, bucket, tmp_path, capsys, content, code, line
):
    folder = tmp_path / "none"
    folder.mkdir()
    if content:
        (folder / "run.json").write_text(content)
    assert register(folder, f"s3://{bucket}/runs/x/") == code
    err = capsys.readouterr().err
    assert line in err and err.count("\n") == 1
    assert code in EXIT_CODES
    assert server.keys(bucket) == []


@pytest.mark.parametrize("place", ["/tmp/runs", "s3://bucket", "s3://bucket/"])
def test_a_place_that_is_no_prefix_is_refused(register, run, place):
    with pytest.raises(SystemExit) as caught:
        register(run, place)
    assert caught.value.code == 2


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """A run that SageMaker trained, in an account of moto's."""
    isolate(monkeypatch, tmp_path, "us-east-1")
    details = {"model_uri": "s3://bkt/models/j/output/model.tar.gz", "image": "1.x/blazingtext:1"}
    folder = tmp_path / "trained"
    folder.mkdir()
    write_run(make_record("j", 0.5, backend="sagemaker", details=details), folder)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="bkt")
        yield folder


def test_a_model_becomes_the_newest_version_of_its_group(trained, monkeypatch, capsys):
    arguments = [str(trained), "s3://bkt/runs/j/", "--model-group", "blazing-corpus-vectors"]
    assert register_run.main(arguments) == 0
    exists = ("ValidationException", "Model Package Group already exists: arn:aws:…")  # as AWS says
    refuse(monkeypatch, "CreateModelPackageGroup", exists)
    assert register_run.main(arguments) == 0
    sagemaker: Any = boto3.client("sagemaker")
    group = {"ModelPackageGroupName": "blazing-corpus-vectors"}
    versions = sagemaker.list_model_packages(**group)["ModelPackageSummaryList"]
    printed = capsys.readouterr().out.splitlines()
    assert sorted(version["ModelPackageArn"] for version in versions) == sorted(printed[1::2])
    assert printed[::2] == ["s3://bkt/runs/j/run.json"] * 2
    made = sagemaker.describe_model_package(ModelPackageName=printed[1])
    [container] = made["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == "s3://bkt/models/j/output/model.tar.gz"
    known = made["CustomerMetadataProperties"]
    assert (known["corpus.sha256"], known["mean_rho"]) == ("aa" * 32, "0.5")


@pytest.mark.parametrize(
    ("group", "run_folder", "words"),
    [
        ("vectors", "trained", "group is 'vectors', not blazing-corpus-, letters, digits"),
        ("blazing-corpus-vectors", "run", "first was not trained on SageMaker: it has no model"),
    ],
)
def test_what_the_registry_would_not_take(trained, run, group, run_folder, words, capsys):
    folder = trained if run_folder == "trained" else run
    assert register_run.main([str(folder), "s3://bkt/runs/x/", "--model-group", group]) == 2
    assert words in capsys.readouterr().err
    assert (
        boto3.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    )
