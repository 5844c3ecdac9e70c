"""A run's record → S3: small files only, run.json last, the same again changes nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.run_record import RUN_FILE
from embeddings.runs import read_run
from embeddings.vectors_file import MODEL, SUBWORDS
from storage.aws_errors import aws_errors
from storage.errors import ObjectNotFoundError, OutputExistsError
from storage.locations import join_uri, split_uri
from storage.ranges import read_object
from storage.s3_client import S3Options, make_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_BYTES = 2**20
"""Of a file that goes along; maps may be larger, and stay where they are."""

STAY = (RUN_FILE, MODEL, SUBWORDS)
"""What does not go along: the record goes last, and vectors have a place of their own."""


def register(run: Path, place: str, overwrite: bool, options: S3Options) -> str:
    """Copies the run.json of a folder, and the small files beside it; the URI of run.json.

    Args:
        run: folder of the run.
        place: `s3://bucket/prefix` for its files.
        overwrite: whether another record there is replaced.
        options: how to write.

    Raises:
        InputNotFoundError, BadRunError: there is no run.
        OutputExistsError: there is another record.
        AwsError: S3 refused.
    """
    read_run(run)
    client = make_client(options)
    bucket, folder = split_uri(place)
    prefix = f"{folder.rstrip('/')}/"
    record = (run / RUN_FILE).read_bytes()
    there = _read(client, bucket, prefix + RUN_FILE)
    if there is not None and there != record and not overwrite:
        where = join_uri(bucket, prefix + RUN_FILE)
        raise OutputExistsError(f"{where} is another run: use --overwrite to replace it")
    for path in [*_beside(run), run / RUN_FILE]:
        with aws_errors(join_uri(bucket, prefix + path.name)):
            client.put_object(
                Bucket=bucket,
                Key=prefix + path.name,
                Body=path.read_bytes(),
                **options.publishing(),
            )
    return join_uri(bucket, prefix + RUN_FILE)


def _beside(run: Path) -> list[Path]:
    """Small files of the run's folder, hidden ones left out."""
    return [
        path
        for path in sorted(run.iterdir())
        if path.is_file()
        and not path.name.startswith(".")
        and path.name not in STAY
        and path.stat().st_size <= MAX_BYTES
    ]


def _read(client: "S3Client", bucket: str, key: str) -> bytes | None:
    try:
        return read_object(client, bucket, key)
    except ObjectNotFoundError:
        return None
