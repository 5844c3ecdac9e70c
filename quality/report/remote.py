"""Report and card of an output on S3: what they are made from is fetched, the two are put back."""

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from quality.report.files import DATA_DOCS, MANIFEST, METRICS, REPORT, TRACE, renew
from storage.aws_errors import aws_errors
from storage.errors import ObjectNotFoundError
from storage.locations import join_uri, split_uri
from storage.ranges import read_object
from storage.s3_client import S3Options, make_client

NEEDED = (MANIFEST, f"{REPORT}/{METRICS}")
WANTED = (f"{REPORT}/{TRACE}", f"{REPORT}/{DATA_DOCS}")
"""Shown or linked where they are there."""


def renew_remote(uri: str, s3: S3Options) -> Iterator[str]:
    """Makes report and card of an output anew; where each is, once it is there.

    Args:
        uri: of the output, `s3://bucket/prefix`.
        s3: how to reach S3, and how to store what is written.

    Raises:
        InputNotFoundError: manifest or metrics are broken, or of another format.
        AwsError: S3 said no, or they are not there.
    """
    client = make_client(s3)
    bucket, prefix = split_uri(uri.rstrip("/") + "/")
    with TemporaryDirectory(prefix="blazing-corpus-") as name:
        folder = Path(name)
        for entry in (*NEEDED, *WANTED):
            try:
                data = read_object(client, bucket, prefix + entry)
            except ObjectNotFoundError:
                if entry in NEEDED:
                    raise
                continue
            (folder / entry).parent.mkdir(parents=True, exist_ok=True)
            (folder / entry).write_bytes(data)
        for path in renew(folder):
            key = prefix + path.relative_to(folder).as_posix()
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            body, extra = path.read_bytes(), s3.publishing()
            with aws_errors(join_uri(bucket, key)):
                client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, **extra)
            yield join_uri(bucket, key)
