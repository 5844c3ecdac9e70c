"""What whoever starts the jobs has to be allowed: not the role's permissions, the caller's. Pure.

A role can't be given away by accident: `iam:PassRole` is for this role and these services only.
"""

from typing import Any

from aws.setup.policies import (
    ENDPOINTS,
    LOGS,
    SERVICES,
    Statement,
    allow,
    bucket_statements,
    document,
    key_statements,
)
from aws.setup.wanted import Account, Wanted

JOBS = {
    "training-job": "TrainingJob",
    "hyper-parameter-tuning-job": "HyperParameterTuningJob",
    "processing-job": "ProcessingJob",
}
"""Resource type and operation of SageMaker's jobs."""

HOSTING = {"model": "Model", "endpoint-config": "EndpointConfig", "endpoint": "Endpoint"}
LISTS = (
    "ListEndpointConfigs",
    "ListHyperParameterTuningJobs",
    "ListProcessingJobs",
    "ListTrainingJobs",
    "ListTrainingJobsForHyperParameterTuningJob",
    "Search",
)
"""What SageMaker allows for all jobs of an account or for none."""


def caller_policy(wanted: Wanted) -> dict[str, Any]:
    """The permissions of whoever uses the jobs: all of them, so that one may take lines away."""
    account = wanted.account
    return document(
        *bucket_statements(wanted, wanted.prefixes),
        *_role_statements(wanted.role),
        *_sagemaker_statements(account),
        *_watching_statements(account),
        *_emr_statements(account),
        _schedule_statement(account),
        *(key_statements(wanted.kms_key) if wanted.kms_key else ()),
    )


def _role_statements(role: str) -> list[Statement]:
    passing = allow("PassRole", "iam:PassRole", role)
    passing["Condition"] = {"StringEquals": {"iam:PassedToService": list(SERVICES)}}
    return [passing, allow("SeeRole", "iam:GetRole", role)]


def _sagemaker_statements(account: Account) -> list[Statement]:
    jobs = [f"{verb}{job}" for job in JOBS.values() for verb in ("Create", "Describe", "Stop")]
    hosting = [
        f"{verb}{thing}" for thing in HOSTING.values() for verb in ("Create", "Delete", "Describe")
    ]
    tags = ["AddTags", "ListTags"]
    return [
        allow("RunJobs", _named("sagemaker", [*jobs, *tags]), _resources(account, JOBS, "*")),
        allow("ListJobs", _named("sagemaker", LISTS), "*"),
        allow(
            "ServeVectors",
            _named("sagemaker", [*hosting, "InvokeEndpoint", *tags]),
            _resources(account, HOSTING, ENDPOINTS),
        ),
    ]


def _watching_statements(account: Account) -> list[Statement]:
    logs = ("DescribeLogStreams", "FilterLogEvents", "GetLogEvents")
    metrics = ("GetMetricData", "GetMetricStatistics")
    return [
        allow("ReadLogs", _named("logs", logs), account.arn("logs", LOGS)),
        allow("ReadMetrics", _named("cloudwatch", metrics), "*"),  # they have no resources
    ]


def _emr_statements(account: Account) -> list[Statement]:
    application = (
        "GetApplication",
        "ListJobRuns",
        "StartApplication",
        "StartJobRun",
        "TagResource",
    )
    run = ("CancelJobRun", "GetDashboardForJobRun", "GetJobRun")
    everything = account.arn("emr-serverless", "/applications/*")  # and the runs below them
    return [allow("RunOnEmrServerless", _named("emr-serverless", application + run), everything)]


def _schedule_statement(account: Account) -> Statement:
    actions = _named("scheduler", ("CreateSchedule", "DeleteSchedule", "GetSchedule"))
    return allow("ScheduleDeletion", actions, account.arn("scheduler", f"schedule/*/{ENDPOINTS}"))


def _named(service: str, operations: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{service}:{operation}" for operation in operations)


def _resources(account: Account, kinds: dict[str, str], names: str) -> list[str]:
    return [account.arn("sagemaker", f"{kind}/{names}") for kind in kinds]
