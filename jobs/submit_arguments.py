"""The command line of `submit.py`, and what it comes to: a build, its code, the machines."""

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from aws import launch
from aws.build_job import NAME, TAGS, TIMEOUT_MINUTES, BuildJob, Source
from aws.processing import Cluster
from commandline.argument_types import pair, path, positive, s3_uri
from commandline.running import EPILOG, CommandParser
from jobs import build_corpus
from storage.errors import RequestError
from storage.locations import is_s3
from storage.s3_client import SSE_ALGORITHMS, S3Options

DIST = Path(__file__).resolve().parents[1] / "dist"


def parse(words: list[str], doc: str) -> argparse.Namespace:
    """The command line; argparse exits with 2 where it, or the build's part of it, is wrong.

    Args:
        words: of the command line.
        doc: the command's description, an empty line, and its usage.
    """
    parser = make_parser(doc.splitlines())
    place = words.index("--") if "--" in words else len(words)
    given, build = parser.parse_args(words[:place]), words[place + 1 :]
    given.build = tuple(build)
    if given.command in (launch.EMR, launch.PROCESSING):
        options = build_corpus.parse(build)
        given.input, given.output = options.input, str(options.output)
        for name, uri in (("--input", given.input), ("--output", given.output)):
            if not is_s3(uri):
                parser.error(f"{name} {uri} is not on S3, and the cluster reaches nothing else")
    return given


def make_parser(doc: list[str]) -> argparse.ArgumentParser:
    """The command line, less what stands behind `--`."""
    parser = CommandParser(
        prog="submit", description=doc[0], usage="\n       ".join(doc[2:]), epilog=EPILOG
    )
    commands = parser.add_subparsers(dest="command", required=True, prog="submit")
    serverless = commands.add_parser(
        launch.EMR, help="run the build on an EMR Serverless application"
    )
    _add_build(serverless)
    add = serverless.add_argument
    add("--application-id", required=True)
    add("--logs", type=s3_uri, help="S3 prefix; default: logs/ under --code")
    add("--no-environment", action="store_true", help="the application's image has the packages")
    processing = commands.add_parser(
        launch.PROCESSING, help="run the build as a SageMaker Processing job"
    )
    _add_build(processing)
    _add_cluster(processing)
    upload = commands.add_parser("upload", help="upload dist/, and note where it is in latest.json")
    _add_source(upload)
    upload.add_argument(
        "--training-image", metavar="URI", help="of BlazingText; default: the region's"
    )
    for name in ("follow", "cancel"):
        command = commands.add_parser(name, help=f"{name} a job that was started before")
        command.add_argument("job", help="as printed when it was started")
    return parser


def build_job(given: argparse.Namespace) -> BuildJob:
    """The build that was asked for."""
    tags, conf = TAGS | dict(given.tag), dict(given.conf)
    return BuildJob(given.build, given.role, given.name, conf, given.timeout_minutes, tags)


def code_source(given: argparse.Namespace) -> Source:
    """Where its code is and goes.

    Raises:
        RequestError: encryption that does not go together.
    """
    try:
        options = S3Options(sse=given.sse, kms_key_id=given.kms_key_id)
    except ValueError as error:
        raise RequestError(str(error)) from None
    return Source(given.dist, given.code, options)


def cluster(given: argparse.Namespace) -> Cluster:
    """The machines that it runs on.

    Raises:
        RequestError: half a VPC.
    """
    options: dict[str, Any] = {field.name: getattr(given, field.name) for field in fields(Cluster)}
    several = {name: tuple(options[name]) for name in ("subnets", "security_groups")}
    return Cluster(**options | several)


def _add_build(parser: argparse.ArgumentParser) -> None:
    _add_source(parser)
    add = parser.add_argument
    add("--role", required=True, metavar="ARN", help="IAM role that the job runs as")
    add("--name", default=NAME, help=f"default: {NAME}")
    add("--conf", action="append", default=[], type=pair, metavar="KEY=VALUE", help="of Spark")
    add("--tag", action="append", default=[], type=pair, metavar="KEY=VALUE", help="of the job")
    add("--timeout-minutes", type=positive, default=TIMEOUT_MINUTES, metavar="N")
    add("--detach", action="store_true", help="do not wait")


def _add_source(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--code", required=True, type=s3_uri, metavar="S3", help="prefix to upload dist/ to")
    add("--dist", type=path, default=DIST, help="made by make package; default: dist")
    add("--sse", choices=SSE_ALGORITHMS, help="encryption of what is uploaded")
    add("--kms-key-id", help="for --sse aws:kms")


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    """Options named as the fields of `Cluster`."""
    add = parser.add_argument
    add("--image", required=True, help="made by deploy/Dockerfile")
    add("--instance-type", default=Cluster.instance_type)
    add("--instances", type=positive, default=Cluster.instances)
    add("--volume-gb", type=positive, default=Cluster.volume_gb)
    key = "key for the machines' disks"
    add("--volume-kms-key", dest="volume_kms_key_id", metavar="ID", help=key)
    for name, dest in (("--subnet", "subnets"), ("--security-group", "security_groups")):
        vpc = "of the VPC to run in; may be repeated"
        add(name, dest=dest, action="append", default=[], metavar="ID", help=vpc)
    add("--encrypt-traffic", action="store_true", help="between the machines")
