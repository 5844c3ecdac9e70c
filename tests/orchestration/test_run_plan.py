"""What a DAG run plans, against what the commands send; none of it needs Airflow."""

import hashlib
import json
import shlex
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from aws.build_job import Code, pointer_bytes, read_pointer
from aws.processing import spark_configuration
from embeddings.training.hyperparameters import TYPES
from jobs import (
    build_corpus,
    check_corpus,
    compare_models,
    evaluate_embeddings,
    register_run,
    submit,
    train_embeddings,
    tune_embeddings,
)
from orchestration import tasks
from orchestration.commands import CHECKED, JOB_NAME, shell_line
from orchestration.job_failures import error_line, explain, may_succeed
from orchestration.parameters import DEFAULTS, PARAMETERS, PLACES
from orchestration.run_plan import RunInputs, attempt_name, check, make_plan
from orchestration.tasks import Corpus, check_cost, read_manifest
from storage.errors import HyperparameterError, RequestError

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ROLE = "arn:aws:iam::123456789012:role/build"
IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
CODE = Code(
    "s3://bkt/code/1/build_corpus.py", "s3://bkt/code/2/pyfiles.zip", "s3://bkt/code/3/env.tar"
)
INPUTS = RunInputs((("blogs.zip", 10, "tag"),), CODE, IMAGE)
AWS = DEFAULTS | {
    "where": "emr-serverless",
    "bucket": "bkt",
    "prefix": "/my/",
    "role": ROLE,
    "input": "s3://in/blogs.zip",
    "code": "s3://bkt/code/",
    "application_id": "00f1",
    "image": "an/image:1",
    "spark_conf": {"spark.executor.cores": "4", "spark.x": "a b"},
    "splitter": "spacy",
    "dedup": "exact",
    "min_tokens": 2,
    "build_options": ["--tables"],
}
LOCAL = DEFAULTS | {
    "where": "local", "input": "/in", "folder": "/out/", "home": "/home/", "python": "/v/python",
}  # fmt: skip
OPTIONS = ["--splitter", "spacy", "--dedup", "exact", "--min-tokens", "2", "--tables"]


def plan(
    params: dict[str, Any], inputs: RunInputs = INPUTS, run_id: str = "manual__1"
) -> dict[str, Any]:
    check(params)
    return make_plan(params, run_id, MOMENT, inputs)


def uploaded(source: Any, with_environment: bool) -> Code:
    """In place of uploading it."""
    return CODE if with_environment else Code(CODE.job, CODE.py_files)


@pytest.fixture
def sent(monkeypatch, tmp_path):
    """What `jobs/submit.py` sends, with the code where the plan finds it."""

    def send(command: str, *options: str, build: list[str]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        with mock_aws():
            monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            monkeypatch.setattr("aws.launch.Source.upload", uploaded)
            monkeypatch.setattr("aws.launch.check_application", lambda *_: None)
            boto3.client("s3").create_bucket(Bucket="bkt")
            session: Any = boto3.session.Session
            real = session.client

            def client(self: Any, service: str, **named: Any) -> Any:
                made = real(self, service, **named)
                made.meta.events.register(
                    "provide-client-params.*.*",
                    lambda params, model, **_: seen.update({model.name: dict(params)}),
                )
                return made

            monkeypatch.setattr(session, "client", client)
            common = ["--role", ROLE, "--code", "s3://bkt/code/", "--detach", *options]
            conf = [word for one in AWS["spark_conf"].items() for word in ("--conf", "=".join(one))]
            submit.main([command, *common, *conf, "--", *build])  # no such application: refused
        return seen

    return send


def test_emr_serverless_is_sent_what_the_command_sends(sent):
    made = plan(AWS)
    request = made["build"]
    build = ["--input", "s3://in/blogs.zip", "--output", made["output"], *OPTIONS]
    options = ("--application-id", "00f1", "--name", request["name"])
    assert sent("emr-serverless", *options, build=build)["StartJobRun"] == request
    assert request["jobDriver"]["sparkSubmit"]["entryPointArguments"] == build


def test_processing_is_sent_what_the_command_sends(sent):
    data = spark_configuration(AWS["spark_conf"])
    uri = f"s3://bkt/code/{hashlib.sha256(data).hexdigest()[:16]}/configuration.json"
    inputs = RunInputs(INPUTS.listing, CODE, IMAGE, uri)
    made = plan(AWS | {"where": "processing"}, inputs)
    build = ["--input", "s3://in/blogs.zip", "--output", made["output"], *OPTIONS]
    by_command = sent("processing", "--image", "an/image:1", build=build)["CreateProcessingJob"]
    assert by_command.pop("ProcessingJobName").startswith("blazing-corpus-")
    assert made["build"].pop("ProcessingJobName") == f"{made['name']}-build"
    assert made["build"] == by_command


def test_tags_keys_vpc_spot_and_roles_reach_every_job():
    key, build_role = "arn:aws:kms:us-east-1:123456789012:key/a", f"{ROLE}-emr"
    given = AWS | {
        **{"tags": {"team": "nlp"}, "subnets": ["subnet-1"], "security_groups": ["sg-1"]},
        **{"output_key": key, "volume_key": "disks", "log_key": key, "spot": True, "tune": True},
        "build_role": build_role,
    }
    made, processed = plan(given), plan(given | {"where": "processing"})["build"]
    assert made["build"]["executionRoleArn"] == build_role
    assert made["build"]["tags"] == {"user:application": "BlazingText", "team": "nlp"}
    monitoring = made["build"]["configurationOverrides"]["monitoringConfiguration"]
    assert monitoring["s3MonitoringConfiguration"]["encryptionKeyArn"] == key
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    tags = [{"Key": "user:application", "Value": "BlazingText"}, {"Key": "team", "Value": "nlp"}]
    assert (processed["RoleArn"], processed["Tags"]) == (ROLE, tags)
    assert processed["NetworkConfig"] == {"VpcConfig": vpc}
    assert processed["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == "disks"
    assert made["training"]["Tags"] == made["tuning"]["Tags"] == tags
    for definition in (made["training"], made["tuning"]["TrainingJobDefinition"]):
        assert (definition["RoleArn"], definition["VpcConfig"]) == (ROLE, vpc)
        assert definition["OutputDataConfig"]["KmsKeyId"] == key
        assert definition["ResourceConfig"]["VolumeKmsKeyId"] == "disks"
        assert definition["EnableManagedSpotTraining"]
        limits = {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600}
        assert definition["StoppingCondition"] == limits


def test_training_is_sent_what_training_request_makes():
    from blazingtext.requests.settings import JobSettings
    from blazingtext.requests.training_request import training_request
    from embeddings.training.hyperparameters import Hyperparameters

    params = AWS | {"hyperparameters": {"epochs": 3, "window_size": "7"}}
    made = plan(params)
    chosen = Hyperparameters.of({"epochs": 3, "window_size": 7}, "reference")
    where = JobSettings(ROLE, "s3://bkt/my/models", IMAGE)
    name = f"{made['name']}-train"
    assert made["training"] == training_request(name, made["corpus"], chosen, where)
    assert made["tuning"] is None


def test_tuning_is_the_references_unless_told_otherwise():
    tuning = plan(AWS | {"tune": True, "tuning_ranges": ["min_count=5:20"]})["tuning"]
    config = tuning["HyperParameterTuningJobConfig"]
    limits = {"MaxNumberOfTrainingJobs": 12, "MaxParallelTrainingJobs": 2}
    assert config["ResourceLimits"] == limits
    integers = {one["Name"]: one for one in config["ParameterRanges"]["IntegerParameterRanges"]}
    assert (integers["min_count"]["MinValue"], integers["min_count"]["MaxValue"]) == ("5", "20")
    assert integers["window_size"]["MaxValue"] == "30"


def test_names_are_the_same_for_a_run_that_is_retried_and_fit_into_what_sagemaker_takes():
    params = AWS | {"tune": True}
    first, again = plan(params), plan(json.loads(json.dumps(params)))
    assert first == again
    others = [
        plan(params, run_id="manual__2"),
        plan(params | {"min_tokens": 3}),
        plan(params, RunInputs((("blogs.zip", 11, "tag"),), CODE, IMAGE)),
        make_plan(params, "manual__1", datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC), INPUTS),
    ]
    assert len({one["name"] for one in (first, *others)}) == 5
    for request, key, most in (
        ("training", "TrainingJobName", 63),
        ("tuning", "HyperParameterTuningJobName", 32),
    ):
        assert len(attempt_name(first[request][key], 99)) <= most


@pytest.mark.parametrize(
    ("params", "inputs", "is_same"),
    [
        ({"where": "processing", "instances": 9, "preset": "default"}, INPUTS, True),
        ({"min_tokens": 3}, INPUTS, False),
        ({"build_options": []}, INPUTS, False),
        ({}, RunInputs((("blogs.zip", 10, "other tag"),), CODE, IMAGE), False),
        ({}, RunInputs(INPUTS.listing, Code("s3://bkt/code/9/b.py", CODE.py_files), IMAGE), False),
    ],
)
def test_same_input_options_and_code_same_corpus(params, inputs, is_same):
    assert (plan(AWS | params, inputs)["corpus"] == plan(AWS)["corpus"]) == is_same


def test_places_are_spelled_as_the_build_writes_them() -> None:
    assert plan(AWS | {"prefix": "/my//x/../a b/"})["runs"] == "s3://bkt/my/a b/runs/"
    assert plan(LOCAL | {"folder": "file:///my%20out/"})["runs"] == "/my out/runs/"


@pytest.mark.parametrize("where", PLACES)
def test_every_command_line_is_one_that_its_job_takes(where):
    params = LOCAL if where == "local" else AWS | {"where": where}
    values = {"hyperparameters": {"epochs": 3, "subwords": False}, "tune": True}
    made = plan({**params, **values, "tuning_ranges": ["min_count=5:20"], "build_options": []})
    parsers: dict[str, Any] = {
        "build_corpus": build_corpus.parse,
        "check_corpus": check_corpus.make_parser().parse_args,
        "compare_models": compare_models.make_parser().parse_args,
        "evaluate_embeddings": evaluate_embeddings.make_parser().parse_args,
        "register_run": register_run.make_parser().parse_args,
        "train_embeddings": train_embeddings.parse,
        "tune_embeddings": tune_embeddings.make_parser().parse_args,
    }
    seen = set()
    for command in made.values():
        for python, job, *arguments in command["steps"] if is_command(command) else ():
            assert python == params["python"]
            name = job.rpartition("/")[2].removesuffix(".py")
            parsers[name](arguments)
            seen.add(name)
    here = {"build_corpus", "check_corpus", "evaluate_embeddings", "tune_embeddings"}
    there = {"train_embeddings", "compare_models"}
    assert seen == there | (here if where == "local" else {"register_run"})


def is_command(value: Any) -> bool:
    return isinstance(value, dict) and "steps" in value


@pytest.mark.parametrize("word", ["JOB", "JOBS", "JOB-42", "MYJOB", "it's JOB x", "$JOB", "{job}"])
def test_an_evaluation_fetches_the_job_and_registers_the_run_under_its_name(word):
    changes = {"prefix": word, "home": f"/srv/{word}/x", "python": f"/{word}"}
    steps = plan(AWS | changes)["evaluate"]["steps"]
    assert not any(JOB_NAME in place for place in changes.values())
    jobs, place = f"/srv/{word}/x/jobs", f"s3://bkt/{word}/runs/tune-7/"
    attach = ["--backend", "sagemaker", "--attach", "tune-7", "--output", "run"]
    assert shlex.split(shell_line(steps, "tune-7")) == [
        *(f"/{word}", f"{jobs}/train_embeddings.py", *attach, "&&"),
        *(f"/{word}", f"{jobs}/register_run.py", "run", place, "--overwrite"),
    ]


def test_spark_settings_reach_a_local_build():
    env = plan(LOCAL | {"spark_conf": {"spark.x": "a b"}})["build"]["env"]
    words = ["--conf", "spark.x=a b", "pyspark-shell"]
    assert shlex.split(env["PYSPARK_SUBMIT_ARGS"]) == words


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"bucket": None, "code": ""}, "emr-serverless: bucket is missing; code is missing"),
        ({"input": "/data"}, "emr-serverless: input is '/data', not on S3"),
        ({"where": "processing", "image": None}, "processing: image is missing"),
        ({"where": "local"}, "local: folder is missing"),
        (
            {"role": "build"},
            "role is 'build', not an ARN such as arn:aws:iam::ACCOUNT:role/NAME",
        ),
        (
            {"where": "processing", "build_options": ["x" * 300]},
            f"SageMaker takes arguments of one line and 256 characters at most: {'x' * 40}…",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_one_line(changes, line, monkeypatch):
    sent: list[str] = []
    monkeypatch.setattr("orchestration.lookup.look_up", lambda _: INPUTS)
    monkeypatch.setattr("orchestration.lookup.upload_configuration", sent.append)
    run = SimpleNamespace(logical_date=MOMENT)
    with pytest.raises(RequestError) as caught:
        tasks.make_plan.__wrapped__(  # type: ignore[attr-defined]  # Airflow is not here
            {"params": AWS | changes, "dag_run": run, "run_id": "manual__1"}
        )
    assert (str(caught.value), sent) == (line, [])


def test_bad_hyperparameters_and_ranges_are_refused_before_anything_is_looked_up():
    with pytest.raises(HyperparameterError, match="epochs is 0"):
        check(AWS | {"hyperparameters": {"epochs": 0}})
    with pytest.raises(HyperparameterError, match="'min_count=9:2'"):
        check(AWS | {"tune": True, "tuning_ranges": ["min_count=9:2"]})


def test_choices_of_the_form_are_those_of_the_build():
    actions = {one.dest: one for one in build_corpus.make_parser()._actions}
    for name in ("splitter", "dedup", "mask"):
        ours = [one for one in PARAMETERS[name].schema["enum"] if one is not None]
        assert ours == list(actions[name].choices or ())
    assert set(CHECKED) == set(check_corpus.HYPERPARAMETERS) <= set(TYPES)


CORPUS = Corpus("s3://bkt/c.csv", 7_480_869, 141_146_651, 708_533_153, "ab", 19_320, 675_000)


def test_a_price_above_the_limit_is_refused():
    assert check_cost(AWS, CORPUS) == pytest.approx(0.0446, abs=0.001)
    tuned = AWS | {"tune": True, "max_cost": None}
    dollars = check_cost(tuned, CORPUS)
    assert dollars is not None and 5 < dollars < 50
    with pytest.raises(RequestError) as caught:
        check_cost(tuned | {"max_cost": 1}, CORPUS)
    assert str(caught.value) == f"training would cost US$ {dollars:,.2f}, max_cost is 1.00"


def test_without_a_known_speed_a_limit_can_not_be_held(caplog):
    params = AWS | {"training_instance_type": "ml.c7.none"}
    for refused in (lambda: check_cost(params, CORPUS), lambda: plan(params)):  # before the build
        with pytest.raises(RequestError, match=r"no speed of ml\.c7\.none is known"):
            refused()
    params = AWS | {"training_instance_type": "ml.c6i.xlarge"}  # which SageMaker has
    assert plan(params)["training"]["ResourceConfig"]["InstanceType"] == "ml.c6i.xlarge"
    assert check_cost(params, CORPUS) is None
    warning = "no speed of ml.c6i.xlarge is known, so no price to hold against max_cost: "
    assert [line.startswith(warning) for line in caplog.messages] == [True, True]
    assert plan(params | {"max_cost": None})["training"]
    assert plan(LOCAL | {"training_instance_type": "ml.c6i.xlarge"})["training"]
    assert check_cost(params | {"max_cost": None}, CORPUS) is None


def manifest(**quality: Any) -> bytes:
    corpus = {"lines": 2, "tokens": 3, "bytes": 4, "sha256": "ab"}
    ledger = {"files": {"read": 1}, "posts": {"kept": 1}}
    return json.dumps({"corpus": corpus, "ledger": ledger, "quality": quality}).encode()


def test_a_manifest_tells_the_figures_of_a_corpus_that_passed():
    found = read_manifest(manifest(passed=True, verdicts=[]), "s3://bkt/c", "m")
    assert found == Corpus("s3://bkt/c", 2, 3, 4, "ab", 1, 1)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", manifest()])
def test_what_is_no_manifest_is_refused(data):
    with pytest.raises(RequestError, match=r"^m is no manifest of a corpus that was checked$"):
        read_manifest(data, "c", "m")


def test_a_corpus_that_was_published_without_the_gate_is_refused():
    verdict = {"dataset": "corpus", "expectation": "nul", "found": 1, "expected": "at most 0"}
    verdicts = [
        verdict | {"passed": False, "severity": "error"},
        verdict | {"passed": False, "severity": "warning", "expectation": "other"},
    ]
    with pytest.raises(RequestError) as caught:
        read_manifest(manifest(passed=False, verdicts=verdicts), "c", "m")
    assert str(caught.value) == "c did not pass its checks: corpus.nul: found 1, expected at most 0"


def test_a_failure_is_told_by_exit_code_meaning_and_the_jobs_own_line():
    log = "26/01/02 WARN x\nbuild_corpus: error: first\nbuild_corpus: error: corpus.nul failed\n"
    assert explain("build", 12, error_line(log)) == (
        "build ended with exit code 12: the quality gate failed, so nothing was published: "
        "build_corpus: error: corpus.nul failed"
    )
    assert explain("build", None, "", "Job\n cancelled") == (
        "build ended without an exit code: Job cancelled"
    )
    assert [code for code in (None, 2, 7, 10, 12, 20, 24) if may_succeed(code)] == [None, 10, 24]


def test_the_pointer_to_the_code():
    assert read_pointer(pointer_bytes(CODE, IMAGE), "p") == (CODE, IMAGE)
    bare = Code("s3://bkt/j.py", "s3://bkt/p.zip")
    assert read_pointer(pointer_bytes(bare, None), "p") == (bare, None)
    for data in (b"", b"[1]", b'{"job": "j"}', b'{"job": "/j", "py_files": "s3://bkt/p"}'):
        with pytest.raises(RequestError, match=r"^p does not say where the code is: "):
            read_pointer(data, "p")
