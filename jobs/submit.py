"""Sends a build to EMR Serverless or SageMaker Processing, waits, and ends with its exit code.

python jobs/submit.py emr-serverless|processing OPTIONS -- OPTIONS OF build_corpus.py
python jobs/submit.py upload --code S3
python jobs/submit.py follow|cancel JOB
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from commandline.process import prepare_process

    prepare_process("no job was started")

from aws import launch, role_paths
from aws.build_job import pointer_uri
from aws.remote_runs import attend
from blazingtext.account import image_uri, region
from commandline.running import run_command
from jobs.submit_arguments import build_job, cluster, code_source, parse
from storage.errors import AwsError
from storage.locations import split_uri
from storage.printable import printable


def main(arguments: Sequence[str] | None = None) -> int:
    """Starts, follows or cancels a job; the exit code."""
    given = parse(list(sys.argv[1:] if arguments is None else arguments), __doc__ or "")
    return run_command("submit", lambda: ACTIONS[given.command](given), "no job was started")


def start_serverless(given: argparse.Namespace) -> None:
    """Runs the build on EMR Serverless."""
    request = launch.Serverless(given.application_id, given.logs, not given.no_environment)
    warn(given, request.log_prefix(given.code))
    run = launch.serverless(build_job(given), code_source(given), request)
    attend(run, given.detach)


def start_processing(given: argparse.Namespace) -> None:
    """Runs the build on SageMaker Processing."""
    warn(given)
    run = launch.processing_job(build_job(given), code_source(given), cluster(given))
    attend(run, given.detach)


def warn(given: argparse.Namespace, logs: str | None = None) -> None:
    """Says, before anything is paid, which paths the stack's role does not reach."""
    bucket, _ = split_uri(given.code)
    read, written = {"--code": given.code, "--input": given.input}, {"--output": given.output}
    for line in role_paths.warnings(bucket, read, written, logs):
        print(printable(f"submit: warning: {line}"), file=sys.stderr)


def upload(given: argparse.Namespace) -> None:
    """Uploads dist/ for jobs that others start, such as the Airflow DAG; prints where it is."""
    image = given.training_image or _training_image()
    code = code_source(given).publish(image)
    uris = {**asdict(code), "training_image": image, "pointer": pointer_uri(given.code)}
    for name, uri in uris.items():
        print(f"{name:<15} {uri or '-'}")


def follow(given: argparse.Namespace) -> None:
    """Waits for a job that was started before."""
    attend(launch.find_run(given.job), detach=False)


def cancel(given: argparse.Namespace) -> None:
    """Asks AWS to end a job."""
    launch.find_run(given.job).cancel()
    print(f"asked to end {given.job}")


def _training_image() -> str | None:
    """BlazingText's image in the region, where the sagemaker package and a region say which."""
    try:
        return image_uri(region())
    except AwsError as error:
        print(printable(f"submit: no training image is noted: {error}"), file=sys.stderr)
        return None


ACTIONS = {
    launch.EMR: start_serverless,
    launch.PROCESSING: start_processing,
    "upload": upload,
    "follow": follow,
    "cancel": cancel,
}

if __name__ == "__main__":
    sys.exit(main())
