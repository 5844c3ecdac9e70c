"""What a run looks up, on S3 or on the worker: input, code, manifests, run.json.

And the Airflow connection to AWS that it takes; without one, boto3 finds what the worker has.
"""

from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws.build_job import (
    bytes_uri,
    pointer_uri,
    read_pointer,
    upload_bytes,
    upload_command,
)
from aws.processing import CONFIGURATION, spark_configuration
from orchestration.parameters import LOCAL, PROCESSING
from orchestration.run_plan import RunInputs
from storage.errors import ObjectNotFoundError, RequestError
from storage.files import local_path, read_bytes
from storage.locations import is_s3, split_uri
from storage.objects import list_objects
from storage.ranges import read_object
from storage.s3_client import S3Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WILD = "*?["


def aws_client(service: str, aws_conn_id: str, region: str) -> Any:
    """A client of boto3 by Airflow's connection."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    return AwsBaseHook(aws_conn_id, client_type=service, region_name=region or None).get_conn()


def aws_environment(aws_conn_id: str, region: str) -> dict[str, str]:
    """Credentials, region and endpoint of Airflow's connection, for a process of its own."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    hook = AwsBaseHook(aws_conn_id, region_name=region or None)
    credentials = hook.get_session().get_credentials()
    keys = credentials.get_frozen_credentials() if credentials else None
    variables = {
        "AWS_ACCESS_KEY_ID": keys.access_key if keys else None,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key if keys else None,
        "AWS_SESSION_TOKEN": keys.token if keys else None,
        "AWS_DEFAULT_REGION": hook.region_name,
        "AWS_REGION": hook.region_name,
        "AWS_ENDPOINT_URL": hook.conn_config.endpoint_url,
    }
    return {name: value for name, value in variables.items() if value}


def s3_client(params: Mapping[str, Any]) -> "S3Client":
    """A client of S3 by the run's connection."""
    client: S3Client = aws_client("s3", params["aws_conn_id"], params["region"] or "")
    return client


def look_up(params: Mapping[str, Any]) -> RunInputs:
    """Everything that a plan has to know beside its parameters.

    Raises:
        RequestError: there is no input, or no code.
        AwsError: S3 can't be read.
    """
    client = s3_client(params)
    listing = tuple(list_input(client, params["input"]))
    if not listing:
        raise RequestError(f"nothing at {params['input']}")
    if params["where"] == LOCAL:
        return RunInputs(listing)
    pointer = pointer_uri(params["code"])
    try:
        code, image = read_pointer(read(client, pointer), pointer)
    except ObjectNotFoundError:
        raise RequestError(f"no {pointer}: {upload_command(pointer)}") from None
    data = configuration(params)
    uri = bytes_uri(data, params["code"], CONFIGURATION) if data else None
    return RunInputs(listing, code, image, uri)


def configuration(params: Mapping[str, Any]) -> bytes:
    """Spark's settings as SageMaker's image reads them; nothing where they are not needed."""
    is_needed = params["where"] == PROCESSING and params["spark_conf"]
    return spark_configuration(params["spark_conf"]) if is_needed else b""


def upload_configuration(params: Mapping[str, Any]) -> None:
    """Puts them on S3 where the plan says, which is under the digest of their bytes.

    Raises:
        AwsError: S3 refused.
    """
    if data := configuration(params):
        upload_bytes(s3_client(params), data, params["code"], CONFIGURATION, S3Options())


def list_input(client: "S3Client", location: str) -> Iterator[tuple[str, int, str]]:
    """Name, size and tag of each file of an input: ETag on S3, else the time it was changed.

    A glob on S3 is taken by what stands before its first wild card: a few files too many change
    the digest where nothing changed, and never the other way round. Anything else is an object or
    a folder, whose neighbours `in-2/` and `in.zip` say nothing of it. On the worker a path that
    exists is no glob.
    """
    if is_s3(location):
        bucket, key = split_uri(location)
        end = min((key.index(wild) for wild in WILD if wild in key), default=len(key))
        below = f"{key.rstrip('/')}/" if key.strip("/") else ""
        for listed in list_objects(client, bucket, key[:end]):
            if end < len(key) or listed.key == key or listed.key.startswith(below):
                yield listed
        return
    folder = local_path(location)
    wild = () if folder.exists() else glob(str(folder), recursive=True)  # noqa: PTH207 - absolute
    roots = [folder, *map(Path, wild)]
    for path in dict.fromkeys(path for root in roots for path in (root, *root.rglob("*"))):
        if path.is_file():
            status = path.stat()
            yield str(path), status.st_size, str(status.st_mtime_ns)


def read(client: "S3Client", location: str) -> bytes:
    """A small file.

    Raises:
        InputNotFoundError: it is on the worker, and can't be read.
        AwsError: it is on S3, and can't be read.
    """
    if is_s3(location):
        return read_object(client, *split_uri(location))
    return read_bytes(location)


def size(client: "S3Client", location: str) -> int:
    """Bytes of the one file at a location; -1 for none on the worker.

    Raises:
        RequestError: there is none on S3; or others too whose names begin with its name, all of
            which SageMaker would train on.
    """
    if not is_s3(location):
        return Path(location).stat().st_size if Path(location).is_file() else -1
    bucket, key = split_uri(location)
    objects = list(list_objects(client, bucket, key))
    if [listed.key for listed in objects] != [key]:
        raise RequestError(f"{len(objects)} objects have names that begin with {location}, not one")
    return objects[0].size
