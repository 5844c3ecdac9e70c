"""A run's model in the SageMaker Model Registry, as a version of a group."""

from botocore.exceptions import ClientError

from blazingtext.account import Clients
from blazingtext.requests.registry_request import group_request, package_request
from embeddings.runs.run_record import RunRecord
from storage.aws_errors import aws_errors

EXISTS = "already exists"


def register_model(group: str, record: RunRecord, run_uri: str) -> str:
    """Makes the group if it is missing, and a version in it; the version's ARN.

    Raises:
        RequestError: see `group_request`, `package_request`; nothing was made.
        AwsError: SageMaker refuses.
    """
    request, package = group_request(group), package_request(group, record, run_uri)
    clients = Clients(f"model group {group}")
    with aws_errors(clients.subject):
        try:
            clients.client("sagemaker").create_model_package_group(**request)
        except ClientError as error:
            if EXISTS not in str(error):
                raise
    return str(clients.call("sagemaker", "create_model_package", **package)["ModelPackageArn"])
