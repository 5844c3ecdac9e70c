"""The options of a training on SageMaker, for the jobs that start one."""

import argparse
from collections.abc import Mapping
from typing import Any

from blazingtext.job_name import BASE_NAME
from blazingtext.machines import SPOT_WAIT_SECONDS, TAGS, Machines
from commandline.argument_types import dollars, pair, positive, s3_uri

MACHINE_OPTIONS: dict[str, str] = {
    "instance_type": "instance_type",
    "instance_count": "instance_count",
    "volume_gb": "volume_gb",
    "max_run": "max_run_seconds",
    "max_wait": "max_wait_seconds",
    "spot": "spot",
    "checkpoints": "checkpoint_uri",
    "output_key": "kms_key_id",
    "volume_key": "volume_kms_key_id",
    "network_isolation": "network_isolation",
    "encrypt_traffic": "encrypt_traffic",
}
"""Option → field of `Machines` that it sets; lists and tags beside."""

OTHER_OPTIONS = ("role", "image", "output_path", "bucket", "base_job_name", "subnet", "job_tags")
PRICE_OPTIONS = ("price_per_hour", "max_cost", "yes", "no_preflight")
COURSE_OPTIONS = ("detach", "attach", "stop")
OPTIONS = (*MACHINE_OPTIONS, *OTHER_OPTIONS, "security_group", *PRICE_OPTIONS, *COURSE_OPTIONS)
"""Names of all of them among the parsed arguments; None or empty where not given."""


def add_sagemaker_options(parser: argparse.ArgumentParser, base_name: str = BASE_NAME) -> None:
    """Adds them all; none has a value unless it is given.

    Args:
        parser: of a job that starts a training, or many.
        base_name: what jobs are called if nobody says.
    """
    add = parser.add_argument_group(
        "with --backend sagemaker", "defaults are the reference run's; times in seconds"
    ).add_argument
    flag: dict[str, Any] = {"action": "store_const", "const": True}
    add("--role", metavar="ARN", help="of the job; default: the account's blazing-corpus")
    add("--output-path", type=s3_uri, metavar="S3", help="default: models/blazingtext, same bucket")
    add("--bucket", help="for a corpus that is a local file; default: that of --output-path")
    add("--image", metavar="URI", help="default: BlazingText's in the region")
    add("--base-job-name", metavar="NAME", help=f"default: {base_name}")
    add("--instance-type", metavar="TYPE", help=f"default: {Machines.instance_type}")
    add("--instance-count", type=positive, metavar="N", help="several in batch_skipgram only")
    add("--volume-gb", type=positive, metavar="N", help=f"default: {Machines.volume_gb}")
    add("--max-run", type=positive, metavar="N", help=f"default: {Machines.max_run_seconds}")
    add("--spot", **flag, help=f"spare capacity; then --max-run is {SPOT_WAIT_SECONDS} at most")
    add("--max-wait", type=positive, metavar="N", help="with --spot; default: as --max-run")
    add("--checkpoints", type=s3_uri, metavar="S3", help="with an --image that writes them")
    add("--output-key", metavar="ID", help="KMS key for the model; default: the bucket's")
    add("--volume-key", metavar="ID", help="KMS key for the machines' disks")
    add("--subnet", action="append", metavar="ID", help="of a VPC; may be repeated")
    add("--security-group", action="append", metavar="ID", help="of a VPC; may be repeated")
    add("--network-isolation", **flag, help="no connections from inside the container")
    add("--encrypt-traffic", **flag, help="between several machines")
    add("--job-tag", action="append", dest="job_tags", type=pair, metavar="KEY=VALUE")
    add("--price-per-hour", type=dollars, metavar="DOLLARS", help="of one machine")
    add("--max-cost", type=dollars, metavar="DOLLARS", help="refuse if the estimate is more")
    add("--yes", **flag, help="do not ask whether to start")
    add("--no-preflight", **flag, help="start whatever the corpus is like")
    course = parser.add_mutually_exclusive_group()
    course.add_argument("--wait", action="store_true", help="for the job's end; the default")
    course.add_argument("--detach", **flag, help="do not wait")
    course.add_argument("--attach", metavar="JOB", help="wait for a job that runs, or has ended")
    course.add_argument("--stop", metavar="JOB", help="end a job")


def given_options(given: argparse.Namespace) -> list[str]:
    """Spellings of those that were given."""
    return [f"--{name.replace('_', '-')}" for name in OPTIONS if getattr(given, name) is not None]


def machines_of(given: argparse.Namespace, role: str, output_path: str, image: str) -> Machines:
    """What the options describe; nothing is checked here."""
    values = {
        field: getattr(given, name)
        for name, field in MACHINE_OPTIONS.items()
        if getattr(given, name) is not None
    }
    return Machines(
        role,
        output_path,
        image,
        subnets=tuple(given.subnet or ()),
        security_groups=tuple(given.security_group or ()),
        tags=TAGS | dict(given.job_tags or ()),
        **_with_spot_times(values),
    )


def _with_spot_times(values: Mapping[str, Any]) -> dict[str, Any]:
    """With spot, limits that SageMaker allows; those that the user gave stay."""
    if not values.get("spot"):
        return dict(values)
    limits = {"max_run_seconds": SPOT_WAIT_SECONDS} | dict(values)
    return {"max_wait_seconds": limits["max_run_seconds"]} | limits
