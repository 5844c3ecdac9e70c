"""Sends a build to EMR Serverless or SageMaker Processing, waits, and ends with its exit code.

submit.py emr-serverless|processing OPTIONS -- OPTIONS OF build_corpus.py
submit.py upload --code S3
submit.py follow|cancel JOB
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aws import launch, services
from aws.code_pointer import pointer_uri
from aws.job import NAME, TIMEOUT_MINUTES, BuildJob
from aws.processing import Cluster
from aws.runs import DetachedError, attend
from blazingtext.account import region
from blazingtext.image import image_uri
from commandline.argument_types import pair, positive, s3_uri
from commandline.running import EPILOG
from jobs import build_corpus
from storage import errors
from storage.locations import is_s3
from storage.s3_client import SSE_ALGORITHMS, S3Options

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Starts, follows or cancels a job; the exit code."""
    given = parse(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        given.action(given)
    except errors.JobError as error:
        print(f"submit: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("submit: interrupted, before a job was started", file=sys.stderr)
        return errors.INTERRUPTED
    except DetachedError as error:
        print(f"\nsubmit: {error}", file=sys.stderr)
        return errors.INTERRUPTED
    return errors.DONE


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse exits with 2 where it, or the build's part of it, is wrong."""
    parser = make_parser()
    words = list(sys.argv[1:] if arguments is None else arguments)
    place = words.index("--") if "--" in words else len(words)
    given, build = parser.parse_args(words[:place]), words[place + 1 :]
    given.build = tuple(build)
    if given.command in (services.EMR, services.PROCESSING):
        options = build_corpus.parse(build)
        for name, uri in (("--input", options.input), ("--output", str(options.output))):
            if not is_s3(uri):
                parser.error(f"{name} {uri} is not on S3, and the cluster reaches nothing else")
    return given


def start_serverless(given: argparse.Namespace) -> None:
    """Runs the build on EMR Serverless."""
    request = launch.Serverless(given.application_id, given.logs, not given.no_environment)
    attend(launch.serverless(_job(given), _source(given), request), given.detach)


def start_processing(given: argparse.Namespace) -> None:
    """Runs the build on SageMaker Processing."""
    cluster = Cluster(
        given.image,
        given.instance_type,
        given.instances,
        given.volume_gb,
        given.volume_kms_key,
        tuple(given.subnet),
        tuple(given.security_group),
        given.encrypt_traffic,
    )
    attend(launch.processing_job(_job(given), _source(given), cluster), given.detach)


def upload(given: argparse.Namespace) -> None:
    """Uploads dist/ for jobs that others start, such as the Airflow DAG; prints where it is."""
    image = given.training_image or _training_image()
    code = launch.publish_code(_source(given), image)
    uris = {**asdict(code), "training_image": image, "pointer": pointer_uri(given.code)}
    for name, uri in uris.items():
        print(f"{name:<15} {uri or '-'}")


def follow(given: argparse.Namespace) -> None:
    """Waits for a job that was started before."""
    attend(services.find_run(given.job), detach=False)


def cancel(given: argparse.Namespace) -> None:
    """Asks AWS to end a job."""
    services.find_run(given.job).cancel()
    print(f"asked to end {given.job}")


def make_parser() -> argparse.ArgumentParser:
    """The command line, less what stands behind `--`."""
    lines = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(
        prog="submit", description=lines[0], usage="\n       ".join(lines[2:]), epilog=EPILOG
    )
    commands = parser.add_subparsers(dest="command", required=True, prog="submit")
    add = commands.add_parser
    serverless = add(services.EMR, help="run the build on an EMR Serverless application")
    _add_common(serverless, start_serverless)
    serverless.add_argument("--application-id", required=True)
    serverless.add_argument("--logs", type=s3_uri, help="S3 prefix; default: logs/ under --code")
    serverless.add_argument(
        "--no-environment", action="store_true", help="the application's image has the packages"
    )
    sagemaker = add(services.PROCESSING, help="run the build as a SageMaker Processing job")
    _add_common(sagemaker, start_processing)
    sagemaker.add_argument("--image", required=True, help="made by deploy/Dockerfile")
    sagemaker.add_argument("--instance-type", default=Cluster.instance_type)
    sagemaker.add_argument("--instances", type=positive, default=Cluster.instances)
    sagemaker.add_argument("--volume-gb", type=positive, default=Cluster.volume_gb)
    sagemaker.add_argument("--volume-kms-key", metavar="ID", help="key for the machines' disks")
    vpc = "of the VPC to run in; may be repeated"
    sagemaker.add_argument("--subnet", action="append", default=[], metavar="ID", help=vpc)
    sagemaker.add_argument("--security-group", action="append", default=[], metavar="ID", help=vpc)
    sagemaker.add_argument("--encrypt-traffic", action="store_true", help="between the machines")
    uploaded = add("upload", help="upload dist/, and note where it is in latest.json")
    _add_source(uploaded, upload)
    uploaded.add_argument(
        "--training-image", metavar="URI", help="of BlazingText; default: the region's"
    )
    for name, action in (("follow", follow), ("cancel", cancel)):
        command = add(name, help=f"{name} a job that was started before")
        command.add_argument("job", help="as printed when it was started")
        command.set_defaults(action=action)
    return parser


def _add_common(
    parser: argparse.ArgumentParser, action: Callable[[argparse.Namespace], None]
) -> None:
    _add_source(parser, action)
    add = parser.add_argument
    add("--role", required=True, metavar="ARN", help="IAM role that the job runs as")
    add("--name", default=NAME, help=f"default: {NAME}")
    add("--conf", action="append", default=[], type=pair, metavar="KEY=VALUE", help="of Spark")
    add("--tag", action="append", default=[], type=pair, metavar="KEY=VALUE", help="of the job")
    add("--timeout-minutes", type=positive, default=TIMEOUT_MINUTES, metavar="N")
    add("--detach", action="store_true", help="do not wait")


def _add_source(
    parser: argparse.ArgumentParser, action: Callable[[argparse.Namespace], None]
) -> None:
    parser.set_defaults(action=action)
    add = parser.add_argument
    add("--code", required=True, type=s3_uri, metavar="S3", help="prefix to upload dist/ to")
    add("--dist", type=Path, default=ROOT / "dist", help="made by make package; default: dist")
    add("--sse", choices=SSE_ALGORITHMS, help="encryption of what is uploaded")
    add("--kms-key-id", help="for --sse aws:kms")


def _job(given: argparse.Namespace) -> BuildJob:
    return BuildJob(
        given.build,
        given.role,
        given.name,
        dict(given.conf),
        given.timeout_minutes,
        dict(given.tag),
    )


def _source(given: argparse.Namespace) -> launch.Source:
    try:
        options = S3Options(sse=given.sse, kms_key_id=given.kms_key_id)
    except ValueError as error:
        raise errors.RequestError(str(error)) from None
    return launch.Source(given.dist, given.code, options)


def _training_image() -> str | None:
    """BlazingText's image in the region, where the sagemaker package and a region say which."""
    try:
        return image_uri(region())
    except errors.JobError as error:
        print(f"submit: no training image is noted: {error}", file=sys.stderr)
        return None


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
