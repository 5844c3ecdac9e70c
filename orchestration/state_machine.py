"""The chain for AWS Step Functions: build, check, train. Pure.

The requests are those that the DAG's plan and the commands send; an execution's corpus and training
job are called by its name. The build's own gate decides: a corpus that fails it is not published,
its run fails, and so does the execution, before anything is trained. What is read then are the
corpus's figures: a manifest, which has the verdicts, lists all files of the input, and Step
Functions takes no more than 256 KiB.

Sources: Step Functions developer guide, "Run EMR Serverless jobs", "Create and manage Amazon
SageMaker jobs", "AWS SDK service integrations", "Intrinsic functions"; Amazon States Language.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aws import emr_serverless
from aws.build_job import NAME, BuildJob, Code
from blazingtext.requests.settings import JobSettings
from blazingtext.requests.training_request import training_request
from embeddings.training.hyperparameters import Hyperparameters
from schemas.output import CORPUS_FILE, METRICS
from storage.errors import RequestError
from storage.locations import split_uri

RUN = "EXECUTION-NAME"
"""Stands in requests for the name of the execution."""

NO_GATE, PREFIX = "--no-gate", f"{NAME}-"
SECONDS_MORE = 600
"""After its own limit a job should have ended by itself."""

RETRY = [
    {
        "ErrorEquals": ["States.TaskFailed"],
        "IntervalSeconds": 10,
        "MaxAttempts": 3,
        "BackoffRate": 2,
    }
]
"""Of reading only: a build or training that failed has been paid, and would fail again."""


def state_machine(
    build: BuildJob,
    code: Code,
    application_id: str,
    logs: str,
    root: str,
    chosen: Hyperparameters,
    machines: JobSettings,
) -> dict[str, Any]:
    """The definition, in the Amazon States Language.

    Args:
        build: without `--output`, which each execution has for itself.
        code: what it runs.
        application_id: of EMR Serverless.
        logs: S3 prefix for its logs.
        root: `s3://` prefix; corpora go to `corpora/` below it.
        chosen: BlazingText's hyperparameters.
        machines: of the training.

    Raises:
        RequestError: what AWS or BlazingText would refuse; or a build without its gate.
    """
    if NO_GATE in build.arguments:
        raise RequestError(f"{NO_GATE}: nothing else keeps a bad corpus from being trained on")
    output = f"{root.rstrip('/')}/corpora/{RUN}"
    job = replace(build, arguments=(*build.arguments, "--output", output))
    request = emr_serverless.start_request(job, code, application_id, logs)
    training = training_request(f"{PREFIX}{RUN}", f"{output}/{CORPUS_FILE}", chosen, machines)
    bucket, key = split_uri(f"{output}/{METRICS}")
    build_limit = build.timeout_minutes * 60 + SECONDS_MORE
    limit = (machines.max_wait_seconds or machines.max_run_seconds) + SECONDS_MORE
    states = {
        "Build": _task(
            "emr-serverless:startJobRun.sync",
            as_step_functions_has_it(request),
            Next="ReadFigures",
            TimeoutSeconds=build_limit,
        ),
        "ReadFigures": _task(
            "aws-sdk:s3:getObject",
            {"Bucket": bucket, "Key": key},
            Next="Check",
            Retry=RETRY,
            ResultSelector={"metrics.$": "States.StringToJson($.Body)"},
            OutputPath="$.metrics.corpus",
        ),
        "Check": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.lines", "NumericGreaterThan": 0, "Next": "Train"}],
            "Default": "CheckFailed",
        },
        "CheckFailed": {"Type": "Fail", "Error": "CorpusError", "Cause": "the corpus is empty"},
        "Train": _task(
            "sagemaker:createTrainingJob.sync", training, TimeoutSeconds=limit, End=True
        ),
    }
    comment = (
        "blog posts to word vectors; an execution's name: letters, digits, hyphens, 48 at most"
    )
    return {"Comment": comment, "StartAt": "Build", "States": states}


def as_step_functions_has_it(node: Any, keep: bool = False) -> Any:
    """A request of EMR Serverless with the capitals that Step Functions wants; not those of tags.

    >>> as_step_functions_has_it({"jobDriver": {"sparkSubmit": {}}, "tags": {"a:b": "c"}})
    {'JobDriver': {'SparkSubmit': {}}, 'Tags': {'a:b': 'c'}}
    """
    if not isinstance(node, Mapping):
        return node
    return {
        key if keep else key[0].upper() + key[1:]: as_step_functions_has_it(value, key == "tags")
        for key, value in node.items()
    }


def _task(action: str, parameters: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::{action}"
    return {"Type": "Task", "Resource": resource, "Parameters": _by_execution(parameters), **more}


def _by_execution(node: Any) -> Any:
    """With the execution's name in place of `RUN`, by intrinsic functions."""
    if isinstance(node, list):
        return [_by_execution(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    made: dict[str, Any] = {}
    for key, value in node.items():
        if isinstance(value, str) and RUN in value:
            made[f"{key}.$"] = _format(value)
        elif isinstance(value, list) and any(
            isinstance(each, str) and RUN in each for each in value
        ):
            made[f"{key}.$"] = f"States.Array({', '.join(map(_format, value))})"
        else:
            made[key] = _by_execution(value)
    return made


def _format(text: str) -> str:
    """As an argument of an intrinsic function.

    >>> _format(f"s3://b/{RUN}/x"), _format("--input")
    ("States.Format('s3://b/{}/x', $$.Execution.Name)", "'--input'")
    """
    quoted = re.sub(r"([\\'{}])", r"\\\1", text)
    if RUN not in text:
        return f"'{quoted}'"
    places = ", $$.Execution.Name" * text.count(RUN)
    return f"States.Format('{quoted.replace(RUN, '{}')}'{places})"
