"""BlazingText's training jobs of an account, found by tag, input or name."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from blazingtext.costs import hourly
from blazingtext.jobs.job_record import job_record
from embeddings.runs.run_record import RunRecord
from storage.aws_errors import aws_errors
from storage.errors import HyperparameterError
from storage.session import make_service_client

INPUT = "InputDataConfig"
INPUT_URI = f"{INPUT}.DataSource.S3DataSource.S3Uri"
PAGE = 100
"""Results of one answer; the most that SageMaker gives."""


def search_request(
    tags: Sequence[tuple[str, str]] = (), input_uri: str = "", name_contains: str = ""
) -> dict[str, Any]:
    """Arguments of `search`: training jobs for which all of it holds, the newest first. Pure.

    SageMaker takes the operator Contains once: beside a prefix of inputs, names are left to
    `find_runs`.

    Args:
        tags: key and value.
        input_uri: the corpus; whatever lies below it, if it ends in a slash.
        name_contains: part of the job's name.
    """
    operator = "Contains" if input_uri.endswith("/") else "Equals"
    filters = [{"Name": f"Tags.{key}", "Operator": "Equals", "Value": value} for key, value in tags]
    if name_contains and not (input_uri and operator == "Contains"):
        by_name = {"Name": "TrainingJobName", "Operator": "Contains", "Value": name_contains}
        filters.append(by_name)
    inputs = [{"Name": INPUT_URI, "Operator": operator, "Value": input_uri}]
    nested = [{"NestedPropertyName": INPUT, "Filters": inputs}] if input_uri else []
    expression: dict[str, Any] = {"Filters": filters} if filters else {}
    expression |= {"NestedFilters": nested} if nested else {}
    request = {"Resource": "TrainingJob", "SortBy": "CreationTime", "SortOrder": "Descending"}
    return request | ({"SearchExpression": expression} if expression else {})


def find_jobs(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All jobs of a request, on however many pages.

    Raises:
        AwsError: SageMaker can't be asked.
    """
    client = make_service_client("sagemaker")
    with aws_errors("search of training jobs"):
        pages = client.get_paginator("search").paginate(
            **request, PaginationConfig={"PageSize": PAGE}
        )
        for page in pages:
            yield from (
                result["TrainingJob"] for result in page["Results"] if "TrainingJob" in result
            )


def find_runs(
    request: dict[str, Any],
    name_contains: str,
    price_per_hour: float | None,
    left_out: Callable[[str], None],
) -> dict[str, RunRecord]:
    """The runs of a request by the ARN of their jobs; jobs of other algorithms are left out.

    Args:
        request: from `search_request`.
        name_contains: part of the job's name.
        price_per_hour: US$ of one machine; None for the listed price.
        left_out: told in one line how many jobs are none of BlazingText's word2vec.
    """
    runs, others = {}, 0
    for job in find_jobs(request):
        if name_contains not in job["TrainingJobName"]:
            continue
        price = hourly(job["ResourceConfig"].get("InstanceType"), price_per_hour)
        try:
            runs[job["TrainingJobArn"]] = job_record(job, price)
        except HyperparameterError:
            others += 1
    if others:
        left_out(f"{others} jobs that are no word2vec of BlazingText's")
    return runs
