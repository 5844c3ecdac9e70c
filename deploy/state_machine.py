"""Prints the chain as a state machine for AWS Step Functions: build, check, train.

Names, ARNs and the place of the code come from the stack and from what `submit.py upload` noted.
Options of the build stand behind `--`.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from aws.build_job import NAME, TAGS, BuildJob, Code, pointer_uri, read_pointer
from aws.stack import Stack
from blazingtext.account import image_uri
from blazingtext.requests.settings import JobSettings
from commandline.argument_types import pair, s3_uri
from commandline.hyperparameter_options import add_hyperparameters, take_hyperparameters
from commandline.running import EPILOG, CommandParser, run_command
from jobs import build_corpus
from orchestration.state_machine import state_machine
from storage.errors import RequestError
from storage.locations import split_uri
from storage.ranges import read_object
from storage.s3_client import make_client

NEEDED = ("BucketName", "BuildRoleArn", "RoleArn", "ApplicationId")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the definition; the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    place = words.index("--") if "--" in words else len(words)
    given = make_parser().parse_args(words[:place])
    return run_command("state_machine", lambda: show(given, words[place + 1 :]))


def show(given: argparse.Namespace, options: list[str]) -> None:
    """The definition, as create-state-machine takes it.

    Raises:
        RequestError: there is no stack; or what AWS or BlazingText would refuse.
        AwsError: the stack or the code's place can't be read.
    """
    chosen, stack = take_hyperparameters(given), Stack(given.stack)
    outputs = stack.outputs()
    if absent := [name for name in NEEDED if name not in outputs]:
        raise RequestError(f"{stack.handle} has no {', '.join(absent)}: jobs/setup_aws.py makes it")
    root = f"s3://{outputs['BucketName']}"
    arguments = ("--input", given.input or f"{root}/input/blogs.zip", *options)
    build_corpus.parse([*arguments, "--output", root])
    code, image = read_code(f"{root}/code")
    tags = TAGS | dict(given.tags)
    machines = JobSettings(
        role_arn=outputs["RoleArn"],
        output_path=f"{root}/models",
        image=image or image_uri(stack.region),
        kms_key_id=outputs.get("KmsKeyArn"),
        tags=tags,
    )
    build = BuildJob(arguments, outputs["BuildRoleArn"], tags=tags)
    application, logs = outputs["ApplicationId"], f"{root}/code/logs/"
    made = state_machine(build, code, application, logs, root, chosen, machines)
    print(json.dumps(made, indent=2))


def read_code(prefix: str) -> tuple[Code, str | None]:
    """Where the code is that was uploaded last, and BlazingText's image, if that was noted.

    Raises:
        AwsError: nothing was uploaded, or it can't be read.
    """
    pointer = pointer_uri(prefix)
    return read_pointer(read_object(make_client(), *split_uri(pointer)), pointer)


def make_parser() -> argparse.ArgumentParser:
    """The command line, less what stands behind `--`."""
    parser = CommandParser(prog="state_machine", description=__doc__.splitlines()[0], epilog=EPILOG)
    add = parser.add_argument
    add("--stack", default=NAME, metavar="NAME", help=f"default: {NAME}")
    add("--input", type=s3_uri, metavar="S3", help="default: input/blogs.zip in the stack's bucket")
    add("--tag", dest="tags", action="append", default=[], type=pair, metavar="KEY=VALUE")
    add_hyperparameters(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
