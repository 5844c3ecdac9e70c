"""Who may be the role, and what the role may do. Pure; `deploy/cloudformation.yaml` says the same.

Sources: SageMaker developer guide, "SageMaker execution roles" and "Cross-service confused deputy
prevention"; EMR Serverless user guide, "Job runtime roles"; service authorization reference.
"""

from typing import Any

from aws.job import NAME
from aws.setup.wanted import Account, Wanted

VERSION = "2012-10-17"
POLICY_NAME = NAME
"""Of the role's one inline policy."""

SERVICES = ("sagemaker.amazonaws.com", "emr-serverless.amazonaws.com", "scheduler.amazonaws.com")
"""Who assumes the role: whoever runs the jobs, and EventBridge Scheduler, which deletes an endpoint
when its time is over. No machine of the user's need be on for that."""

ENDPOINTS = f"{NAME}-*"
BLAZINGTEXT_REPOSITORY = "blazingtext"
OWN_REPOSITORIES = f"{NAME}*"
METRICS = ("/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs")
LOGS = "log-group:/aws/sagemaker/*"
Statement = dict[str, Any]


def trust_policy(account: Account) -> dict[str, Any]:
    """The role's trust policy: the three services, and only for this account."""
    statement = allow("ServicesOfThisAccount", "sts:AssumeRole")
    statement["Principal"] = {"Service": list(SERVICES)}
    statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account.number}}
    return document(statement)


def role_policy(wanted: Wanted) -> dict[str, Any]:
    """The role's permissions."""
    return document(
        *bucket_statements(wanted, wanted.write_prefixes),
        *_log_statements(wanted.account),
        *_image_statements(wanted.account),
        _endpoint_statement(wanted.account),
        *(key_statements(wanted.kms_key) if wanted.kms_key else ()),
    )


def bucket_statements(wanted: Wanted, writable: tuple[str, ...]) -> list[Statement]:
    """Reading below all prefixes, writing below some.

    A prefix itself is readable too: Hadoop asks whether there is an object of a folder's name.
    """
    bucket, prefixes = wanted.bucket_arn, wanted.prefixes
    both = [name for prefix in prefixes for name in (prefix, f"{prefix}/*")]
    listing = allow("ListPrefixes", "s3:ListBucket", bucket)
    listing["Condition"] = {"StringLike": {"s3:prefix": both}}
    write = ("s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:AbortMultipartUpload")
    return [
        listing,
        allow("FindBucket", ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), bucket),
        allow("Read", ("s3:GetObject", "s3:GetObjectTagging"), [f"{bucket}/{key}" for key in both]),
        allow(
            "Write",
            (*write, "s3:ListMultipartUploadParts"),
            [f"{bucket}/{prefix}/*" for prefix in writable],
        ),
    ]


def key_statements(key: str) -> list[Statement]:
    """Using a key for objects, and for the disks of machines, which takes a grant."""
    use = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")
    grant = allow("EncryptDisks", "kms:CreateGrant", key)
    grant["Condition"] = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [allow("UseKey", use, key), grant]


def document(*statements: Statement) -> dict[str, Any]:
    """A policy."""
    return {"Version": VERSION, "Statement": list(statements)}


def allow(
    sid: str, actions: str | tuple[str, ...], resources: str | list[str] | None = None
) -> Statement:
    """One statement; a trust policy's has no resource."""
    action = actions if isinstance(actions, str) else list(actions)
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": action}
    return statement | ({"Resource": resources} if resources else {})


def _log_statements(account: Account) -> list[Statement]:
    actions = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")
    metrics = allow("WriteMetrics", "cloudwatch:PutMetricData", "*")  # it has no resources
    metrics["Condition"] = {"StringEquals": {"cloudwatch:namespace": list(METRICS)}}
    logs = tuple(f"logs:{action}" for action in actions)
    return [allow("WriteLogs", logs, account.arn("logs", LOGS)), metrics]


def _image_statements(account: Account) -> list[Statement]:
    """Pulling BlazingText's image, and one's own for SageMaker Processing.

    AWS keeps BlazingText in an account of its own in each region, more than thirty by now; so any
    account, but this region and this name only. What others let one pull is up to their policies.
    """
    pull = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
    anyone = f"arn:{account.partition}:ecr:{account.region}:*:repository/{BLAZINGTEXT_REPOSITORY}"
    own = account.arn("ecr", f"repository/{OWN_REPOSITORIES}")
    return [
        allow("LogInToRegistry", "ecr:GetAuthorizationToken", "*"),  # it has no resources
        allow("PullImages", tuple(f"ecr:{action}" for action in pull), [anyone, own]),
    ]


def _endpoint_statement(account: Account) -> Statement:
    endpoints = account.arn("sagemaker", f"endpoint/{ENDPOINTS}")
    return allow("DeleteExpiredEndpoints", "sagemaker:DeleteEndpoint", endpoints)
