"""Every request that is sent to start or make something, held against the service's own model.

botocore itself looks at types and shortest lengths, and at neither enums, patterns nor limits.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from made_up_runs import make_record

from aws.build_job import BuildJob, Code
from aws.emr_serverless import start_request
from aws.processing import Cluster, create_request
from blazingtext.requests.limits import CLASSES
from blazingtext.requests.registry_request import group_request, package_request
from blazingtext.requests.serving_request import Serving
from blazingtext.requests.settings import JobSettings
from blazingtext.requests.training_request import training_request
from blazingtext.requests.tuning_request import reference_search, tuning_request
from embeddings.training.hyperparameters import Hyperparameters

ROLE = "arn:aws:iam::123456789012:role/team/blazing-corpus"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/blazing-corpus:1"
VPC: dict[str, Any] = {"subnets": ("subnet-1a", "subnet-2b"), "security_groups": ("sg-1a",)}
BUILD = BuildJob(
    ("--input", "s3://b/input/blogs.zip", "--output", "s3://b/corpus"), ROLE, "blogs", {"a": "b c"}
)
CODE = Code("s3://b/code/1/build_corpus.py", "s3://b/code/2/p.zip", "s3://b/code/3/e.tar.gz")
CORPUS = "s3://b/corpus/corpus/cleaned_sentences.csv"
PLAIN = JobSettings(ROLE, "s3://b/models", IMAGE)
ALL = replace(
    PLAIN,
    **VPC,
    spot=True,
    max_run_seconds=3600,
    max_wait_seconds=3600,
    kms_key_id=KEY,
    volume_kms_key_id=KEY,
    encrypt_traffic=True,
)
RECORD = replace(
    make_record("mine", 0.5, corpus={"uri": CORPUS, "sha256": "ab" * 32}),
    details={"model_uri": "s3://b/models/a/output/model.tar.gz", "image": IMAGE},
)
SERVING = Serving(
    name="blazing-corpus-a1",
    model_uri="s3://b/models/a/output/model.tar.gz",
    image=IMAGE,
    role_arn=ROLE,
    scheduler_role_arn=f"{ROLE}-scheduler",
    expires=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
)
REFERENCE = Hyperparameters.of({}, "reference")
CLUSTER = Cluster(IMAGE, **VPC, volume_kms_key_id=KEY, encrypt_traffic=True)
REQUESTS = {
    ("emr-serverless", "StartJobRun"): [
        start_request(BUILD, CODE, "00f1abcd", "s3://b/code/logs/", KEY) | {"clientToken": "t"},
        start_request(BUILD, CODE, "00f1abcd", None) | {"clientToken": "t"},
    ],
    ("sagemaker", "CreateProcessingJob"): [
        create_request(BUILD, CODE, "blogs-1", CLUSTER, "s3://b/code/c.json"),
        create_request(BUILD, CODE, "blogs-1", Cluster(IMAGE), None),
    ],
    ("sagemaker", "CreateTrainingJob"): [
        training_request("blogs-1", CORPUS, REFERENCE, settings) for settings in (PLAIN, ALL)
    ],
    ("sagemaker", "CreateHyperParameterTuningJob"): [
        tuning_request("blogs-1", CORPUS, reference_search(), settings) for settings in (PLAIN, ALL)
    ],
    ("sagemaker", "CreateModel"): [SERVING.model()],
    ("sagemaker", "CreateEndpointConfig"): [SERVING.configuration()],
    ("sagemaker", "CreateEndpoint"): [SERVING.endpoint()],
    ("sagemaker", "CreateModelPackageGroup"): [group_request("blazing-corpus-vectors")],
    ("sagemaker", "CreateModelPackage"): [
        package_request("blazing-corpus-vectors", RECORD, "s3://b/runs/mine/run.json")
        | {"ClientToken": "t"}
    ],
    ("scheduler", "CreateSchedule"): [SERVING.deletion() | {"ClientToken": "t"}],
}


def discrepancies(shape: Any, value: Any, place: str = "") -> Iterator[str]:
    """What of a value breaks its shape's rules."""
    if shape.type_name == "structure":
        for name, each in value.items():
            yield from discrepancies(shape.members[name], each, f"{place}.{name}")
    elif shape.type_name == "map":
        for key, each in value.items():
            yield from discrepancies(shape.key, key, f"{place}.{key}")
            yield from discrepancies(shape.value, each, f"{place}.{key}")
    elif shape.type_name == "list":
        for each in value:
            yield from discrepancies(shape.member, each, f"{place}[]")
    rules = shape.metadata
    size = len(value) if hasattr(value, "__len__") else value
    is_number = isinstance(size, int | float) and not isinstance(size, bool)
    if is_number and not rules.get("min", size) <= size <= rules.get("max", size):
        yield f"{place} is {size}, not {rules.get('min')} to {rules.get('max')}"
    if "enum" in rules and value not in rules["enum"]:
        yield f"{place} is {value!r}, not one of {rules['enum']}"
    pattern = rules.get("pattern", "")
    for unicode_class, ours in CLASSES:
        pattern = pattern.replace(unicode_class, ours)
    pattern = re.sub(r"\\p\{\w\}", r"\\W", pattern)  # marks, symbols, punctuation
    pattern = re.sub(r"\$\{\d+,\d+\}", "", pattern)  # of lengths, which are rules of their own
    if pattern and not re.fullmatch(pattern, value, re.DOTALL):
        yield f"{place} is {value!r}, not like {pattern}"


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [(*names, request) for names, requests in REQUESTS.items() for request in requests],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_is_what_the_service_takes(service, operation, request_):
    model = ServiceModel(Loader().load_service_model(service, "service-2"))
    shape: Any = model.operation_model(operation).input_shape
    assert ParamValidator().validate(request_, shape).generate_report() == ""
    assert list(discrepancies(shape, request_)) == []


def test_what_breaks_a_shape_is_seen():
    model = ServiceModel(Loader().load_service_model("sagemaker", "service-2"))
    shape = model.operation_model("CreateTrainingJob").input_shape
    request = training_request("blogs-1", CORPUS, REFERENCE, PLAIN)
    request["TrainingJobName"] = "a b" * 40
    request["ResourceConfig"]["InstanceType"] = "ml.none"
    found = " ".join(discrepancies(shape, request))
    assert ".TrainingJobName is 120, not 1 to 63" in found
    assert ".ResourceConfig.InstanceType is 'ml.none', not one of" in found
    assert f".TrainingJobName is {'a b' * 40!r}, not like" in found
