"""Runs of SageMaker in the table of runs: found by tag, input and name, on all pages."""

import csv
from datetime import UTC, datetime
from typing import Any

import boto3
import made_up_runs
import pytest
from botocore.stub import Stubber
from stand_in import Behaviour
from training_command import start

from blazingtext.jobs.job_search import INPUT_URI, search_request
from jobs import compare_models

CORPUS = "s3://bucket/corpus/lines.txt"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def compare(*arguments: object) -> int:
    return compare_models.main(["--source", "sagemaker", *map(str, arguments)])


def make_job(name: str, rho: float | None = 0.5, **changes: Any) -> dict[str, Any]:
    """One result of `search`, of the shape that SageMaker gives."""
    chosen = {"mode": "cbow", "learning_rate": "0.0116", "evaluation": "True", "window_size": "28"}
    objective = {"MetricName": "train:mean_rho", "Value": rho, "Timestamp": START}
    return {
        "TrainingJobName": name,
        "TrainingJobArn": f"arn:aws:sagemaker:eu-west-1:123456789012:training-job/{name}",
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "HyperParameters": chosen | {"_tuning_objective_metric": "train:mean_rho"},
        "AlgorithmSpecification": {"TrainingImage": "x/blazingtext:1", "TrainingInputMode": "File"},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": CORPUS}},
            }
        ],
        "ResourceConfig": {
            "InstanceType": "ml.c5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 11,
        },
        "CreationTime": START,
        "TrainingEndTime": START.replace(minute=34),
        "FinalMetricDataList": [] if rho is None else [objective],
        "TrainingTimeInSeconds": 1700,
        "BillableTimeInSeconds": 1600,
    } | changes


@pytest.fixture
def answers(aws, monkeypatch):
    """Queues answers of `search`, page by page; botocore checks them and what is asked."""
    client: Any = boto3.client("sagemaker")
    stubber = Stubber(client)
    monkeypatch.setattr("blazingtext.jobs.job_search.make_service_client", lambda _: client)

    def queue(request: dict[str, Any], *pages: list[dict[str, Any]]) -> None:
        for number, page in enumerate(pages):
            token = {"NextToken": f"page-{number + 1}"} if number + 1 < len(pages) else {}
            results = [{"TrainingJob": job} for job in page]
            given = {"NextToken": f"page-{number}"} if number else {}
            expected = request | {"MaxResults": 100} | given
            stubber.add_response("search", {"Results": results} | token, expected)
        stubber.activate()

    return queue


def test_what_is_asked():
    sorting = {"Resource": "TrainingJob", "SortBy": "CreationTime", "SortOrder": "Descending"}
    assert search_request() == sorting
    tag = {"Name": "Tags.user:application", "Operator": "Equals", "Value": "BlazingText"}
    name = {"Name": "TrainingJobName", "Operator": "Contains", "Value": "blogs"}
    corpus = {"Name": INPUT_URI, "Operator": "Equals", "Value": CORPUS}
    nested = {"NestedPropertyName": "InputDataConfig", "Filters": [corpus]}
    assert search_request([("user:application", "BlazingText")], CORPUS, "blogs") == {
        **sorting,
        "SearchExpression": {"Filters": [tag, name], "NestedFilters": [nested]},
    }


def test_contains_is_asked_once_only_which_is_all_that_sagemaker_takes():
    request = search_request((), "s3://bucket/corpora/", "blogs")
    assert str(request).count("Contains") == 1
    [nested] = request["SearchExpression"]["NestedFilters"]
    assert nested["Filters"][0]["Value"] == "s3://bucket/corpora/"
    assert "Filters" not in request["SearchExpression"]


def test_all_pages_in_one_table(answers, tmp_path, capsys):
    failed = {"TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: x"}
    answers(
        search_request([("a", "b")], CORPUS),
        [make_job("one", 0.5), make_job("two", 0.7449)],
        [make_job("three", None, **failed), make_job("xgb", HyperParameters={"eta": "1"})],
    )
    table = tmp_path / "runs.csv"
    assert compare("--tag", "a=b", "--input", CORPUS, "--csv", table) == 0
    printed = capsys.readouterr()
    lines = [line.split() for line in printed.out.splitlines()]
    assert lines[0][:3] == ["run", "corpus", "mean_rho"] and lines[0][-1] == "status"
    assert [(line[0], line[2], line[-1]) for line in lines[1:4]] == [
        ("two", "0.7449", "completed"),
        ("one", "0.5000", "completed"),
        ("three", "-", "failed"),
    ]
    assert lines[1][-2] == "0.09"  # 1,600 s at US$ 0.204 an hour
    assert f"corpus A: digest not known, {CORPUS}" in printed.out
    assert printed.err == (
        "compare_models: left out: 1 jobs that are no word2vec of BlazingText's\n"
    )
    [two, *_] = csv.DictReader(table.read_text().splitlines())
    assert (two["learning_rate"], two["window_size"], two["mode"]) == ("0.0116", "28", "cbow")
    assert (two["backend"], two["seconds"], two["corpus_uri"]) == ("sagemaker", "1800.0", CORPUS)
    assert two["started"] == "2026-01-02T03:04:05+00:00"


def test_names_beside_a_prefix_of_inputs(answers, capsys):
    answers(search_request((), "s3://bucket/"), [make_job("blogs-1"), make_job("news-1")])
    given = ("--input", "s3://bucket/", "--name-contains", "blogs", "--price-per-hour", "9")
    assert compare(*given) == 0
    [_, row, *rest] = capsys.readouterr().out.splitlines()
    assert row.split()[0] == "blogs-1" and row.split()[-1] == "4.00"
    assert not any(line.startswith("news") for line in rest)


def test_a_run_that_was_fetched_is_there_once_with_all_that_its_folder_knows(
    answers, tmp_path, capsys
):
    details = {"job_arn": make_job("one")["TrainingJobArn"]}
    record = made_up_runs.make_record("fetched", 0.5, details=details)
    made_up_runs.put_run(tmp_path / "run", record)
    answers(search_request(), [make_job("one"), make_job("two")])
    assert compare(tmp_path) == 0
    rows = capsys.readouterr().out.splitlines()[1:3]
    assert sorted(row.split()[0] for row in rows) == ["fetched", "two"]


def test_none_is_an_error(answers, capsys):
    answers(search_request(), [make_job("xgb", HyperParameters={})])
    assert compare() == 3
    assert capsys.readouterr().err.splitlines()[-1] == (
        "compare_models: error: SageMaker has no such training job of BlazingText's word2vec"
    )


def test_jobs_that_were_really_run_are_found_by_tag(aws, corpus, tmp_path, capsys):
    aws.behaviours += [Behaviour(), Behaviour(failure="AlgorithmError: x")]
    assert start(corpus, tmp_path / "one", "--job-tag", "team=a") == 0
    assert start(corpus, tmp_path / "two", "--job-tag", "team=a") == 30
    assert start(corpus, tmp_path / "three", "--job-tag", "team=b") == 0
    capsys.readouterr()
    assert compare("--tag", "team=a") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:3]]
    assert [row[-1] for row in rows] == ["completed", "failed"]
    names = [request["TrainingJobName"] for request in aws.requests]
    assert [row[0] for row in rows] == names[:2]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "the following arguments are required: FOLDER"),
        (["build", "--tag", "a=b"], "with --source sagemaker"),
        (["--source", "sagemaker", "--tag", "a"], "a is not KEY=VALUE"),
        (["--source", "sagemaker", "--input", "lines.txt"], "lines.txt is not an S3 URI"),
    ],
)
def test_wrong_arguments(arguments, text, capsys):
    with pytest.raises(SystemExit, match="2"):
        compare_models.main(arguments)
    assert text in capsys.readouterr().err
