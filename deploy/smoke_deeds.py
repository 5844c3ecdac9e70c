"""The steps of `deploy.smoke_aws` for which there is no command, and the running of those that are.

Each deed takes the words behind its name, and gives a line that says what it saw.
"""

import base64
import gzip
import re
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

from aws.launch import ServerlessRun
from blazingtext.endpoint import Endpoint
from storage.aws_errors import aws_errors
from storage.errors import AwsError, EndpointFailedError, JobError, ObjectNotFoundError
from storage.locations import split_uri
from storage.s3_client import make_client
from storage.session import make_service_client

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS, PATIENCE_SECONDS = 10.0, 1800.0
ACTIVE: Any = ("SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "QUEUED")
COMMITTER = re.compile(r"^.*committer.*$", re.IGNORECASE | re.MULTILINE)
SHOWN_LINES, SHOWN_CHARACTERS = 3, 200


class Ended(NamedTuple):
    """How a step ended: its exit code, and the line that says why or what was seen."""

    code: int
    line: str


def run(words: tuple[str, ...], heed: Callable[[str], object], shielded: bool = False) -> Ended:
    """Runs a command or a deed; what it says is shown.

    Args:
        words: the program, script of ours, or deed first.
        heed: gets each line of stdout at once, so that a job is known even if it is interrupted.
        shielded: from the terminal's Ctrl-C.
    """
    name, *rest = words
    try:
        if name in DEEDS:
            return Ended(0, DEEDS[name](*rest))
        return spawn(words, heed, shielded)
    except JobError as error:
        return Ended(error.exit_code, str(error))
    except Exception as error:  # what follows, and the clean-up above all, is not to be left out
        return Ended(1, f"{type(error).__name__}: {error}")


def spawn(words: tuple[str, ...], heed: Callable[[str], object], shielded: bool) -> Ended:
    """Runs a command as a process, from the root of the sources; see `run`."""
    command = [sys.executable, "-u", *words] if words[0].endswith(".py") else list(words)
    pipes: dict[str, Any] = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    child = subprocess.Popen(command, cwd=ROOT, text=True, **pipes, start_new_session=shielded)
    errors: list[str] = []
    reader = threading.Thread(target=_echo, args=(child.stderr, sys.stderr, errors.append))
    reader.start()
    try:
        _echo(child.stdout, sys.stdout, heed)
    except BaseException:
        child.terminate()  # of a Ctrl-C it may know already, and is deaf to the next for a while
        _echo(child.stdout, sys.stdout, heed)
        raise
    finally:
        reader.join()
        code = child.wait()
    return Ended(code, next((line for line in reversed(errors) if line), "") if code else "")


def _echo(source: IO[str] | None, target: IO[str], heed: Callable[[str], object]) -> None:
    for line in source or ():
        print(line, end="", file=target, flush=True)
        heed(line.rstrip("\n"))


def upload(source: str, uri: str) -> str:
    """Uploads a file, or a folder as a zip."""
    bucket, key = split_uri(uri)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(source)
        if path.is_dir():
            path = Path(folder) / "blogs.zip"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
                for blog in sorted(Path(source).glob("*.xml")):
                    zipped.write(blog, blog.name)
        with aws_errors(uri):
            make_client().upload_file(str(path), bucket, key)
        return f"{path.stat().st_size:,} bytes"


def committer(uri: str) -> str:
    """What the driver's log says of committers.

    Raises:
        ObjectNotFoundError: there is no such log, or it says nothing.
    """
    bucket, key = split_uri(uri)
    with aws_errors(uri):
        data = make_client().get_object(Bucket=bucket, Key=key)["Body"].read()
    text = gzip.decompress(data).decode(errors="replace")
    lines = dict.fromkeys(line[:SHOWN_CHARACTERS] for line in COMMITTER.findall(text))
    if not lines:
        raise ObjectNotFoundError(f"{uri} names no committer")
    return "; ".join(list(lines)[:SHOWN_LINES])


def await_deletion(name: str) -> str:
    """Waits until somebody else has deleted an endpoint.

    Raises:
        EndpointFailedError: nobody does.
    """
    begun = time.monotonic()
    while time.monotonic() < begun + PATIENCE_SECONDS:
        try:
            Endpoint(name).status()
        except ObjectNotFoundError:
            return "deleted by its schedule"
        time.sleep(POLL_SECONDS)
    raise EndpointFailedError(f"endpoint {name} is still there")


def stop_application(application_id: str) -> str:
    """Ends all runs of an application, and the application, as it can't be deleted before.

    Raises:
        AwsError: AWS refuses, or it does not end.
    """
    client, place = make_service_client("emr-serverless"), f"application {application_id}"
    key, begun = {"applicationId": application_id}, time.monotonic()
    with aws_errors(place):
        while time.monotonic() < begun + PATIENCE_SECONDS:
            runs = client.list_job_runs(**key, states=list(ACTIVE))["jobRuns"]
            for each in runs:
                ServerlessRun(client, application_id, each["id"]).cancel()
            state = client.get_application(**key)["application"]["state"]
            if not runs and state in ("CREATED", "STOPPED", "TERMINATED"):
                return str(state)
            if not runs and state == "STARTED":
                client.stop_application(**key)
            time.sleep(POLL_SECONDS)
    raise AwsError(f"{place} does not stop")


def empty_bucket(bucket: str) -> str:
    """Deletes all objects, old versions and delete markers of a bucket.

    Raises:
        AwsError: S3 refuses, be it a single key.
    """
    client, count = make_client(), 0
    with aws_errors(f"s3://{bucket}"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            listed: list[Any] = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            keys: Any = [{name: each[name] for name in ("Key", "VersionId")} for each in listed]
            if not keys:
                continue
            answer = client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            for failure in answer.get("Errors", ()):
                raise AwsError(f"s3://{bucket}/{failure['Key']}: {failure['Message']}")
            count += len(keys)
    return f"{count} versions"


def empty_repository(name: str) -> str:
    """Deletes all images of a repository."""
    client = make_service_client("ecr")
    with aws_errors(f"repository {name}"):
        pages = client.get_paginator("list_images").paginate(repositoryName=name)
        images = [image for page in pages for image in page["imageIds"]]
        if images:
            client.batch_delete_image(repositoryName=name, imageIds=images)
    return f"{len(images)} images"


def docker_login(repository: str) -> str:
    """Logs docker in to the registry of a repository.

    Raises:
        AwsError: ECR or docker refuses.
    """
    registry = repository.partition("/")[0]
    with aws_errors(registry):
        [answer] = make_service_client("ecr").get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(answer["authorizationToken"]).decode().partition(":")
    command = ["docker", "login", "--username", user, "--password-stdin", registry]
    ran = subprocess.run(command, input=password, text=True, capture_output=True, check=False)
    if ran.returncode:
        raise AwsError(f"docker login: {ran.stderr.strip()}")
    return registry


DEEDS: dict[str, Callable[..., str]] = {
    "upload": upload,
    "committer": committer,
    "await-deletion": await_deletion,
    "stop-application": stop_application,
    "empty-bucket": empty_bucket,
    "empty-repository": empty_repository,
    "docker-login": docker_login,
}
