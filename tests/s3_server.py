"""A real S3 server on loopback: versitygw if tests/tools.sh could build it, else moto's."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = Path(__file__).resolve().parents[1]
VERSITYGW = ROOT / ".tools" / "bin" / "versitygw"
NAME = "versitygw" if VERSITYGW.exists() else "moto"
ACCESS_KEY, SECRET_KEY, REGION = "loopback", "loopback-secret", "us-east-1"
S3A_JARS = (
    *("org.apache.hadoop_hadoop-aws", "org.apache.spark_spark-hadoop-cloud"),
    *("software.amazon", "com.amazonaws", "org.wildfly.openssl"),
)
START_SECONDS = 60
TRIES = 5
"""Starts, should somebody else take the port between finding and using it."""

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}
"""What finds the server's credentials, and nobody else's."""


@dataclass(frozen=True)
class S3Server:
    """A running server.

    Attributes:
        url: its endpoint.
        client: of boto3, for it.
    """

    url: str
    client: "S3Client"

    def bucket(self, name: str) -> str:
        """A new bucket."""
        self.client.create_bucket(Bucket=name)
        return name

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """All keys below a prefix."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", ())]

    def read(self, bucket: str, key: str) -> bytes:
        """The bytes of an object."""
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def uploads(self, bucket: str) -> list[str]:
        """Keys of all multipart uploads that are neither completed nor aborted."""
        found = self.client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())
        return [one["Key"] for one in found]


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A server that keeps its objects in a folder, and ends with the block."""
    for left in reversed(range(TRIES)):
        port = free_port()
        server = subprocess.Popen(
            command(port, folder),
            env=os.environ | {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            if answers(server, port) or not left:
                url = f"http://127.0.0.1:{port}"
                yield S3Server(url, make_client(url))
                return
        finally:
            server.terminate()
            server.wait(timeout=30)


def command(port: int, folder: Path) -> list[str]:
    """What starts it."""
    if NAME == "versitygw":
        folder.mkdir(parents=True, exist_ok=True)
        return [str(VERSITYGW), "--quiet", "--port", f"127.0.0.1:{port}", "posix", str(folder)]
    return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]


def answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    """Whether it comes up."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    """A port of loopback that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_client(url: str) -> "S3Client":
    """A client that needs no environment."""
    import boto3

    return boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name=REGION,
    )


def upload_folder(server: S3Server, folder: Path, bucket: str, prefix: str) -> None:
    """All files of a folder as objects, by their base names."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        server.client.upload_file(str(path), bucket, f"{prefix}{path.name}")


def jars() -> list[Path]:
    """S3A and the AWS SDK for the Spark of this environment; none if they were not fetched.

    What else the packages depend on Spark has too, in versions that are not to be shadowed.
    """
    import pyspark

    folder = ROOT / ".tools" / f"jars-{pyspark.__version__[:3]}"
    return sorted(path for path in folder.glob("*.jar") if path.name.startswith(S3A_JARS))
