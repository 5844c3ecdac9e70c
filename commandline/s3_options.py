"""The options of S3, which every job that reads or writes there takes."""

import argparse
import re
from typing import Any

from storage.s3_client import SSE_ALGORITHMS, S3Options

S3_OPTIONS = tuple(S3Options.__dataclass_fields__)
URL = re.compile(r"https?://[^/?#@]+/?")
TAG = re.compile(r"([\w .:/+\-@]{1,128})=([\w .:/=+\-@]{0,256})")
"""Key and value, of the characters that all AWS services take ("Tag naming limits")."""

MOST_TAGS = 10
"""Tags that S3 allows an object."""


def add_s3_options(parser: argparse.ArgumentParser) -> None:
    """Adds them; their names are those of `S3Options`."""
    add = parser.add_argument_group(
        "S3", "credentials come from the environment, profile or role, as for the AWS CLI"
    ).add_argument
    add("--endpoint-url", type=_url, metavar="URL", help="of another S3 server than AWS")
    add("--path-style", action="store_true", help="bucket in the path, not in the host name")
    add("--requester-pays", action="store_true", help="accept the costs of reading")
    add("--sse", choices=SSE_ALGORITHMS, help="encryption; default: the bucket's")
    add("--kms-key-id", metavar="ID", help="key of --sse aws:kms")
    add(
        "--tag",
        action="append",
        dest="tags",
        default=[],
        type=tag,
        metavar="KEY=VALUE",
        help="of the published objects; may be repeated",
    )
    add("--storage-class", metavar="CLASS", help="of the published objects, such as STANDARD_IA")


def check_s3_options(parser: argparse.ArgumentParser, given: dict[str, Any]) -> S3Options:
    """The options that were given; argparse's error where they do not go together."""
    tags = tuple(given.pop("tags"))
    if len(tags) > MOST_TAGS or len(dict(tags)) < len(tags):
        parser.error(f"--tag: at most {MOST_TAGS}, each key once")
    try:
        return S3Options(tags=tags, **given)
    except ValueError as error:
        parser.error(str(error))


def _url(value: str) -> str:
    if not URL.fullmatch(value):
        raise argparse.ArgumentTypeError(f"{value} is not a URL such as https://host:port")
    return value


def tag(value: str) -> tuple[str, str]:
    """KEY=VALUE of an AWS tag."""
    match = TAG.fullmatch(value)
    if not match:
        raise argparse.ArgumentTypeError(f"{value} is not KEY=VALUE, of letters, digits, .:/+-@_")
    return match[1], match[2]
