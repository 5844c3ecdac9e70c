"""An Airflow connection to AWS: its clients, and the variables that every AWS client reads.

Without such a connection both are what boto3 finds on the worker.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def s3_client(aws_conn_id: str, region: str) -> "S3Client":
    """A client of S3."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    client: Any = S3Hook(aws_conn_id=aws_conn_id, region_name=region or None).get_conn()
    return client  # type: ignore[no-any-return]


def logs_client(aws_conn_id: str, region: str) -> Any:
    """A client of CloudWatch Logs."""
    from airflow.providers.amazon.aws.hooks.logs import AwsLogsHook

    return AwsLogsHook(aws_conn_id=aws_conn_id, region_name=region or None).get_conn()


def aws_environment(aws_conn_id: str, region: str) -> dict[str, str]:
    """Credentials, region and endpoint, for a process of its own."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    hook = AwsBaseHook(aws_conn_id=aws_conn_id, region_name=region or None)
    found = hook.get_session().get_credentials()
    keys = found.get_frozen_credentials() if found else None
    variables = {
        "AWS_ACCESS_KEY_ID": keys.access_key if keys else None,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key if keys else None,
        "AWS_SESSION_TOKEN": keys.token if keys else None,
        "AWS_DEFAULT_REGION": hook.region_name,
        "AWS_REGION": hook.region_name,
        "AWS_ENDPOINT_URL": hook.conn_config.endpoint_url,
    }
    return {name: value for name, value in variables.items() if value}
