"""Makes what the jobs need in an AWS account, as far as it is missing: bucket, role, perhaps a key.

What is there is left as it is. --dry-run changes nothing, --destroy removes what was made.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aws.job import NAME
from aws.setup.calls import Clients, carry_out
from aws.setup.plan import connect, make_plan
from aws.setup.removal import plan_removal
from aws.setup.report import next_commands
from aws.setup.wanted import (
    KMS_ALIAS,
    READ_PREFIXES,
    ROLE,
    ROLE_ARN,
    WRITE_PREFIXES,
    Account,
    Wanted,
    check_names,
)
from commandline.running import EPILOG
from commandline.s3_options import tag
from storage.errors import DONE, INTERRUPTED, JobError, RequestError


def main(arguments: Sequence[str] | None = None) -> int:
    """Sets up or destroys; the exit code."""
    given = parse(arguments)
    try:
        clients, account = connect()
        (destroy if given.destroy else set_up)(clients, account, given)
    except JobError as error:
        print(f"setup_aws: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("setup_aws: interrupted; the same command goes on from there", file=sys.stderr)
        return INTERRUPTED
    return DONE


def set_up(clients: Clients, account: Account, given: argparse.Namespace) -> None:
    """Makes what is missing, or only says what that is."""
    alias = given.kms_alias if given.create_kms_key else None
    plan = make_plan(clients, _wanted(account, given), given.kms_key, alias)
    if given.dry_run:
        print(json.dumps(plan.to_json(), indent=2))
        return
    for line in plan.warnings:
        print(f"setup_aws: warning: {line}", file=sys.stderr)
    key = carry_out(clients, plan.steps, _say)
    if not plan.steps:
        print("nothing to do")
    print("", *next_commands(plan.wanted.with_key(key)), sep="\n")


def destroy(clients: Clients, account: Account, given: argparse.Namespace) -> None:
    """Removes what was made, if the user says yes."""
    plan = plan_removal(clients, account, given.bucket, given.role_name, given.kms_alias)
    if given.dry_run:
        print(json.dumps(plan.to_json(), indent=2))
        return
    for line in plan.left:
        print(f"left alone: {line}")
    if plan.steps and not given.yes:
        _ask([step.what for step in plan.steps])
    carry_out(clients, plan.steps, _say)
    if not plan.steps:
        print("nothing to do")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; argparse exits with 2 where it is wrong."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    given.prefixes = tuple(given.prefixes or WRITE_PREFIXES)
    given.read_prefixes = tuple(given.read_prefixes or READ_PREFIXES)
    given.tags = dict(given.tags)
    if given.destroy and (given.role or given.kms_key):
        parser.error("--destroy removes what was made, so --role and --kms-key do not go with it")
    try:
        check_names(
            given.bucket,
            given.read_prefixes + given.prefixes,
            given.role_name,
            given.kms_alias,
            given.tags,
        )
    except RequestError as error:
        parser.error(str(error))
    return given


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="setup_aws", description=__doc__, epilog=EPILOG)
    add = parser.add_argument
    add("--bucket", required=True, metavar="NAME", help="for all that the jobs read and write")
    add("--dry-run", action="store_true", help="print plan and policies as JSON, change nothing")
    add("--destroy", action="store_true", help="remove what was made, but no bucket with objects")
    add("--yes", action="store_true", help="do not ask before --destroy")
    add("--tag", **_list("tags", "KEY=VALUE"), type=tag, help="of all that is made")
    add("--prefix", **_list("prefixes"), help=f"the role may write; {_all(WRITE_PREFIXES)}")
    add("--read-prefix", **_list("read_prefixes"), help=f"it may read; {_all(READ_PREFIXES)}")
    roles = parser.add_mutually_exclusive_group()
    roles.add_argument("--role", type=_role, metavar="ARN", help="that is there; none is made")
    roles.add_argument("--role-name", default=NAME, metavar="NAME", help=f"default: {NAME}")
    keys = parser.add_mutually_exclusive_group()
    keys.add_argument("--kms-key", metavar="ID", help="that is there: ID, ARN or alias")
    keys.add_argument("--create-kms-key", action="store_true", help="if there is none of the alias")
    add("--kms-alias", default=KMS_ALIAS, metavar="ALIAS", help=f"default: {KMS_ALIAS}")
    return parser


def _wanted(account: Account, given: argparse.Namespace) -> Wanted:
    if given.role and given.role.count(":") and given.role.split(":")[4] != account.number:
        raise RequestError(f"--role {given.role} is not of account {account.number}")
    name = given.role.rpartition("/")[2] if given.role else given.role_name
    return Wanted(
        account,
        given.bucket,
        given.read_prefixes,
        given.prefixes,
        name,
        makes_role=not given.role,
        tags=given.tags,
    )


def _ask(things: list[str]) -> None:
    """Goes on only if somebody at a terminal says yes."""
    if not sys.stdin.isatty():
        raise RequestError("--destroy asks on a terminal, and there is none; --yes is an answer")
    for thing in things:
        print(f"will be removed: {thing}")
    try:
        answer = input("Remove these? [yes/no] ")
    except EOFError:
        answer = "no"
    if answer.strip().lower() != "yes":
        raise RequestError("nothing was removed")


def _say(line: str) -> None:
    print(line, flush=True)


def _list(name: str, metavar: str = "PREFIX") -> dict[str, Any]:
    return {"dest": name, "action": "append", "default": [], "metavar": metavar}


def _all(defaults: tuple[str, ...]) -> str:
    return f"may be repeated; default: {', '.join(defaults)}"


def _role(value: str) -> str:
    if not (ROLE_ARN.fullmatch(value) or ROLE.fullmatch(value)):
        raise argparse.ArgumentTypeError(f"{value} is neither the ARN nor the name of a role")
    return value


if __name__ == "__main__":
    sys.exit(main())
