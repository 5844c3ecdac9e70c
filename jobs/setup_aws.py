"""Makes what the jobs need in an AWS account, as a stack: bucket, roles, permissions, application.

The same again brings the stack up to date; what is not given stays as it is. --dry-run shows what
would change and changes nothing, --destroy deletes the stack.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aws.build_job import NAME
from aws.stack import Stack
from commandline.argument_types import pair
from commandline.running import EPILOG, CommandParser, confirm, run_command
from commandline.s3_options import tag

EXPORTS = {
    "BUCKET": "BucketName",
    "ROLE": "RoleArn",
    "BUILD_ROLE": "BuildRoleArn",
    "SCHEDULER_ROLE": "SchedulerRoleArn",
    "STATES_ROLE": "StateMachineRoleArn",
    "APPLICATION": "ApplicationId",
    "REPOSITORY": "RepositoryUri",
    "KMS_KEY": "KmsKeyArn",
    "CALLER_POLICY": "CallerPolicyArn",
    "IMAGE_POLICY": "ImagePolicyArn",
}
"""Variable → output of the stack."""

HINTS = """
# aws iam attach-user-policy --policy-arn "$CALLER_POLICY" --user-name NAME
# aws s3 cp blogs.zip "s3://$BUCKET/input/blogs.zip"
# python jobs/submit.py emr-serverless --application-id "$APPLICATION" --role "$BUILD_ROLE" \
--code "s3://$BUCKET/code" -- --input "s3://$BUCKET/input/blogs.zip" --output "s3://$BUCKET/corpus"
# python jobs/train_embeddings.py --backend sagemaker --role "$ROLE" --output build/run \
--corpus "s3://$BUCKET/corpus" ${KMS_KEY:+--output-key "$KMS_KEY"}"""
"""Commands for who has read the variables above them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Sets up or destroys; the exit code."""
    given = make_parser().parse_args(arguments)
    action = destroy if given.destroy else set_up
    name = shlex.quote(given.stack)
    shown = f"aws cloudformation describe-stack-events --stack-name {name} shows it"
    goes_on = f"what CloudFormation has begun goes on, the same command waits for it, {shown}"
    return run_command("setup_aws", lambda: action(Stack(given.stack), given), goes_on)


def set_up(stack: Stack, given: argparse.Namespace) -> None:
    """Deploys the template, or shows what that would change; prints what the jobs are told."""
    changes = stack.deploy(parameters(given), dict(given.tags), given.dry_run)
    if changes is None:
        print("nothing to do")
    elif given.dry_run:
        print(*(changes or ["outputs or tags only"]), sep="\n")
    if not given.dry_run:
        outputs = stack.outputs()
        values = {name: outputs[key] for name, key in EXPORTS.items() if key in outputs}
        print(f"export AWS_REGION={stack.region}")
        print(*(f"export {name}={value}" for name, value in values.items()), HINTS, sep="\n")


def destroy(stack: Stack, given: argparse.Namespace) -> None:
    """Deletes the stack, if the user says yes."""
    contents = stack.contents()
    if contents is None:
        print("nothing to do")
        return
    for kind, name in contents:
        ends = f"aws kms schedule-key-deletion --key-id {name} --region {stack.region}"
        fate = f"stays, {ends} ends it"
        print(f"{kind} {name}: {fate if kind == 'AWS::KMS::Key' else 'will be removed'}")
    if not given.dry_run:
        if not given.yes:
            without = "--destroy asks on a terminal, and there is none; --yes is an answer"
            confirm("Remove these?", without, "nothing was removed")
        stack.destroy()
        print(f"removed {stack.handle}")


def parameters(given: argparse.Namespace) -> dict[str, str]:
    """The template's parameters that are given; their options store them by their own names."""
    values = {key: value for key, value in vars(given).items() if key[0].isupper()}
    values |= dict(given.parameters)
    if given.RoleName is not None:  # the stack may know another role, or key, from the last time
        values["ExistingRoleArn"] = ""
    if given.CreateKmsKey is not None:
        values["KmsKeyArn"] = ""
    return {key: str(value) for key, value in values.items() if value is not None}


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = CommandParser(prog="setup_aws", description=__doc__, epilog=EPILOG)
    add, text = parser.add_argument, "of all that is made; may be repeated"
    add("--bucket", dest="BucketName", metavar="NAME", help="to be made, for all that jobs store")
    add("--stack", default=NAME, metavar="NAME", help=f"default: {NAME}")
    add("--dry-run", action="store_true", help="show what would change, and change nothing")
    add("--destroy", action="store_true", help="delete the stack, unless its bucket holds objects")
    add("--yes", action="store_true", help="do not ask before --destroy")
    add("--tag", dest="tags", action="append", default=[], type=tag, metavar="KEY=VALUE", help=text)
    text = "one more of the bucket's that the jobs may read and write"
    add("--extra-prefix", dest="ExtraPrefix", metavar="PREFIX", help=text)
    text = "of the template, by its name there; may be repeated"
    option: dict[str, Any] = {"dest": "parameters", "action": "append", "default": []}
    add("--parameter", **option, type=pair, metavar="NAME=VALUE", help=text)
    add("--kms-alias", dest="KmsAlias", metavar="ALIAS", help=f"default: alias/{NAME}")
    add = parser.add_mutually_exclusive_group().add_argument
    add("--role", dest="ExistingRoleArn", metavar="ARN", help="that is there; none is made")
    add("--role-name", dest="RoleName", metavar="NAME", help=f"default: {NAME}")
    add = parser.add_mutually_exclusive_group().add_argument
    add("--kms-key", dest="KmsKeyArn", metavar="ARN", help="that is there; none is made")
    text = "encrypt by a new key; default: by S3's own"
    add("--create-kms-key", dest="CreateKmsKey", action="store_const", const="true", help=text)
    return parser


if __name__ == "__main__":
    sys.exit(main())
